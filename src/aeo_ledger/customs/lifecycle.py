"""The life of a certificate: which status event leads from which standing to which, and what it may change on the way.

The order of checks is the contract's, so that both give the same reason when several hold.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import Final

from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import TERMINAL, EventKind, Role, Status

LONGEST_BAR: Final = 1_827 * 86_400
"""Seconds from recording: five years, leap days included."""

LIVING: Final = frozenset({Status.ACTIVE, Status.SUSPENDED})
"""Statuses of a certificate that has not ended."""

_OWN: Final = frozenset({"kind", "reason", "sequence"})
_STATUS: Final = _OWN | {"status", "since", "hold_until"}
_SCOPE: Final = frozenset({"roles", "valid_until"})
_ALL: Final = frozenset(field.name for field in fields(Record))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A row of the table of status events."""

    leaves: AbstractSet[Status]
    """Statuses that it starts from."""
    reaches: AbstractSet[Status] = frozenset()
    """Statuses that it leads to; none: it leaves the status as it was."""
    changes: AbstractSet[str] = _OWN
    """Fields of the record that it may change, recorded-at aside."""


TRANSITIONS: Final = {
    EventKind.GRANT: Transition(leaves=TERMINAL, reaches={Status.ACTIVE}, changes=_ALL),
    EventKind.AMEND: Transition(leaves=LIVING, changes=_OWN | _SCOPE),
    EventKind.REASSESS: Transition(leaves=LIVING, changes=_OWN | {"review_day"}),
    EventKind.SUSPEND: Transition(leaves=LIVING, reaches={Status.SUSPENDED}, changes=_STATUS),
    EventKind.REINSTATE: Transition(leaves={Status.SUSPENDED}, reaches={Status.ACTIVE}, changes=_STATUS),
    EventKind.REVOKE: Transition(leaves=LIVING, reaches={Status.REVOKED}, changes=_STATUS),
    EventKind.WITHDRAW: Transition(leaves=LIVING, reaches={Status.WITHDRAWN}, changes=_STATUS),
    EventKind.ANNUL: Transition(
        leaves=LIVING | {Status.REVOKED, Status.WITHDRAWN}, reaches={Status.ANNULLED}, changes=_STATUS
    ),
    EventKind.RESTORE: Transition(
        leaves=TERMINAL, reaches=LIVING, changes=_STATUS | _SCOPE | {"review_day", "valid_from"}
    ),
    EventKind.TRANSFER: Transition(leaves=LIVING | TERMINAL, changes=_OWN | {"issuer"}),
}
"""The table. A `GRANT` also starts where there is no standing."""


def require_transition(old: Record | None, new: Record, *, in_use: bool, time: int) -> None:
    """Refuse an event that may not follow a standing; issuer and sequence have been checked.

    Args:
        old: The standing's record, None if there is none.
        new: The record as signed, recorded at 0.
        in_use: Whether the register has the entry's type in use, which a `GRANT` needs.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if new.since > time:
        refuse(Refusal.WRONG_SINCE)
    if new.kind == EventKind.GRANT:
        _require_grant(old, new, in_use=in_use, time=time)
        return
    row = TRANSITIONS[EventKind(new.kind)]
    if old is None or old.status not in row.leaves or new.status not in (row.reaches or {old.status}):
        refuse(Refusal.WRONG_TRANSITION)
    changed = {name for name in _ALL - {"recorded_at"} if getattr(old, name) != getattr(new, name)}
    if new.recorded_at != 0 or not changed <= row.changes:
        refuse(Refusal.FIELD_CHANGED)
    _require_since(old, new, time)
    if changed & _SCOPE or new.kind == EventKind.RESTORE:
        _require_scope(new)
        if new.valid_from > time and new.valid_from != old.valid_from:
            refuse(Refusal.WRONG_VALIDITY)
    if not _holds(old, new, time):
        refuse(Refusal.WRONG_HOLD)


def _require_grant(old: Record | None, new: Record, *, in_use: bool, time: int) -> None:
    """Over an older standing, its bar has to have passed and nothing may reach back behind it; alone it may lie in the future."""
    if not in_use:
        refuse(Refusal.TYPE_NOT_IN_USE)
    row = TRANSITIONS[EventKind.GRANT]
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


def _require_since(old: Record, new: Record, time: int) -> None:
    """A status begins not before the stored one, but an annulment undoes the certificate from its first day."""
    begun = old.valid_from if old.valid_from <= time else old.since
    if new.since != begun if new.kind == EventKind.ANNUL else new.since < old.since:
        refuse(Refusal.WRONG_SINCE)


def _holds(old: Record, new: Record, time: int) -> bool:
    """Say whether the planned end of a suspension, or the bar on a new grant, is one that the event may set."""
    hold = new.hold_until
    if new.kind == EventKind.SUSPEND or (new.kind == EventKind.RESTORE and new.status == Status.SUSPENDED):
        return hold == 0 or hold > new.since
    if new.kind in {EventKind.REVOKE, EventKind.ANNUL}:
        bar = old.hold_until if old.status in TERMINAL else 0
        return hold >= bar and (hold <= time + LONGEST_BAR or hold == bar)
    return new.kind in {EventKind.AMEND, EventKind.REASSESS, EventKind.TRANSFER} or hold == 0
