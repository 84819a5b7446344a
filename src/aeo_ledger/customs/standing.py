"""Standings: what a register says about one trader under one type."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A standing, as one word of the ledger shows it. Times are UTC seconds; 0 means none or open."""

    status: Status
    kind: EventKind | int
    """Kind of the last status event. A kind that this version does not know stays a number."""
    reason: ReasonClass | int = ReasonClass.UNSTATED
    issuer: int
    """Number of the party that granted and may change it."""
    roles: int
    """Bit set of `Role`."""
    sequence: int
    """Sequence of the last status event, from 1."""
    since: int
    """When the present status began."""
    valid_from: int
    valid_until: int = 0
    """Exclusive."""
    hold_until: int = 0
    """Planned end of a suspension, or bar on a new grant."""
    recorded_at: int = 0
    """Block time of the last status event; 0 in a signed record."""
    review_day: int = 0
    """Days since 1970-01-01."""

    def has_role(self, role: Role) -> bool:
        """Tell whether the certificate covers a role."""
        return bool(self.roles >> role & 1)

    def ended_by(self, time: int) -> bool:
        """Tell whether the present status had ended the standing's effect by a time, for good or for a while."""
        return self.status is not Status.ACTIVE and self.since <= time
