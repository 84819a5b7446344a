"""`aeo-ledger key repudiate`: what stolen operators' keys signed, proven to be everything, and the plans that undo it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli.booking import open_book, opening_book
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.options import SNAPSHOT_TIMEOUT, reach_gateway
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.shared import READS, Common, sharing
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.vocabulary import Capacity, EventKind, name_number
from aeo_ledger.errors.files import FileExists
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import create_file
from aeo_ledger.office.ask import encode_as_named, read_trust
from aeo_ledger.office.calendar import parse_moment, show_moment
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count, name_types
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.primitives.spans import parse_span

if TYPE_CHECKING:  # takes its time to load, or is not in the base install
    from aeo_ledger.office.signed_by import SignedBy
    from aeo_ledger.registers.plan import Plan
    from aeo_ledger.registers.repudiate import Repudiation
    from aeo_ledger.verify import TrustBundle
    from aeo_ledger.verify.certificate_history import ProvenAct, ProvenEvent


@reporting
@sharing(READS - {"unproven"} | {"grounds", "book"}, timeout=SNAPSHOT_TIMEOUT)
def repudiate(
    party: Annotated[str, typer.Option(help="Code of the party whose operators these were: your own.")],
    operator: Annotated[
        list[str], typer.Option("--operator", metavar="ADDRESS", help="Address of a stolen key; repeat it for each.")
    ],
    since: Annotated[
        str,
        typer.Option(help="Since when its acts are not yours: a day of the party's calendar, or a moment with offset."),
    ],
    common: Common,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="NAME", help="Draft: write NAME.operators.plan and NAME.authority.plan, as far as they are needed."
        ),
    ] = None,
    register: Annotated[
        str | None, typer.Option(help="Code of the register's party, if it is a union's and not your own.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NAME=N", help="Let a plan do more than usual: see `register plan`.")
    ] = None,
    lifetime: Annotated[
        str, typer.Option("--for", metavar="SPAN", help="For how long the plans may be signed and carried out.")
    ] = "7d",
) -> None:
    """List all that an operator's key signed since it was stolen, and draft the plans that undo it. Nothing is signed."""
    from aeo_ledger.office.signed_by import find_signed_by  # noqa: PLC0415 (takes its time to load)
    from aeo_ledger.registers.plan import PLAN_FORM  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.repudiate import draw_repudiation, list_theirs  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.valve import allow as allow_more  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.valve import read_allowed  # noqa: PLC0415 (the same)

    pinned, lifetime_s, allowed = read_trust(common.trust), parse_span(lifetime), read_allowed(allow or [])
    own, kept_by = find_party(pinned, party), find_party(pinned, register or party)
    keys = [parse_hex(address.lower(), what="--operator", length=20) for address in operator]
    begin = parse_moment(since, own.code, what="--since")
    if begin > now():  # a mistyped year must not look like a key that signed nothing
        raise MalformedText("--since", since, "a time that has passed")
    files = {} if out is None else {capacity: Path(f"{out}.{capacity.name.lower()}.plan") for capacity in _SIGNED_IN}
    for file in files.values():
        if file.exists():
            raise FileExists(path=str(file))
    with reach_gateway(common.gateway, common.timeout, pinned) as client:
        desk = ProvenDesk(client, pinned, approve=without_asking, clock=now)
        found = find_signed_by(desk, client, own.number, keys, begin)
    document = keep_grounds(common.grounds, common.book, own.code) if out is not None else bytes(32)
    with opening_book(common.book, own.code) if out is None else open_book(common.book, own.code) as kept:
        tins = {} if kept is None else {entry: one.tin for entry, one in kept.documents_of(kept_by.number).items()}
        drawn = draw_repudiation(
            found, register=kept_by.number, tins=tins, document=document, now=now(), lifetime_s=lifetime_s
        )
        plans = {}
        if kept is not None:
            limits = kept.limits(own.code)
            plans = {
                file: allow_more(drawn.plans[capacity], allowed, limits)
                for capacity, file in files.items()
                if capacity in drawn.plans
            }
            for file, plan in plans.items():
                words = f"{own.code}: {count(len(plan.changes), 'change')} to undo what stolen keys did"
                kept.keep_plan(plan.hash, own.code, PLAN_FORM.encode_cbor(plan), (), words)
                create_file(file, encode_as_named(file, PLAN_FORM, plan))
    theirs = list(list_theirs(found))
    names = _Names(pinned, tins)
    described = {
        "party": own.code,
        "operators": [to_hex(key) for key in keys],
        "since": begin,
        "block": found.words.sealed.header.number,
        "proven": True,
        "events": [names.describe(entry, event) for entry, event in theirs],
        "acts": [names.describe_act(act) for act in found.acts],
        "aliases": found.aliases,
        "plans": [
            {
                "out": str(file),
                "plan": to_hex(plan.hash),
                "changes": len(plan.changes),
                "signed_as": plan.capacity.name.lower(),
            }
            for file, plan in plans.items()
        ],
        "undo": {capacity.name.lower(): len(plan.changes) for capacity, plan in drawn.plans.items()},
        "left": [{**names.about(one.entry), "reason": one.reason} for one in drawn.left],
    }
    show(
        described,
        as_json=common.as_json,
        lines=[*_tell(found, theirs, drawn, names), *_tell_plans(plans, drawn)],
    )


_SIGNED_IN: Final = (Capacity.OPERATORS, Capacity.AUTHORITY)
"""The capacities in which plans are signed."""


@dataclass(frozen=True)
class _Names:
    """Names certificates and acts."""

    trust: TrustBundle
    tins: Mapping[bytes, str]

    def about(self, entry: bytes) -> dict[str, Any]:
        """Describe the certificate of an entry of 32 bytes."""
        types = list_type_names(self.trust.by_number[register_of(entry)].code)
        (name,) = name_types(1 << type_of(entry), types)
        return {"tin": self.tins.get(entry) or None, "type": name, "entry": to_hex(entry)}

    def name(self, entry: bytes) -> str:
        """Name the certificate of an entry of 32 bytes: its TIN if the book knows it, and its type."""
        about = self.about(entry)
        return f"{about['tin'] or about['entry']}, type {about['type']}"

    def describe(self, entry: bytes, event: ProvenEvent) -> dict[str, Any]:
        """Describe a status event."""
        record = event.record
        return {
            **self.about(entry),
            "event": name_number(record.kind, EventKind),
            "status": record.status.name,
            "sequence": record.sequence,
            "recorded_at": record.recorded_at,
            "signers": [to_hex(signer) for signer in event.signers],
        }

    def describe_act(self, act: ProvenAct) -> dict[str, Any]:
        """Describe another act."""
        values = {name: to_hex(value) if isinstance(value, bytes) else value for name, value in act.values.items()}
        signers = [to_hex(signer) for signer in act.signers]
        return {"message": act.name, "recorded_at": act.recorded_at, "values": values, "signers": signers}


def _tell(
    found: SignedBy, theirs: Sequence[tuple[bytes, ProvenEvent]], drawn: Repudiation, names: _Names
) -> Iterator[str]:
    acts = f"{count(len(theirs), 'status event')} and {count(len(found.acts), 'other act')}"
    yield f"{acts} signed by {', '.join(sorted(map(to_hex, found.keys)))} since {show_moment(found.since)}:"
    for entry, event in theirs:
        record = event.record
        kind = name_number(record.kind, EventKind).upper()
        yield f"  {show_moment(record.recorded_at)}  {names.name(entry)}: {kind}, event {record.sequence}"
    for act in found.acts:
        yield f"  {show_moment(act.recorded_at)}  {act.name}: {_WHAT_NOW.get(act.name, 'see it in `party show`')}"
    block = found.words.sealed.header.number
    yield f"proven: as of block {block} there is no other, except acts on aliases"
    if found.aliases:
        yield f"aliases that changed since then: {found.aliases:,}; the ledger hides whose: check yours with `alias list`"
    if drawn.left:
        yield "left alone:"
        yield from (f"  {names.name(one.entry)}: {one.reason}" for one in drawn.left)


_WHAT_NOW: Final = {
    "PartyAct": "it signed its own admission",
    "Freeze": "the authority lifts it with `party act unfreeze`",
    "Envelope": "what it sealed is known to whom it was sent to",
    "Withholding": "an operator undoes it with `withhold`",
}
"""What to do about an act that is no status event, by its message."""


def _tell_plans(plans: Mapping[Path, Plan], drawn: Repudiation) -> Iterator[str]:
    for capacity, plan in drawn.plans.items():
        kinds = ", ".join(f"{number:,} {name_number(kind, EventKind)}" for kind, number in plan.count_kinds().items())
        yield f"to be undone by {_BY[capacity]}: {kinds}"
    for file, plan in plans.items():
        yield f"plan {to_hex(plan.hash)}: aeo-ledger register apply {named(file)} --key KEY, by {_BY[plan.capacity]}"
    if drawn.plans and not plans:
        yield "nothing was drafted: name a place for the plans (--out)"


_BY: Final = {Capacity.OPERATORS: "operators", Capacity.AUTHORITY: "the authority"}
