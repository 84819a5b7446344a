"""The acts on one certificate: each status event has a row in `customs.status_events`.

Each act prepares the full new record from the present one, and changes only the fields that it may change. The contract decides
whether the change is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.lifecycle import find_bar, find_beginning
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import SCOPING, STATUS_EVENTS, Hold
from aeo_ledger.customs.vocabulary import Capacity, EventKind, ReasonClass, Role, Status
from aeo_ledger.errors import show_utc
from aeo_ledger.errors.office import NoStanding
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.carry_out import LIFETIME_S, Done, carry_out
from aeo_ledger.office.footing import slots_of_standings
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.primitives.choices import choose
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an officer enters. Times are UTC seconds; None keeps the present value, or sets what the act implies."""

    kind: EventKind
    reason: ReasonClass = ReasonClass.UNSTATED
    roles: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    """UTC seconds; 0 is open."""
    since: int | None = None
    review_day: int | None = None
    """Days from 1970-01-01."""
    hold_until: int | None = None
    """Planned end of a suspension, or end of a bar on a new grant."""


def parse_roles(names: Sequence[str]) -> int:
    """Read names of roles as a bit set.

    Raises:
        MalformedText: a name is unknown.
    """
    known = {role.name.lower(): role for role in Role}
    roles = 0
    for name in names:
        roles |= 1 << known[choose(name.strip(), known, what="role")]
    return roles


def prepare(change: Change, old: Record | None, *, issuer: int, now: int) -> Record:
    """Prepare the record that an act leads to.

    Args:
        change: What the officer entered.
        old: The present record; None if there is none.
        issuer: Number of the party that grants or takes over.
        now: UTC seconds, not after the block that will contain the act. The change holds from then on, unless the officer
            enters another time.

    Raises:
        NoStanding: there is nothing to change.
    """
    sequence = old.sequence + 1 if old else 1
    if change.kind is EventKind.GRANT:
        valid_from = now if change.valid_from is None else change.valid_from
        return Record(
            status=Status.ACTIVE,
            kind=change.kind,
            reason=change.reason,
            issuer=issuer,
            roles=change.roles or 0,
            sequence=sequence,
            since=min(valid_from, now),
            valid_from=valid_from,
            valid_until=change.valid_until or 0,
        )
    if old is None:
        raise NoStanding(act=change.kind.name.lower())
    row = STATUS_EVENTS[change.kind]
    new = replace(old, kind=change.kind, reason=change.reason, sequence=sequence, recorded_at=0)
    if row.leads_to is not None:
        since = max(now, old.since) if change.since is None else change.since
        new = replace(
            new,
            status=row.leads_to,
            since=find_beginning(old, now) if row.undoes else since,
            hold_until=change.hold_until or (find_bar(old) if row.hold is Hold.BAR else 0),
        )
    if "issuer" in row.changes:
        new = replace(new, issuer=issuer)
    if "review_day" in row.enters:
        new = replace(new, review_day=change.review_day or 0)
    if change.kind in SCOPING:
        new = replace(
            new,
            roles=old.roles if change.roles is None else change.roles,
            valid_until=old.valid_until if change.valid_until is None else change.valid_until,
        )
    return new


def change_status(
    desk: ProvenDesk,
    entry: bytes,
    change: Change,
    *,
    register: int,
    issuer: int,
    signers: Sequence[Signer],
    document: bytes = bytes(32),
    trader: str | None = None,
    remarks: Sequence[str] = (),
    by_union: bool = False,
) -> tuple[Record, Done]:
    """Carry out one act on one certificate.

    Args:
        desk: The ledger; the present record is proven before it is changed.
        entry: 32 bytes.
        change: What the officer entered.
        register: Number of the register's party, as pinned.
        issuer: Number of the issuer, as pinned; of the new one for a transfer.
        signers: The issuer's operators, or its authority if the act needs it.
        document: Salted commitment to the certificate's document, 32 bytes; zero if there is none.
        trader: The trader, to be shown to the signer.
        remarks: What the signer should look at.
        by_union: Whether the authority of the register's union signs in the issuer's place.

    Returns:
        The record as it was signed, and the proof that it is sealed.

    Raises:
        NoStanding: there is nothing to change.
        MalformedText: the planned end or the bar that was entered is in the past.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed, RefusedByLedger, NotProvenDone, Unavailable: as `carry_out` does.
    """
    record, act = draft_change(
        desk, entry, change, register=register, issuer=issuer, document=document, by_union=by_union
    )
    told = {} if trader is None else {entry: trader}
    return record, carry_out(desk, act, signers, told, {entry: remarks} if remarks else {})


def draft_change(
    desk: ProvenDesk,
    entry: bytes,
    change: Change,
    *,
    register: int,
    issuer: int,
    document: bytes = bytes(32),
    by_union: bool = False,
    lifetime_s: int = LIFETIME_S,
) -> tuple[Record, SignedAct]:
    """Draft one act on one certificate; the arguments are those of `change_status`.

    Returns:
        The record that it leads to, and the act.

    Raises:
        NoStanding: there is nothing to change.
        MalformedText: the planned end or the bar that was entered is in the past.
        Unproven: the present record is not proven.
    """
    facts = desk.facts(slots_of_standings(register, issuer, [entry]))
    dated = max(
        facts.time, min(desk.now(), desk.relay.clock())
    )  # the gateway's clock is a claim: keep it between the proven time and our own
    _refuse_past_hold(change, dated)
    old = facts.record(entry)
    record = prepare(change, old, issuer=issuer, now=dated)
    capacity = Capacity.UNION if by_union else STATUS_EVENTS[change.kind].capacities[0]
    act = draft_publication(
        [StatusEvent(entry=entry, record=record, document=document)],
        register=register,
        issuer=issuer,
        now=desk.now(),
        capacity=capacity,
        former=old.issuer if old is not None and capacity is Capacity.TRANSFER else 0,
        lifetime_s=lifetime_s,
    )
    return record, act


def _refuse_past_hold(change: Change, now: int) -> None:
    """Refuse a planned end or a bar in the past: the ledger accepts it, but it has no effect.

    Raises:
        MalformedText: it is in the past.
    """
    if change.hold_until and change.hold_until <= now:
        found = f"{show_utc(change.hold_until)}, which has passed"
        raise MalformedText("--hold", found, f"a time after now, {show_utc(now)}; leave it out if there is none")
