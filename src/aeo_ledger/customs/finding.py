"""The standings and lanes that a search finds, each with its own reasons."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import PartyState, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStanding:
    """A standing found for the trader."""

    entry: bytes
    """32 bytes."""
    register: int
    certificate_type: int
    record: Record
    """The record at the time asked about if it is certain, otherwise today's."""
    certain: bool
    issuer_state: PartyState | None
    """State at the time asked about; None if that needs history. A standing still decides if its issuer is suspended."""
    reasons: frozenset[Reason]
    """Why this standing gives a no; empty if it gives a yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLane:
    """A lane that was found."""

    recogniser: int
    """The party that asks, or one of its unions."""
    register: int
    number: int
    """Number of the lane, from 0."""
    lane: Lane
    reasons: frozenset[Reason]
    """Why this lane gives a no to every type; empty if it gives a yes to the types that it covers."""
    certain: bool
    """Whether it is the lane at the time asked about. If not, it is today's lane."""

    def refuses(self, certificate_type: int) -> bool:
        """Tell whether the lane certainly gives a no to a type."""
        return bool(self.reasons) or (self.certain and not self.lane.covers(certificate_type))
