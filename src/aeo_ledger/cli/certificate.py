"""`aeo-ledger grant|suspend|revoke|...`: one act on one certificate. Each status event has a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter
from typing import Annotated, Any, Final

import typer

from aeo_ledger.cli.acting import describe_done, tell_done
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.drafting import draft_file, require_keys_or_file
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.options import AcceptOdd, TinArgument
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.cli.shared import DRAFTS, Common, spread
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import STATUS_EVENTS, Hold, StatusEventRow
from aeo_ledger.customs.tin import Tin, find_problems, read_tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, ReasonClass, Status
from aeo_ledger.errors.office import OddTin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment, show_moment
from aeo_ledger.office.change_status import Change, change_status, draft_change, parse_roles
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.publish import find_register
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.verify import TrustedParty
from aeo_ledger.wording.words import Words

Party = Annotated[str, typer.Option("--party", help="Code of the party that issues: your own.")]
Type = Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")]
Register = Annotated[
    str | None, typer.Option("--register", help="Code of the register's party, if it is not the issuer.")
]
Reason = Annotated[str, typer.Option("--reason", help=f"{', '.join(reason.name.lower() for reason in ReasonClass)}.")]

ByUnion = Annotated[
    bool,
    typer.Option("--by-union", help="The authority of the register's union signs, in the issuer's place."),
]

_FLAGS: Final[Mapping[str, str]] = {
    "roles": "--roles",
    "valid_from": "--from",
    "valid_until": "--until",
    "since": "--since",
    "hold_until": "--hold",
    "review_day": "--review",
}
"""The option of each field that an officer may enter."""

_HELP: Final[Mapping[str, str]] = {
    "roles": "Roles covered, e.g. exporter,importer.",
    "valid_from": "Valid from: a day of the issuer's calendar, or a moment with offset. Default: now.",
    "valid_until": "Valid until, exclusive; or the word open, the default.",
    "since": "When the status began. Default: now.",
    "review_day": "The UTC day of the next review.",
}

_HOLDS: Final[Mapping[Hold, str]] = {
    Hold.PLANNED_END: "Planned end; the certificate stays suspended until it is reinstated.",
    Hold.BAR: "Bar on a new grant until this time, at most five years.",
}
"""What *hold until* means, by the act's use of it."""


def _make_option(row: StatusEventRow, field: str) -> tuple[Any, Any]:
    """Make the option for a field that an act lets an officer enter: its type, and its default."""
    says = _HOLDS[row.hold] if field == "hold_until" else _HELP[field]
    return Annotated[
        str | None, typer.Option(_FLAGS[field], help=says)
    ], Parameter.empty if field in row.needs else None


def _command(row: StatusEventRow) -> Callable[..., None]:
    """Make the command of an act; its options are the fields that its row lets an officer enter."""

    def command(party: str, reason: str, **given: Any) -> None:
        entered = {field: given.pop(field) for field in row.enters}
        _run(_read_change(row, reason, party, entered), party, warning=row.warning, **given)

    options: dict[str, tuple[Any, Any]] = {
        "tin": (TinArgument, Parameter.empty),
        "party": (Party, Parameter.empty),
        "certificate_type": (Type, Parameter.empty),
        **{field: _make_option(row, field) for field in row.enters},
        **({"by_union": (ByUnion, False)} if Capacity.UNION in row.capacities else {}),
        "register": (Register, None),
        "reason": (Reason, "unstated"),
        "accept_odd": (AcceptOdd, False),
    }
    own = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in options.items()
    ]
    command.__doc__ = row.does
    return reporting(spread(command, own, DRAFTS | {"secrets"}))


def _read_change(row: StatusEventRow, reason: str, party: str, entered: Mapping[str, str | None]) -> Change:
    """Read what an officer entered.

    Raises:
        MalformedText: a word is unknown, or an act that keeps the status changes nothing else.
    """
    if row.enters and row.leads_to is None and not any(entered.values()):
        raise MalformedText(row.verb, "nothing to change", " or ".join(_FLAGS[field] for field in row.enters))
    roles, until, review = (entered.get(name) for name in ("roles", "valid_until", "review_day"))

    def moment(field: str) -> int | None:
        text = entered.get(field)
        return None if text is None else parse_moment(text, party, what=_FLAGS[field])

    return Change(
        kind=row.kind,
        reason=_reason(reason),
        roles=None if roles is None else parse_roles(roles.split(",")),
        valid_from=moment("valid_from"),
        valid_until=0 if until == "open" else moment("valid_until"),
        since=moment("since"),
        hold_until=moment("hold_until"),
        review_day=None if review is None else parse_moment(review, None, what="--review") // DAY_S,
    )


def _run(
    change: Change,
    party: str,
    *,
    tin: str,
    certificate_type: str,
    register: str | None,
    common: Common,
    accept_odd: bool,
    warning: str,
    by_union: bool = False,
) -> None:
    require_keys_or_file(common.key, common.out)
    is_grant = change.kind is EventKind.GRANT  # it names everything that is odd at once, as an import does
    trader, words = read_tin(tin, accept_odd=accept_odd or is_grant), common.words
    problems = [*find_problems(trader)]
    with common.open_desk(warning=warning) as desk, keeping(desk, common.book, party):
        issuer = find_party(desk.trust, party)
        holder = find_party(desk.trust, register) if register else find_register(desk, issuer)
        desk.keys = common.open_own_keys(issuer.code, desk.trust)
        entry = find_entry(desk, trader, certificate_type, holder)
        stray = find_stray(trader, holder, prove_keepers(desk, holder), desk.trust)
        problems += [] if stray is None else [stray]
        if is_grant and problems and not accept_odd:
            raise OddTin(found=tin, problems=tuple(problems))
        decision = keep_grounds(common.grounds, common.book, issuer.code, entry, trader.text)
        signers = common.open_keys()
        where: dict[str, Any] = {
            "desk": desk,
            "entry": entry,
            "change": change,
            "register": holder.number,
            "issuer": issuer.number,
            "document": decision,
        }
        if common.out is not None:
            _, act = draft_change(**where, by_union=by_union, lifetime_s=parse_span(common.lifetime))
            draft_file(desk, act, signers, common.out, as_json=common.as_json, traders={entry: trader.text})
            return
        record, done = change_status(**where, signers=signers, trader=trader.text, remarks=problems, by_union=by_union)
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
        "problems": problems,
        "grounds": f"0x{decision.hex()}" if any(decision) else None,
        **describe_done(done),
    }
    lines = [
        words.say(
            "{trader} type {type}: {status}, event {number}",
            trader=trader,
            type=certificate_type,
            status=words.name(record.status, Status).upper(),
            number=record.sequence,
        ),
        tell_done(done, words),
        *_explain(before, record, issuer.code, now(), words),
        *tell_problems(trader, problems, words),
    ]
    show(document, as_json=common.as_json, lines=lines)


def _explain(before: Record | None, record: Record, issuer: str, at: int, words: Words) -> list[str]:
    """Explain an act whose status alone would mislead."""

    def moment(seconds: int) -> str:
        return show_moment(seconds, issuer, words)

    if record.kind is EventKind.GRANT and record.valid_from > at:
        return [
            words.say(
                "it is granted in advance: it takes effect at {day}, and is not recognised before (not yet effective)",
                day=moment(record.valid_from),
            )
        ]
    if record.kind is EventKind.SUSPEND and before is not None and before.status is Status.SUSPENDED:
        return [
            words.say(
                "it was suspended already, since {first}; this second suspension replaces it: since {second}, {end}",
                first=moment(before.since),
                second=moment(record.since),
                end=words.say("planned end {time}", time=moment(record.hold_until))
                if record.hold_until
                else words.say("no planned end"),
            )
        ]
    return []


def find_entry(desk: ProvenDesk, tin: Tin, certificate_type: str, holder: TrustedParty) -> bytes:
    """Derive the entry of a trader in a register, under a type given by name.

    Raises:
        MalformedText: the register has no such type.
        KeyNeeded, WrongLookupKey: the register is keyed, and its key is not among those that the desk holds.
    """
    names = list_type_names(holder.code)
    number = names.index(choose(certificate_type, names, what="--type"))
    return desk.entries(holder.number)(tin, number)


def _reason(name: str) -> ReasonClass:
    return ReasonClass[choose(name, (reason.name.lower() for reason in ReasonClass), what="--reason").upper()]


COMMANDS: Final[Mapping[str, Callable[..., None]]] = {row.verb: _command(row) for row in STATUS_EVENTS.values()}
"""Each verb's command."""
