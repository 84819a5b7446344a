"""How a lost or stolen authority is replaced, as changes of the party's word.

Two thirds of the seats begin the replacement. The new key then waits, and anyone completes the replacement when it is ready.
A party that is not suspended can cancel it alone. A suspended party cannot, because a thief would cancel for ever: it stays
suspended until the replacement is over. But any one standing key of its authority may object. Then the replacement takes
longer, and a third of the other seats may stop it. So neither a thief nor two thirds in a hurry can quietly take over a
country's authority.

These are pure functions of a party and its replacement, for the rules and for replay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.consortium import LARGEST_PARTY_COUNT, Replacement
from aeo_ledger.customs.party import Membership, Party
from aeo_ledger.customs.vocabulary import PartyState

OBJECTED_DELAY: Final = 90 * 86_400
"""Shortest time of a replacement after a standing key objected, seconds."""


def touched(party: Party, time: int) -> Party:
    """Record that a party's state, unions or keeps-a-register changed."""
    return replace(party, changed_at=time, changes=min(party.changes + 1, LARGEST_PARTY_COUNT))


def suspend(party: Party, until: int, time: int) -> Party:
    """Derive a party that is suspended until a time (UTC seconds), or active if the time is 0."""
    state = PartyState.SUSPENDED if until else PartyState.ACTIVE
    return touched(replace(party, state=state, suspended_until=until), time)


def suspend_held(party: Party, pending: Replacement | None, until: int, time: int) -> tuple[Party, Replacement | None]:
    """Suspend a party. A pending replacement may keep it suspended for longer."""
    if pending is None or not pending.holds(time):
        return suspend(party, until, time), pending
    return suspend(party, max(until, pending.lapses_at), time), replace(pending, suspended_until=until)


def begin(party: Party, key: bytes, delay: int, time: int) -> tuple[Party, Replacement]:
    """Begin a replacement. If the party is suspended, it stays suspended until the replacement is over."""
    pending = Replacement(key=key, ready_at=time + delay)
    if party.state_at(time) is not PartyState.SUSPENDED:
        return party, pending
    pending = replace(pending, suspended_until=party.suspended_until)
    return suspend(party, max(party.suspended_until, pending.lapses_at), time), pending


def object_to(party: Party, pending: Replacement, delay: int, time: int) -> tuple[Party, Replacement]:
    """Lengthen a replacement, and the suspension that it keeps up."""
    ready_at = pending.ready_at + max(0, OBJECTED_DELAY - delay)
    longer = replace(pending, objected=True, ready_at=ready_at)
    if longer.holds(time):
        party = suspend(party, max(party.suspended_until, longer.lapses_at), time)
    return party, longer


def release(party: Party, pending: Replacement, time: int) -> Party:
    """Derive the party after its replacement is over. A suspension that the replacement lengthened gets its first end back.

    A lapsed replacement lengthens nothing, so it does not lift a later suspension.
    """
    return suspend(party, pending.suspended_until, time) if pending.holds(time) else party


def complete(party: Party, pending: Replacement, time: int) -> Party:
    """Derive the party whose authority is the new key: a new epoch, in which no earlier key counts.

    A freeze is lifted, and notices that the old keys gave are withdrawn. A union's notice stays, and so does a notice whose
    day has come.
    """
    one, two, three, four = (_without_notice(membership, time) for membership in party.memberships)
    renewed = replace(
        party,
        frozen=False,
        threshold=1,
        authority_keys=1,
        authority_threshold=1,
        epoch=party.epoch + 1,
        memberships=(one, two, three, four),
    )
    if renewed.memberships != party.memberships:
        renewed = touched(renewed, time)
    return release(renewed, pending, time)


def _without_notice(membership: Membership, time: int) -> Membership:
    stays = membership.union_at(time) != 0 and not membership.ejected
    return replace(membership, leaves=0) if stays else membership
