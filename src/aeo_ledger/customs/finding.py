"""What a search for a decision finds, and what each finding says by itself."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import PartyState, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStanding:
    """A standing that was found for the trader."""

    entry: bytes
    """32 bytes."""
    register: int
    certificate_type: int
    record: Record
    """As of the time asked about if that is certain."""
    certain: bool
    issuer_state: PartyState | None
    """At the time asked about; None if that needs history. A suspended issuer's standing still decides."""
    reasons: frozenset[Reason]
    """Why it says no; empty if it says yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLane:
    """A lane that was found."""

    recogniser: int
    """The party that asks, or a union of it."""
    register: int
    number: int
    """Of the lane, from 0."""
    lane: Lane
    reasons: frozenset[Reason]
    """Why it says no, to whatever type; empty if it says yes to those that it covers."""
    certain: bool
    """Whether it is the lane as of the time asked about; if not, it is that of today."""

    def refuses(self, certificate_type: int) -> bool:
        """Say whether it surely says no to a type."""
        return bool(self.reasons) or (self.certain and not self.lane.covers(certificate_type))
