"""`aeo-ledger grant|amend|suspend|reinstate|revoke|withdraw|annul|restore`: one act on one certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from aeo_ledger.cli.acting import AllowUnproven, describe_done, open_desk, tell_done
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Keys,
    PasswordFile,
    Timeout,
    TinArgument,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin, find_problems, read_tin
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Status
from aeo_ledger.errors.office import OddTin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import parse_moment, show_moment
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.import_register import parse_roles
from aeo_ledger.office.publish import find_register
from aeo_ledger.primitives.choices import choose
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.verify import TrustedParty

Party = Annotated[str, typer.Option("--party", help="Code of the party that issues: your own.")]
Type = Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")]
Register = Annotated[
    str | None, typer.Option("--register", help="Code of the register's party, if it is not the issuer.")
]
Roles = Annotated[str | None, typer.Option("--roles", help="Roles covered, e.g. exporter,importer.")]
RolesNeeded = Annotated[str, typer.Option("--roles", help="Roles covered, e.g. exporter,importer.")]
From = Annotated[
    str | None, typer.Option("--from", help="Valid from: a day of the issuer's, or a moment with offset; now.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="Valid until, exclusive; or the word open, as it is if not given.")
]
Since = Annotated[str | None, typer.Option("--since", help="Since when the status holds; now.")]
PlannedEnd = Annotated[
    str | None, typer.Option("--hold", help="Planned end; until it is reinstated it stays suspended.")
]
Bar = Annotated[str | None, typer.Option("--hold", help="Bar on a new grant until then, at most five years.")]
Reason = Annotated[str, typer.Option("--reason", help=f"{', '.join(reason.name.lower() for reason in ReasonClass)}.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verb:
    """One act, as an officer enters it."""

    kind: EventKind
    help: str
    options: Mapping[str, Any]
    """What may be entered for it beside what every act needs, by the member of `Change`; `roles` alone may be required."""
    warning: str = ""
    """What is said beside the act before it is signed, where it cannot be undone."""


VERBS: Final[Mapping[str, _Verb]] = {
    "grant": _Verb(
        kind=EventKind.GRANT,
        help="Grant a certificate, now or from a day to come.",
        options={"roles": RolesNeeded, "valid_from": From, "valid_until": Until},
    ),
    "amend": _Verb(
        kind=EventKind.AMEND,
        help="Change roles or the end of validity.",
        options={"roles": Roles, "valid_until": Until},
    ),
    "suspend": _Verb(
        kind=EventKind.SUSPEND,
        help="Suspend a certificate until it is reinstated.",
        options={"since": Since, "hold_until": PlannedEnd},
    ),
    "reinstate": _Verb(kind=EventKind.REINSTATE, help="End a suspension.", options={"since": Since}),
    "revoke": _Verb(
        kind=EventKind.REVOKE,
        help="Revoke a certificate.",
        options={"since": Since, "hold_until": Bar},
        warning="it ends for good: only the authority can restore it",
    ),
    "withdraw": _Verb(
        kind=EventKind.WITHDRAW, help="End a certificate because its holder asked.", options={"since": Since}
    ),
    "annul": _Verb(
        kind=EventKind.ANNUL,
        help="Annul a certificate from its beginning, as if it never was.",
        options={"hold_until": Bar},
        warning="it will never have been: answers about the past change too, and only the authority can restore it",
    ),
    "restore": _Verb(
        kind=EventKind.RESTORE,
        help="Restore what was ended, quashed on appeal: signed by the authority's key.",
        options={"since": Since, "roles": Roles, "valid_until": Until},
    ),
}
"""The verbs: whatever is not listed for one, its command does not take."""


_NEEDED: Final = {"tin": TinArgument, "party": Party, "certificate_type": Type, "trust": Trust, "key": Keys}
"""What every act needs, by the parameters of `_run`."""


def _command(verb: _Verb) -> Callable[..., None]:
    """Make the command of a verb, with the options that it uses and no other."""

    def command(party: str, reason: str, **given: Any) -> None:
        entered = {name: given.pop(name) for name in verb.options}
        _run(_read_change(verb.kind, reason, party, entered), party, warning=verb.warning, **given)

    own = {name: (kind, Parameter.empty if kind is RolesNeeded else None) for name, kind in verb.options.items()}
    options: dict[str, tuple[Any, Any]] = {
        **{name: (kind, Parameter.empty) for name, kind in _NEEDED.items()},
        **own,
        "register": (Register, None),
        "reason": (Reason, "unstated"),
        "yes": (Yes, False),
        "unproven": (AllowUnproven, False),
        "accept_odd": (AcceptOdd, False),
        "gateway": (Gateway, DEFAULT_GATEWAY),
        "timeout": (Timeout, DEFAULT_TIMEOUT),
        "password_file": (PasswordFile, None),
        "as_json": (AsJson, False),
    }
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in options.items()
    ]
    setattr(command, "__signature__", Signature(parameters))  # noqa: B010 (typer lists what it finds there)
    command.__doc__ = verb.help
    return reporting(command)


def _read_change(kind: EventKind, reason: str, party: str, entered: Mapping[str, str | None]) -> Change:
    """Read what an officer entered.

    Raises:
        MalformedText: a word is not known, or an amendment changes nothing.
    """
    if kind is EventKind.AMEND and not any(entered.values()):
        raise MalformedText("amend", "nothing to change", "--roles or --until")
    roles, until = entered.get("roles"), entered.get("valid_until")
    return Change(
        kind=kind,
        reason=_reason(reason),
        roles=None if roles is None else parse_roles(roles.split(",")),
        valid_from=_moment(entered.get("valid_from"), party, "--from"),
        valid_until=0 if until == "open" else _moment(until, party, "--until"),
        since=_moment(entered.get("since"), party, "--since"),
        hold_until=_moment(entered.get("hold_until"), party, "--hold"),
    )


def _run(
    change: Change,
    party: str,
    *,
    tin: str,
    certificate_type: str,
    register: str | None,
    trust: Path,
    key: list[Path],
    gateway: list[str],
    timeout: float,
    accept_odd: bool,
    password_file: Path | None,
    as_json: bool,
    warning: str,
    yes: bool,
    unproven: bool,
) -> None:
    pinned, trader = read_trust(trust), read_tin(tin, accept_odd=accept_odd)
    problems = find_problems(trader)
    if change.kind is EventKind.GRANT and problems and not accept_odd:
        raise OddTin(found=tin, problems=problems)
    issuer = find_party(pinned, party)
    with open_desk(gateway, timeout, pinned, yes=yes, unproven=unproven, as_json=as_json, warning=warning) as desk:
        holder = find_party(pinned, register) if register else find_register(desk, issuer)
        entry = find_entry(trader, certificate_type, holder)
        record, done = change_status(
            desk,
            entry,
            change,
            register=holder.number,
            issuer=issuer.number,
            signers=open_keys(key, password_file),
            trader=trader.text,
        )
    before = done.before.record(entry)
    document = {
        "tin": trader.text,
        "register": holder.code,
        "type": certificate_type,
        "status": record.status.name,
        "was": None if before is None else before.status.name,
        "sequence": record.sequence,
        "since": record.since,
        "valid_from": record.valid_from,
        "problems": list(problems),
        **describe_done(done),
    }
    lines = [
        f"{trader} type {certificate_type}: {record.status.name}, event {record.sequence}",
        tell_done(done),
        *_explain(before, record, now()),
    ]
    show(document, as_json=as_json, lines=[*lines, *(f"look again: {problem}" for problem in problems)])


def _explain(before: Record | None, record: Record, at: int) -> list[str]:
    """Say what an act is where its status alone would mislead."""
    if record.kind is EventKind.GRANT and record.valid_from > at:
        day = show_moment(record.valid_from)
        return [
            f"it is granted ahead: it takes effect at {day}, and until then it is not recognised (not yet effective)"
        ]
    if record.kind is EventKind.SUSPEND and before is not None and before.status is Status.SUSPENDED:
        end = f"planned end {show_moment(record.hold_until)}" if record.hold_until else "no planned end"
        first, second = show_moment(before.since), show_moment(record.since)
        return [
            f"it was suspended already, since {first}; this second suspension takes its place: since {second}, {end}"
        ]
    return []


def find_entry(tin: Tin, certificate_type: str, holder: TrustedParty) -> bytes:
    """Derive the entry of a trader under a type, by its name, in an open register.

    Raises:
        MalformedText: the register has no such type.
    """
    names = list_type_names(holder.code)
    number = names.index(choose(certificate_type, names, what="--type"))
    return make_entry(holder.number, number, derive_open_holder(holder.number, number, tin))


def _reason(name: str) -> ReasonClass:
    return ReasonClass[choose(name, (reason.name.lower() for reason in ReasonClass), what="--reason").upper()]


def _moment(text: str | None, party: str, what: str) -> int | None:
    return None if text is None else parse_moment(text, party, what=what)


COMMANDS: Final[Mapping[str, Callable[..., None]]] = {name: _command(verb) for name, verb in VERBS.items()}
"""Each verb's command."""
