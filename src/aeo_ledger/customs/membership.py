"""Joining and leaving a union, as changes of the member's word. Pure functions for the rules and for replay."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.party import DAY_S, NO_MEMBERSHIP, Membership, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.replacement import touched

LONGEST_NOTICE: Final = 2 * 366 * DAY_S
"""How far ahead a notice may lie, seconds."""


def join(party: Party, union: int, time: int) -> Party:
    """Derive a party that joins a union. It takes the first place that is free or whose membership has ended.

    Raises:
        RefusedByLedger: The party is a member already, or has no free place.
    """
    if party.belongs_to(union, time):
        refuse(Refusal.UNION_MEMBERSHIP)
    place, _ = _find(party, 0, time)
    return _with_place(party, place, Membership(union=union), time)


def leave(party: Party, union: int, *, by_union: bool, effective: int, time: int) -> Party:
    """Derive a member that leaves a union or is ejected: at once (effective 0), or at the beginning of a day.

    The side that gave notice may move it to an earlier day. It cannot change the other side's notice, but may end at once.

    Raises:
        RefusedByLedger: The party is not a member, or the day is not allowed.
    """
    place, membership = _find(party, union, time)
    if effective == 0:
        return _with_place(party, place, NO_MEMBERSHIP, time)
    day, rest = divmod(effective, DAY_S)
    noticed = membership.leaves and (membership.ejected != by_union or day >= membership.leaves)
    if rest or not time < effective <= time + LONGEST_NOTICE or noticed:
        refuse(Refusal.WRONG_DATE)
    return _with_place(party, place, Membership(union=union, leaves=day, ejected=by_union), time)


def stay(party: Party, union: int, *, by_union: bool, time: int) -> Party:
    """Derive a member that stays after all: the side that gave notice revokes it before its day comes.

    Raises:
        RefusedByLedger: The party is not a member, or this side gave no notice.
    """
    place, membership = _find(party, union, time)
    if membership.leaves == 0 or membership.ejected != by_union:
        refuse(Refusal.UNION_MEMBERSHIP)
    return _with_place(party, place, Membership(union=union), time)


def _find(party: Party, union: int, time: int) -> tuple[int, Membership]:
    """Find the place that holds a union at a time or, for union 0, the first free place. Refuse if there is none."""
    places = enumerate(party.memberships)
    found = next(((place, held) for place, held in places if held.union_at(time) == union), None)
    if found is None:
        refuse(Refusal.UNION_MEMBERSHIP)
    return found


def _with_place(party: Party, place: int, membership: Membership, time: int) -> Party:
    memberships = list(party.memberships)
    memberships[place] = membership
    one, two, three, four = memberships
    return touched(replace(party, memberships=(one, two, three, four)), time)
