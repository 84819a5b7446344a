"""`aeo-ledger grant|amend|suspend|reinstate|revoke|withdraw|annul|restore`: one act on one certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway, Keys, PasswordFile, TinArgument, Trust, open_keys
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.tin import Tin, find_problems
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass
from aeo_ledger.errors import MalformedText, NoRegister
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.desk import Member
from aeo_ledger.office.import_register import parse_roles
from aeo_ledger.protocol.entries import derive_open_holder, make_entry

Party = Annotated[str, typer.Option("--party", help="Code of the party that issues: your own.")]
Type = Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")]
Register = Annotated[
    str | None, typer.Option("--register", help="Code of the register's party, if it is not the issuer.")
]
Roles = Annotated[str | None, typer.Option("--roles", help="Roles covered, e.g. exporter,importer.")]
From = Annotated[
    str | None, typer.Option("--from", help="Valid from: a day of the issuer's, or a moment with offset; now.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="Valid until, exclusive; or the word open, as it is if not given.")
]
Since = Annotated[str | None, typer.Option("--since", help="Since when the status holds; now.")]
Hold = Annotated[
    str | None, typer.Option("--hold", help="Planned end of a suspension, or end of the bar on a new grant.")
]
Reason = Annotated[str, typer.Option("--reason", help=f"{', '.join(reason.name.lower() for reason in ReasonClass)}.")]


def _act(kind: EventKind, help_text: str) -> Callable[..., None]:
    @reporting
    def command(
        tin: TinArgument,
        party: Party,
        certificate_type: Type,
        trust: Trust,
        key: Keys,
        gateway: Gateway = DEFAULT_GATEWAY,
        register: Register = None,
        roles: Roles = None,
        valid_from: From = None,
        valid_until: Until = None,
        since: Since = None,
        hold: Hold = None,
        reason: Reason = "unstated",
        password_file: PasswordFile = None,
        as_json: AsJson = False,
    ) -> None:
        change = Change(
            kind=kind,
            reason=_reason(reason),
            roles=None if roles is None else parse_roles(roles.split(",")),
            valid_from=_moment(valid_from, party, "--from"),
            valid_until=0 if valid_until == "open" else _moment(valid_until, party, "--until"),
            since=_moment(since, party, "--since"),
            hold_until=_moment(hold, party, "--hold"),
        )
        _refuse_unused(change)
        _run(Tin(tin), change, party, certificate_type, register, trust, key, gateway, password_file, as_json=as_json)

    command.__doc__ = help_text
    return command


def _run(
    tin: Tin,
    change: Change,
    party: str,
    certificate_type: str,
    register: str | None,
    trust: Path,
    key: list[Path],
    gateway: str,
    password_file: Path | None,
    *,
    as_json: bool,
) -> None:
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415

    pinned = read_trust(trust)
    with GatewayClient(gateway) as desk:
        members = desk.members()
        issuer = find_party(members, party)
        holder = find_party(members, register) if register else _own_register(issuer, members)
        record, receipt = change_status(
            desk,
            find_entry(tin, certificate_type, holder),
            change,
            register=holder.number,
            issuer=issuer.number,
            signers=open_keys(key, password_file),
            trust=pinned,
            now=now(),
        )
    document = {
        "tin": tin.text,
        "register": holder.party.code,
        "type": certificate_type,
        "status": record.status.name,
        "sequence": record.sequence,
        "since": record.since,
        "block": receipt.block,
        "block_hash": receipt.block_hash,
        "transaction": receipt.transaction,
        "problems": list(find_problems(tin)),
    }
    lines = [
        f"{tin} type {certificate_type}: {record.status.name}, event {record.sequence}, sealed in block {receipt.block}"
    ]
    lines += [f"look again: {problem}" for problem in find_problems(tin)]
    show(document, as_json=as_json, lines=lines)


def _own_register(issuer: Member, members: Sequence[Member]) -> Member:
    """Find the register that an issuer writes to: its own, else the only one that a union of it keeps."""
    if issuer.party.keeps_register:
        return issuer
    kept = [member for member in members if issuer.party.belongs_to(member.number) and member.party.keeps_register]
    if len(kept) != 1:
        raise NoRegister(party=issuer.party.code, kept=tuple(member.party.code for member in kept))
    return kept[0]


def find_entry(tin: Tin, certificate_type: str, holder: Member) -> bytes:
    """Derive the entry of a trader under a type, by its name, in an open register.

    Raises:
        MalformedText: the register has no such type.
    """
    names = list_type_names(holder.party.code)
    if certificate_type not in names:
        raise MalformedText("--type", repr(certificate_type), f"one of {', '.join(names)}")
    number = names.index(certificate_type)
    return make_entry(holder.number, number, derive_open_holder(holder.number, number, tin))


def _reason(name: str) -> ReasonClass:
    if name.upper() not in ReasonClass.__members__:
        raise MalformedText(
            "--reason", repr(name), f"one of {', '.join(reason.name.lower() for reason in ReasonClass)}"
        )
    return ReasonClass[name.upper()]


def _moment(text: str | None, party: str, what: str) -> int | None:
    return None if text is None else parse_moment(text, party, what=what)


_USES: Final[Mapping[EventKind, frozenset[str]]] = {
    EventKind.GRANT: frozenset({"roles", "valid_from", "valid_until"}),
    EventKind.AMEND: frozenset({"roles", "valid_until"}),
    EventKind.SUSPEND: frozenset({"since", "hold_until"}),
    EventKind.REINSTATE: frozenset({"since"}),
    EventKind.REVOKE: frozenset({"since", "hold_until"}),
    EventKind.WITHDRAW: frozenset({"since"}),
    EventKind.ANNUL: frozenset({"hold_until"}),
    EventKind.RESTORE: frozenset({"since", "roles", "valid_until"}),
}
"""What an officer may enter for each act; anything else would be silently dropped."""

_OPTION: Final = {
    "roles": "--roles", "valid_from": "--from", "valid_until": "--until", "since": "--since", "hold_until": "--hold",
}  # fmt: skip


def _refuse_unused(change: Change) -> None:
    for name, option in _OPTION.items():
        if getattr(change, name) is not None and name not in _USES[change.kind]:
            used = ", ".join(_OPTION[used] for used in sorted(_USES[change.kind]))
            raise MalformedText(option, f"given to {change.kind.name.lower()}", f"only {used or 'no such option'}")
    if change.kind is EventKind.GRANT and not change.roles:
        raise MalformedText("--roles", "none", "at least one, e.g. exporter")
    if change.kind is EventKind.AMEND and change.roles is None and change.valid_until is None:
        raise MalformedText("amend", "nothing to change", "--roles or --until")


COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "grant": _act(EventKind.GRANT, "Grant a certificate, now or from a day to come."),
    "amend": _act(EventKind.AMEND, "Change roles or the end of validity."),
    "suspend": _act(EventKind.SUSPEND, "Suspend a certificate until it is reinstated; --hold is the planned end."),
    "reinstate": _act(EventKind.REINSTATE, "End a suspension."),
    "revoke": _act(EventKind.REVOKE, "Revoke a certificate; --hold bars a new grant until then, at most five years."),
    "withdraw": _act(EventKind.WITHDRAW, "End a certificate because its holder asked."),
    "annul": _act(EventKind.ANNUL, "Annul a certificate from its beginning, as if it never was."),
    "restore": _act(EventKind.RESTORE, "Restore what was ended, quashed on appeal: signed by the authority's key."),
}
"""The verbs, each with its command."""
