"""Parties: administrations, and unions that act for their members."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party as the ledger keeps it."""

    code: str
    """ISO 3166-1 alpha-2 for an administration, two to six capitals for a union."""
    kind: PartyKind
    state: PartyState
    """As written; ask `state_at` for what holds at a time."""
    suspended_until: int = 0
    """UTC seconds, exclusive; 0 unless suspended."""
    seat: bool = False
    keeps_register: bool = False
    unions: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Numbers of the unions it belongs to, in their four places; 0 is a free place."""
    threshold: int = 1
    """How many operators sign a publication."""
    operators: int = 0
    """How many operators it has now."""
    serial: int = 0
    """Of its last lone act."""
    changed_at: int = 0
    """When its state, unions or keeps-a-register last changed, UTC seconds; its admission if never."""
    changes: int = 0
    """How often they changed since its admission (stops at 65,535)."""

    def state_at(self, time: int) -> PartyState:
        """Say what state holds at a time: a suspension ends by itself on its date."""
        if self.state is PartyState.SUSPENDED and time >= self.suspended_until:
            return PartyState.ACTIVE
        return self.state

    def belongs_to(self, union: int) -> bool:
        """Say whether it is a member of a union, by number."""
        return union != 0 and union in self.unions


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an address serves: one party in one role, for ever."""

    party: int
    role: KeyRole
    added_at: int = 0
    """UTC seconds; 0 while a replacement authority waits."""
    retired_at: int = 0
    """UTC seconds; 0 while it serves. Retired and never added: burnt."""
