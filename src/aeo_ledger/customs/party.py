"""Parties: administrations, and unions that act for their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState

DAY_S: Final = 86_400
"""Seconds of a day; a membership ends when a day begins, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One of the four places in which a party has its unions.

    Who leaves keeps nothing and loses nothing in writing: the union's arrangements are not searched for it, and what it issued in
    the union's register does not count, from the end of the membership on. When it comes back both count again, as they stand then.
    """

    union: int = 0
    """Number of the union; 0 is a free place."""
    leaves: int = 0
    """Day, counted from 1970-01-01, at whose first second UTC the membership ends; 0: no notice was given."""
    ejected: bool = False
    """Whether the union gave the notice, not the member."""

    def union_at(self, time: int) -> int:
        """Say which union the place holds at a time (UTC seconds): 0 if none, or if the membership has ended by then."""
        return 0 if self.leaves and time >= self.leaves * DAY_S else self.union


NO_MEMBERSHIP: Final = Membership()


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
    opened: bool = False
    """Whether its register was ever opened: then it is searched, even if it is no longer kept."""
    frozen: bool = False
    """Whether one of its operators froze its publications."""
    memberships: tuple[Membership, Membership, Membership, Membership] = (NO_MEMBERSHIP,) * 4
    threshold: int = 1
    """How many operators sign a publication."""
    authority_keys: int = 1
    """How many keys its authority has now, 1 to 5."""
    authority_threshold: int = 1
    """How many of them sign an act, 1 to 3."""
    epoch: int = 0
    """How often its authority was replaced; only keys of this epoch count."""
    changed_at: int = 0
    """When its state, unions or keeps-a-register last changed, UTC seconds; its admission if never."""
    changes: int = 0
    """How often they changed since its admission (stops at 255)."""

    def state_at(self, time: int) -> PartyState:
        """Say what state holds at a time: a suspension ends by itself on its date."""
        if self.state is PartyState.SUSPENDED and time >= self.suspended_until:
            return PartyState.ACTIVE
        return self.state

    def unions_at(self, time: int) -> tuple[int, ...]:
        """List the unions that it belongs to at a time (UTC seconds), by number."""
        return tuple(sorted({membership.union_at(time) for membership in self.memberships} - {0}))

    def belongs_to(self, union: int, time: int) -> bool:
        """Say whether it is a member of a union, by number, at a time (UTC seconds)."""
        return union in self.unions_at(time)

    def is_searched(self) -> bool:
        """Say whether there may be certificates in its register: it keeps one, or has opened one that it keeps no longer."""
        return self.keeps_register or self.opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a party's office counts. No answer needs it."""

    serial: int = 0
    """Of its last lone act."""
    envelopes: int = 0
    """How many envelopes it sent."""
    resolutions: int = 0
    """Number of the last resolution on it."""
    operators: int = 0
    """How many operators it has now."""
    lifts: int = 0
    """How often a freeze of its publications was lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an address serves: one party in one role, for ever."""

    party: int
    role: KeyRole
    added_at: int = 0
    """UTC seconds; 0 while a replacement authority waits."""
    retired_at: int = 0
    """UTC seconds; 0 while it serves. Retired and never added: burnt."""
    epoch: int = 0
    """The party's epoch in which it counts; without meaning for a node."""
