"""The life of a certificate: whether a status event may follow a standing, by its row in `customs.status_events`.

The checks have the contract's order, so that both give the same reason when several apply.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import SCOPE, STATUS_EVENTS, Hold
from aeo_ledger.customs.vocabulary import TERMINAL, EventKind, Role, Status

LONGEST_BAR: Final = 1_827 * 86_400
"""Seconds from the recording: five years with leap days."""

_FIELDS: Final = tuple(field.name for field in fields(Record) if field.name != "recorded_at")


def require_transition(old: Record | None, new: Record, *, in_use: bool, time: int) -> None:
    """Refuse an event that may not follow a standing. The caller has checked issuer and sequence.

    Args:
        old: The standing's record; None if there is none.
        new: The record as signed; its recording time is 0.
        in_use: Whether the register uses the entry's type. A `GRANT` needs this.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    if new.since > time:
        refuse(Refusal.WRONG_SINCE)
    if new.kind == EventKind.GRANT:
        _require_grant(old, new, in_use=in_use, time=time)
        return
    row = STATUS_EVENTS[EventKind(new.kind)]
    if old is None or old.status not in row.leaves or new.status not in (row.reaches or {old.status}):
        refuse(Refusal.WRONG_TRANSITION)
    changed = {name for name in _FIELDS if getattr(old, name) != getattr(new, name)}
    if new.recorded_at != 0 or not changed <= row.changes:
        refuse(Refusal.FIELD_CHANGED)
    if new.since != find_beginning(old, time) if row.undoes else new.since < old.since:
        refuse(Refusal.WRONG_SINCE)
    if changed & SCOPE or new.kind == EventKind.RESTORE:
        _require_scope(new)
        if new.valid_from > time and new.valid_from != old.valid_from:
            refuse(Refusal.WRONG_VALIDITY)
    if not _holds(row.hold, old, new, time):
        refuse(Refusal.WRONG_HOLD)


def _require_grant(old: Record | None, new: Record, *, in_use: bool, time: int) -> None:
    """Over an older standing: its bar must have passed, and no date may lie before it. A first grant may lie in the future."""
    if not in_use:
        refuse(Refusal.TYPE_NOT_IN_USE)
    row = STATUS_EVENTS[EventKind.GRANT]
    if new.status not in row.reaches or (old is not None and old.status not in row.leaves):
        refuse(Refusal.WRONG_TRANSITION)
    if new.recorded_at != 0:
        refuse(Refusal.FIELD_CHANGED)
    _require_scope(new)
    if (new.valid_from <= time and new.since != new.valid_from) or (old is not None and new.since < old.since):
        refuse(Refusal.WRONG_SINCE)
    if old is not None and min(time, new.valid_from) < old.hold_until:
        refuse(Refusal.BARRED)
    if new.hold_until != 0:
        refuse(Refusal.WRONG_HOLD)


def _require_scope(record: Record) -> None:
    if not 0 < record.roles < 1 << len(Role):
        refuse(Refusal.WRONG_ROLES)
    if record.valid_from == 0 or (record.valid_until != 0 and record.valid_until <= record.valid_from):
        refuse(Refusal.WRONG_VALIDITY)


def find_beginning(record: Record, time: int) -> int:
    """Find from when a standing has effect, seen at a time: its first day or, while that is to come, its stored *since*."""
    return record.valid_from if record.valid_from <= time else record.since


def find_bar(record: Record) -> int:
    """Find the bar on a new grant in a standing, UTC seconds; 0 if there is none."""
    return record.hold_until if record.status in TERMINAL else 0


def _holds(rule: Hold, old: Record, new: Record, time: int) -> bool:
    """Tell whether the event may set this planned end of a suspension, or this bar on a new grant."""
    hold = new.hold_until
    if rule is Hold.BAR:
        bar = find_bar(old)
        return hold >= bar and (hold <= time + LONGEST_BAR or hold == bar)
    if rule is Hold.PLANNED_END and new.status == Status.SUSPENDED:
        return hold == 0 or hold > new.since
    return rule is Hold.KEPT or hold == 0
