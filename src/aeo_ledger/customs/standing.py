"""Standings: what a register says of one trader under one type."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A standing as one word of the ledger shows it. Times are UTC seconds; 0 is none or open."""

    status: Status
    kind: EventKind | int
    """Of the last status event; one that this version does not know stays the number that it is."""
    reason: ReasonClass | int = ReasonClass.UNSTATED
    issuer: int
    """Number of the party that grants and changes it."""
    roles: int
    """Bit set of `Role`."""
    sequence: int
    """Of the last status event, from 1."""
    since: int
    """When the present status began."""
    valid_from: int
    valid_until: int = 0
    """Exclusive."""
    hold_until: int = 0
    """Planned end of a suspension, or bar on a new grant."""
    recorded_at: int = 0
    """Block time of the last status event; 0 in what is signed."""
    review_day: int = 0
    """Days since 1970-01-01."""

    def has_role(self, role: Role) -> bool:
        """Say whether the certificate covers a role."""
        return bool(self.roles >> role & 1)

    def ended_by(self, time: int) -> bool:
        """Say whether the present status had ended the standing's effect by a time, for good or for now."""
        return self.status is not Status.ACTIVE and self.since <= time
