"""Standings: what a register says of one trader under one type."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A standing as one word of the ledger shows it. Times are UTC seconds; 0 is none or open."""

    status: Status
    kind: EventKind
    """Of the last status event."""
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

    def decides(self, time: int) -> bool:
        """Say whether this word tells the standing as it was at a time, whatever the answer.

        DESIGN section 5, past times.
        """
        return self.recorded_at <= time or self.sequence == 1

    def refuses(self, time: int) -> bool:
        """Say whether this word is enough for a no at a time: it had ceased to be active by then."""
        return self.decides(time) or (self.status is not Status.ACTIVE and self.since <= time)
