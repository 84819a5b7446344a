"""The error tree: four families, each named for what the caller should do, and one module of leaves for each package.

Every leaf carries its facts as typed attributes. One template makes the message: what was found, what was needed and, if it helps, what
to do. Verification raises an error; it never returns a bool. HTTP status and exit codes are at the edges, in one table each.

    AeoLedgerError
    |-- Malformed     fix the input
    |-- Refused       a rule refuses it
    |-- Unproven      the evidence does not prove it: never default, never assume
    `-- Unavailable   something outside failed: retry

A leaf is written like this:

    class TooFewSeals(Unproven, wire="too-few-seals"):
        says = "{found} of {validators} validators sealed, {needed} needed"

        found: int
        ...

If the message does not say what to do, `advises` does, in one sentence for every error of the leaf. It is `advice` in `--json` and in
problems over HTTP, and one more line at a terminal.

`wire` is the name that other programs read. It stays the same when the class is renamed. A template shows bytes in hexadecimal and a
tuple with commas; `{names: or }` puts other words between. `{at:utc}` is a time, and `{on:day}` is a time that somebody entered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from inspect import get_annotations
from typing import Any, ClassVar, Final, dataclass_transform

ASK_ANOTHER: Final = "conclude nothing; ask again, and another gateway if it happens twice"
"""Advice for evidence that was damaged on its way, or made wrongly."""
UPDATE_TRUST: Final = "run `trust update`, which follows the validators by proof; if it fails too, conclude nothing and ask another gateway"
"""Advice for seals that are not by the pinned validators."""
UPDATE_AGAIN: Final = "trust is unchanged; run `trust update` again, from another gateway if it happens twice"
"""Advice for an update that is wrong."""
TAKE_AGAIN: Final = "do not use this snapshot; run `snapshot take` again"
"""Advice for a snapshot that is not complete."""
FETCH_AGAIN: Final = "fetch the chain of headers again, from another gateway; for kept evidence with `trust chain`"
"""Advice for a chain of headers that does not lead where it should."""


def show_utc(seconds: int) -> str:
    """Write a time of the ledger, UTC seconds, for people. It is here because messages need it, and no package is below this one."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s after 1970, which is no date"


def mean(found: str, known: tuple[str, ...]) -> str:
    """Say which known word differs from a word only in its capitals."""
    meant = next((word for word in known if word.casefold() == found.strip().casefold()), None)
    return "" if meant is None else f": write {meant}"


@dataclass_transform(eq_default=False)
class AeoLedgerError(Exception):
    """An error that this project raises on purpose; any other exception is a bug."""

    wire: ClassVar[str] = ""
    """The leaf's name in documents that other programs read; empty if the class is not a leaf."""
    says: ClassVar[str] = ""
    """Template of the message."""
    advises: ClassVar[str] = ""
    """What to do, if the message does not say it."""
    facts_of: ClassVar[Mapping[str, str]] = {}
    """Names of the facts, in order, with their types as the source writes them."""

    place = ""
    """The place in the input, as in `questions[3]`; empty if there is only one."""
    show_day: Callable[[int], str] = staticmethod(show_utc)
    """Writes a time that somebody entered, UTC seconds: in UTC, unless the code that catches the error sets a party's calendar."""
    said_by: str = ""
    """The source of an error that came from outside, such as a gateway with its URL; None if this process raised it."""

    def __init_subclass__(cls, *, wire: str = "") -> None:
        """Register a leaf's name and facts: first those of its base, then its own."""
        own = {name: kind for name, kind in get_annotations(cls).items() if "ClassVar" not in kind}
        cls.wire, cls.facts_of = wire, {**cls.facts_of, **own}

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take the facts, in order or by name."""
        super().__init__(*given)
        if not self.facts_of:
            if named:
                raise TypeError(f"{type(self).__name__} has no facts, found {', '.join(named)}")
            return
        facts = dict(zip(self.facts_of, given, strict=False)) | named
        missing = [name for name in self.facts_of if name not in facts and not hasattr(type(self), name)]
        if missing or len(facts) != len(given) + len(named) or not facts.keys() <= self.facts_of.keys():
            raise TypeError(f"{type(self).__name__} has the facts {', '.join(self.facts_of)}, found {given} {named}")
        vars(self).update(facts)

    def facts(self) -> dict[str, Any]:
        """Return the facts by name, in order."""
        return {name: getattr(self, name) for name in self.facts_of}

    def __str__(self) -> str:
        """Write the message, from the template and the facts."""
        return self.says.format_map(_Words(self)) if self.says else super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the error with its facts, which are attributes and not arguments."""
        return _restore, (type(self), self.args, vars(self))


def _restore(kind: type[AeoLedgerError], arguments: tuple[object, ...], facts: dict[str, object]) -> AeoLedgerError:
    error = kind.__new__(kind, *arguments)
    vars(error).update(facts)
    return error


class _Words:
    """An error's attributes, for a template."""

    def __init__(self, error: AeoLedgerError) -> None:
        self._error = error

    def __getitem__(self, name: str) -> _Word:
        return _Word(getattr(self._error, name), self._error.show_day)


class _Word:
    """One attribute, with the formats that templates use."""

    def __init__(self, value: Any, show_day: Callable[[int], str]) -> None:
        self._value, self._show_day = value, show_day

    def __repr__(self) -> str:
        return repr(self._value)

    def __format__(self, spec: str) -> str:
        if spec == "utc":
            return show_utc(self._value)
        if spec == "day":
            return self._show_day(self._value)
        if isinstance(self._value, bytes):
            return f"0x{self._value.hex()}"
        if isinstance(self._value, tuple):
            return (spec or ", ").join(self._value)
        return format(self._value, spec)


class Malformed(AeoLedgerError):
    """The input does not have the form that it claims: fix the input."""


class Refused(AeoLedgerError):
    """A rule refuses the input; the same input will be refused again."""


class Unproven(AeoLedgerError):
    """The evidence does not prove the claim: neither yes nor no may be concluded."""


class Unavailable(AeoLedgerError):
    """Something outside failed (a process, a disk, a clock, a peer): retry later."""


def name_of(error: AeoLedgerError) -> str:
    """Return the name of an error for programs, as in `TooFewSeals`: the leaf's name, or its class if it is not a leaf."""
    return "".join(part.title() for part in error.wire.split("-")) or type(error).__name__


def list_errors() -> Mapping[str, type[AeoLedgerError]]:
    """List every leaf by its `wire` name; this imports all modules of this package."""
    for room in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{room.name}")
    return {leaf.wire: leaf for leaf in _below(AeoLedgerError) if leaf.wire}


def _below(kind: type[AeoLedgerError]) -> Iterator[type[AeoLedgerError]]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)
