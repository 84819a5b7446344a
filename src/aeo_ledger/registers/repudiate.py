"""Undo what stolen keys did to certificates: plans that lead each one back to what it was before.

An event is theirs if nobody else signed it. What a key of this party's or another's signed as well, and what another operator changed
afterwards, is named and left alone: only its administration knows what is right there. What a thief ended, the authority restores. Everything
else operators undo. So there are up to two plans, one for each capacity, to be signed and carried out like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import RESTORING
from aeo_ledger.customs.vocabulary import TERMINAL, Capacity, EventKind, ReasonClass, Status, name_number
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.office.change_status import Change as Entered
from aeo_ledger.office.change_status import prepare
from aeo_ledger.office.signed_by import SignedBy
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.registers.plan import NO_FILE, Change, Plan, make_change
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.verify.certificate_history import ProvenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A certificate that the keys touched, and that no plan changes."""

    entry: bytes
    """32 bytes."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repudiation:
    """How to undo what keys did."""

    plans: Mapping[Capacity, Plan]
    """A plan for each capacity in which something is to be signed."""
    left: tuple[Left, ...]
    """What is left alone, and why."""


class _Cannot(Exception):
    """A certificate cannot be led back by the events of one capacity."""


def draw_repudiation(
    found: SignedBy, *, register: int, tins: Mapping[bytes, str], document: bytes, now: int, lifetime_s: int
) -> Repudiation:
    """Draw up the plans that undo what keys of a party did in one register.

    Args:
        found: What they signed.
        register: Number of the register.
        tins: The trader of each entry (32 bytes), as far as the book knows it.
        document: Commitment to the decision, 32 bytes, which each event binds; zero if there is none.
        now: UTC seconds.
        lifetime_s: For how long the publications may be relayed. A certificate that takes effect later shortens it: from that day on an
            annulment would have to be written otherwise.
    """
    state = RegisterState(found.words, register)
    changes: dict[Capacity, list[Change]] = {}
    left = []
    for entry, events in found.events.items():
        if register_of(entry) != register:
            left.append(Left(entry=entry, reason="it is in another register: --register"))
            continue
        try:
            before, last = _find_before(found, events, state.record(entry))
            records = _lead_back(before, last, now=min(now, state.time))
        except _Cannot as why:
            left.append(Left(entry=entry, reason=str(why)))
            continue
        kinds = {record.kind for record in records}
        capacity = Capacity.AUTHORITY if kinds & RESTORING else Capacity.OPERATORS
        columns = _find_differences(before, last)
        changes.setdefault(capacity, []).append(
            make_change(0, tins.get(entry, ""), entry, last, state.standing_head(entry), records, document, columns)
        )
    ahead = [change.events[-1].record.valid_from for made in changes.values() for change in made]
    plans = {
        capacity: Plan(
            chain=state.words.pinned.chain_id,
            registers=state.words.pinned.address(Contract.REGISTERS),
            register=register,
            issuer=found.party,
            file=NO_FILE,
            rows=0,
            made_at=now,
            deadline=min([now + lifetime_s, *(time - 1 for time in ahead if time > now)]),
            block=state.block,
            block_hash=state.block_hash,
            living=len(state.living(found.party)),
            undocumented=0,
            allowed={},
            changes=tuple(made),
            missing=(),
            doubts=(),
        )
        for capacity, made in changes.items()
    }
    return Repudiation(plans=plans, left=tuple(left))


def _find_before(found: SignedBy, events: tuple[ProvenEvent, ...], last: Record | None) -> tuple[Record | None, Record]:
    """Find the records before the first event that is theirs and after the last one.

    Raises:
        _Cannot: they did not act alone, or are not the last that acted.
    """
    first = next(place for place, event in enumerate(events) if found.has_part(event))
    for event in events[first:]:
        others = [signer for signer in event.signers if signer not in found.keys]
        kind, who = name_number(event.record.kind, EventKind).upper(), ", ".join(map(to_hex, others))
        if others and found.has_part(event):
            raise _Cannot(f"{who} signed its {kind} too")
        if others:
            raise _Cannot(f"{who} changed it afterwards: {kind}, event {event.record.sequence}")
    if last is None or events[-1].record != last:
        raise _Cannot("it changed while this was drawn up: try again")
    if last.issuer != found.party:
        raise _Cannot("it was transferred to another issuer, who must transfer it back")
    return (events[first - 1].record if first else None), last


def _lead_back(before: Record | None, last: Record, *, now: int) -> list[Record]:
    """Find the events that lead a certificate back to what it was; what was granted over nothing, or over an end, never was.

    Raises:
        _Cannot: no such events are possible, or none are needed.
    """
    if before is None or before.status in TERMINAL:
        records = _annul(before, last, now)
    elif last.status in TERMINAL:
        records = [_restore(before, last)]
    else:
        records = _mend(before, last, now)
    at = last
    for record in records:
        try:
            require_transition(at, record, in_use=True, time=now)
        except RefusedByLedger as refusal:
            raise _Cannot(f"{name_number(record.kind, EventKind).upper()} would be refused: {refusal}") from None
        at = record
    return records


def _annul(before: Record | None, last: Record, now: int) -> list[Record]:
    if last.status is Status.ANNULLED:
        if before is None or before.status is Status.ANNULLED:
            raise _Cannot("nothing is to be undone: it is annulled")
        raise _Cannot(f"it was {before.status.name} and is ANNULLED, and no event leads back")
    bar = before.hold_until if before is not None and before.hold_until > now else None
    return [_step(last, now, EventKind.ANNUL, hold_until=bar)]


def _restore(before: Record, last: Record) -> Record:
    """Restore everything as it was, from the moment at which it was ended, so that there is no gap."""
    since = max(before.since, last.since)
    return replace(
        before,
        kind=EventKind.RESTORE,
        reason=ReasonClass.KEY_COMPROMISED,
        issuer=last.issuer,
        sequence=last.sequence + 1,
        since=since,
        hold_until=_planned_end(before, since),
        recorded_at=0,
    )


def _mend(before: Record, last: Record, now: int) -> list[Record]:
    if before.valid_from != last.valid_from:
        raise _Cannot("it was ended and granted anew: annul it, and let the authority restore it as it was")
    records, at = [], last
    if (before.roles, before.valid_until) != (at.roles, at.valid_until):
        at = _step(at, now, EventKind.AMEND, roles=before.roles, valid_until=before.valid_until)
        records.append(at)
    if before.review_day != at.review_day:
        at = _step(at, now, EventKind.REASSESS, review_day=before.review_day)
        records.append(at)
    if before.status is Status.ACTIVE and at.status is not Status.ACTIVE:
        records.append(_step(at, now, EventKind.REINSTATE, since=at.since))
    end = _planned_end(before, at.since)
    if before.status is Status.SUSPENDED and (at.status, at.hold_until) != (Status.SUSPENDED, end):
        records.append(_step(at, now, EventKind.SUSPEND, since=at.since, hold_until=end))
    if not records:
        raise _Cannot("nothing is to be undone: it says the same as before")
    return records


def _planned_end(before: Record, since: int) -> int:
    """Keep the planned end of a suspension if it is still after its beginning."""
    return before.hold_until if before.status is Status.SUSPENDED and before.hold_until > since else 0


def _step(old: Record, now: int, kind: EventKind, **entered: int | None) -> Record:
    given = Entered(kind=kind, reason=ReasonClass.KEY_COMPROMISED, **entered)
    return prepare(given, old, issuer=old.issuer, now=now)


_COLUMNS: Final = {
    "status": "status",
    "since": "status_since",
    "roles": "roles",
    "valid_from": "effective_from",
    "valid_until": "effective_until",
}
"""The column of a register that each field of a record stands in."""


def _find_differences(before: Record | None, last: Record) -> tuple[str, ...]:
    return tuple(
        column for name, column in _COLUMNS.items() if before is None or getattr(before, name) != getattr(last, name)
    )


def list_theirs(found: SignedBy) -> Iterator[tuple[bytes, ProvenEvent]]:
    """Yield each status event that the keys signed since the time, with its entry (32 bytes), in the order of recording."""
    theirs = ((entry, event) for entry, events in found.events.items() for event in events if found.has_part(event))
    yield from sorted(theirs, key=lambda pair: (pair[1].record.recorded_at, pair[0]))
