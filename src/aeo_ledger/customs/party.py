"""Parties: administrations, and unions that act for their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState

DAY_S: Final = 86_400
"""Seconds of a day. A membership ends when a UTC day begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One of a party's four places for unions.

    Leaving deletes nothing. From the end of the membership on, the union's arrangements do not apply to the former member, and
    what it issued in the union's register does not count. If it returns, both count again as they stand then.
    """

    union: int = 0
    """Number of the union; 0 means a free place."""
    leaves: int = 0
    """Day, counted from 1970-01-01. The membership ends at its first second, UTC. 0 means that no notice was given."""
    ejected: bool = False
    """Whether the union gave the notice, not the member."""

    def union_at(self, time: int) -> int:
        """Find the union in this place at a time (UTC seconds); 0 if there is none or if the membership has ended."""
        return 0 if self.leaves and time >= self.leaves * DAY_S else self.union


NO_MEMBERSHIP: Final = Membership()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party as the ledger records it."""

    code: str
    """ISO 3166-1 alpha-2 for an administration, two to six capitals for a union."""
    kind: PartyKind
    state: PartyState
    """State as written. `state_at` gives the state at a time."""
    suspended_until: int = 0
    """UTC seconds, exclusive; 0 unless suspended."""
    seat: bool = False
    keeps_register: bool = False
    opened: bool = False
    """Whether its register was ever opened. Then it is searched, even if it is no longer kept."""
    frozen: bool = False
    """Whether one of its operators froze its publications."""
    memberships: tuple[Membership, Membership, Membership, Membership] = (NO_MEMBERSHIP,) * 4
    threshold: int = 1
    """How many operators must sign a publication."""
    authority_keys: int = 1
    """How many keys its authority has now, 1 to 5."""
    authority_threshold: int = 1
    """How many of them must sign an act, 1 to 3."""
    epoch: int = 0
    """How many times its authority was replaced. Only keys of this epoch count."""
    changed_at: int = 0
    """When its state, unions or keeps-a-register last changed, UTC seconds; if never, the time of its admission."""
    changes: int = 0
    """How many times they changed since its admission (stops at 255)."""

    def state_at(self, time: int) -> PartyState:
        """Find the state at a time. A suspension ends by itself on its date."""
        if self.state is PartyState.SUSPENDED and time >= self.suspended_until:
            return PartyState.ACTIVE
        return self.state

    def unions_at(self, time: int) -> tuple[int, ...]:
        """List the numbers of the unions that it belongs to at a time (UTC seconds)."""
        return tuple(sorted({membership.union_at(time) for membership in self.memberships} - {0}))

    def belongs_to(self, union: int, time: int) -> bool:
        """Tell whether it belongs to a union, by number, at a time (UTC seconds)."""
        return union in self.unions_at(time)

    def is_searched(self) -> bool:
        """Tell whether its register may hold certificates: it keeps one, or opened one before."""
        return self.keeps_register or self.opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A party's counters. No answer needs them."""

    serial: int = 0
    """Serial of its last act alone."""
    envelopes: int = 0
    """How many envelopes it has sent."""
    resolutions: int = 0
    """Number of the last resolution on it."""
    operators: int = 0
    """How many operators it has now."""
    lifts: int = 0
    """How many times a freeze of its publications was lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an address serves. An address serves one party in one role for ever."""

    party: int
    role: KeyRole
    added_at: int = 0
    """UTC seconds; 0 while a replacement authority waits."""
    retired_at: int = 0
    """UTC seconds; 0 while the key serves. A key that is retired but was never added is burnt."""
    epoch: int = 0
    """The party's epoch in which the key counts. It has no meaning for a node."""
