"""The error tree: four families, each named for what the caller should do, and one module of leaves for each room.

Every leaf carries its facts as typed attributes and says them in one template: what was found, what was needed and, where it helps,
what to do. Verification raises; it never answers with a bool. HTTP status and exit codes live at the edges, in one table each.

    AeoLedgerError
    |-- Malformed     fix the input
    |-- Refused       a rule says no
    |-- Unproven      the evidence does not prove it: never default, never assume
    `-- Unavailable   the world failed: retry

A leaf is written so:

    class TooFewSeals(Unproven, wire="too-few-seals"):
        says = "{found} of {validators} validators sealed, {needed} needed"

        found: int
        ...

Where the message does not tell what to do, `advises` does, in one sentence that is the same for every error of the leaf. It is carried as
`advice` in `--json` and in problems over HTTP, and is one more line at a terminal.

Its name on the wire is written out, because other programs read it: it stays when the class is renamed. In a template a fact of bytes is
shown in hexadecimal and a tuple with commas between; `{at:utc}` is a time, `{on:day}` one that somebody
entered, and `{names: or }` puts other words between.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from inspect import get_annotations
from typing import Any, ClassVar, Final, dataclass_transform

ASK_ANOTHER: Final = "conclude nothing; ask again, and another gateway if it happens twice"
"""Of evidence that was damaged on its way, or made wrongly."""
UPDATE_TRUST: Final = "run `trust update`, which follows the validators by proof; if it fails too, conclude nothing and ask another gateway"
"""Of seals that are not those of the validators pinned."""
UPDATE_AGAIN: Final = "trust stays where it is; run `trust update` again, from another gateway if it happens twice"
"""Of an update that leads nowhere."""
TAKE_AGAIN: Final = "do not carry this snapshot; run `snapshot take` again"
"""Of a snapshot that is not whole."""


def show_utc(seconds: int) -> str:
    """Write a time of the ledger, UTC seconds, as people read it. It stands here because messages need it, and nothing lies below them."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s after 1970, which is no date"


def mean(found: str, known: tuple[str, ...]) -> str:
    """Say which of the known words a word would be in other capitals."""
    meant = next((word for word in known if word.casefold() == found.strip().casefold()), None)
    return "" if meant is None else f": write {meant}"


@dataclass_transform(eq_default=False)
class AeoLedgerError(Exception):
    """Whatever this project raises on purpose; anything else that escapes is a bug."""

    wire: ClassVar[str] = ""
    """The leaf's name in documents that other programs read; empty for what is no leaf."""
    says: ClassVar[str] = ""
    """Template of the message."""
    advises: ClassVar[str] = ""
    """What to do, where the message does not say it."""
    facts_of: ClassVar[Mapping[str, str]] = {}
    """Names of the facts, in order, with their types as the source writes them."""

    place = ""
    """Where in what was handed in, as in `questions[3]`; empty where there is only one."""
    show_day: Callable[[int], str] = staticmethod(show_utc)
    """Writes a time that somebody entered, UTC seconds: in UTC, unless who catches the error knows whose day was meant."""
    said_by: str = ""
    """Who said this, if it came from outside and was told by nobody whom this process knows: a gateway, by its URL."""

    def __init_subclass__(cls, *, wire: str = "") -> None:
        """Learn a leaf's name and facts: what it declares, after what its base declares."""
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
        """Give the facts by name, in order."""
        return {name: getattr(self, name) for name in self.facts_of}

    def __str__(self) -> str:
        """Say the facts, as the template has them."""
        return self.says.format_map(_Words(self)) if self.says else super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes with its facts, which are attributes and no arguments."""
        return _restore, (type(self), self.args, vars(self))


def _restore(kind: type[AeoLedgerError], arguments: tuple[object, ...], facts: dict[str, object]) -> AeoLedgerError:
    error = kind.__new__(kind, *arguments)
    vars(error).update(facts)
    return error


class _Words:
    """An error's attributes, as a template shows them."""

    def __init__(self, error: AeoLedgerError) -> None:
        self._error = error

    def __getitem__(self, name: str) -> _Word:
        return _Word(getattr(self._error, name), self._error.show_day)


class _Word:
    """One of them."""

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
    """The input cannot be read as what it claims to be: fix the input."""


class Refused(AeoLedgerError):
    """A rule says no; the same input will be refused again."""


class Unproven(AeoLedgerError):
    """The evidence does not prove the claim: neither yes nor no may be concluded."""


class Unavailable(AeoLedgerError):
    """The world failed (a process, a disk, a clock, a peer): retry later."""


def name_of(error: AeoLedgerError) -> str:
    """Name an error as programs read it, as in `TooFewSeals`: the leaf's name on the wire, or its class where it is no leaf."""
    return "".join(part.title() for part in error.wire.split("-")) or type(error).__name__


def list_errors() -> Mapping[str, type[AeoLedgerError]]:
    """List every leaf by its name on the wire; imports all rooms of this package."""
    for room in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{room.name}")
    return {leaf.wire: leaf for leaf in _below(AeoLedgerError) if leaf.wire}


def _below(kind: type[AeoLedgerError]) -> Iterator[type[AeoLedgerError]]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)
