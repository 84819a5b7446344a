"""Options that many commands share, as one parameter: a command takes `common`, and its command line has the options.

Each option is a field of `Common`, in the order in which help shows them. What a command does not have keeps its default.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from aeo_ledger.cli.acting import AllowUnproven, open_desk
from aeo_ledger.cli.booking import BookOption
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.grounds import Grounds
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AsJson,
    Gateway,
    Lang,
    Language,
    LookupKeysOption,
    OwnKeys,
    PasswordFile,
    SecretsOption,
    Timeout,
    Trust,
    choose_words,
    held_keys,
    open_keys,
    own_keys,
)
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.signing import Signer
from aeo_ledger.wording.words import Words

if TYPE_CHECKING:  # few commands need it
    from aeo_ledger.signing.lookup_file import HeldKeys
    from aeo_ledger.verify import TrustBundle

Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Draft only: write the act to this new file, to be signed and passed on."
    ),
]
Lifetime = Annotated[
    str,
    typer.Option("--for", metavar="SPAN", help="With --out: how long it may be signed and submitted, at most 366d."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of commands that read proven words, or act on the ledger."""

    trust: Trust
    out: Out = None
    lifetime: Lifetime = "30d"
    key: OwnKeys = None
    grounds: Grounds = None
    book: BookOption = None
    gateway: Gateway = field(default_factory=lambda: [*DEFAULT_GATEWAY])
    timeout: Timeout = DEFAULT_TIMEOUT
    yes: Yes = False
    unproven: AllowUnproven = False
    secrets: SecretsOption = None
    lookup_keys: LookupKeysOption = None
    password_file: PasswordFile = None
    lang: Lang = field(default=Language("en"), metadata={"option": None})
    """A command that has not this option speaks English; one that has it speaks the language of the locale by default."""
    as_json: AsJson = False

    @property
    def words(self) -> Words:
        """The words of whoever reads or signs."""
        return choose_words(self.lang, as_json=self.as_json)

    @contextmanager
    def open_desk(self, *, warning: str = "") -> Iterator[ProvenDesk]:
        """Open a desk on the pinned ledger, with the lookup keys that were given; see `acting.open_desk`. A warning is a phrase of the catalogue."""
        with open_desk(
            self.gateway,
            self.timeout,
            read_trust(self.trust),
            yes=self.yes,
            unproven=self.unproven,
            as_json=self.as_json,
            warning=self.words.phrase(warning),
            words=self.words,
        ) as desk:
            desk.keys = held_keys(self.lookup_keys, self.password_file, desk.trust)
            yield desk

    def open_keys(self) -> list[Signer]:
        """Open the key files that were given."""
        return open_keys(self.key or [], self.password_file)

    def open_own_keys(self, party: str, pinned: TrustBundle) -> HeldKeys:
        """Open the keys of a register that a party writes to; see `options.own_keys`."""
        return own_keys(self.secrets, party, self.password_file, pinned)


READS: Final = frozenset({"trust", "gateway", "timeout", "unproven", "as_json"})
"""Options of a command that only reads."""
SUBMITS: Final = READS | {"yes"}
"""Options of a command that acts, and opens no key."""
SIGNS: Final = SUBMITS | {"key", "password_file"}
KEEPS: Final = SIGNS | {"grounds", "book"}
"""Options of a command that signs, and keeps the act and its grounds in the book."""
DRAFTS: Final = KEEPS | {"out", "lifetime", "lang"}
"""Options of a command that does all this, or only drafts the act as a file; it speaks several languages."""


def sharing(
    options: Collection[str], *, timeout: float = DEFAULT_TIMEOUT, **needed: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command that takes `common` these options of `Common`.

    Args:
        options: Their names.
        timeout: Seconds that it waits for an answer by default.
        needed: Those that this command cannot do without, with a type of their own.
    """

    def share(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [one for one in signature(command, eval_str=True).parameters.values() if one.name != "common"]
        return spread(command, own, options, timeout=timeout, **needed)

    return share


def spread(
    command: Callable[..., Any],
    own: Sequence[Parameter],
    options: Collection[str],
    *,
    timeout: float = DEFAULT_TIMEOUT,
    **needed: Any,
) -> Callable[..., Any]:
    """Make a command with parameters of its own and, in place of `common`, the options; what is needed comes first in its help."""
    hints = get_type_hints(Common, include_extras=True)
    chosen = {one.name: one for one in fields(Common) if one.name in options}

    def default(name: str) -> Any:
        one = chosen[name]
        if name == "timeout":
            return timeout
        if name in needed or one.default is one.default_factory is MISSING:
            return Parameter.empty
        return one.metadata.get("option", one.default) if one.default_factory is MISSING else one.default_factory()

    parameters = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in own]
    parameters += [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=needed.get(name, hints[name]), default=default(name))
        for name in chosen
    ]

    @wraps(command)
    def run(**given: Any) -> Any:
        common = Common(**{name: given.pop(name) for name in chosen})
        return command(**given, common=common)

    ordered = sorted(parameters, key=lambda one: one.default is not Parameter.empty)
    setattr(run, "__signature__", Signature(ordered))  # noqa: B010 (typer reads the options there)
    return run
