"""Unions: how a party joins one, and how it leaves or is ejected, at once or on a day that was named before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.party import DAY_S, NO_MEMBERSHIP, Membership
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyKind, ResolutionAct
from support.drafts import conclusion, govern, party_act, recognition, supersede
from support.world import (
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
    SECOND,
    START,
    THIRD,
    UNION,
    World,
    authority,
    found,
    founding,
    operator,
)

JOIN, LEAVE, EJECT = PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION, PartyActKind.EJECT_MEMBER
STAY, KEEP = PartyActKind.REVOKE_LEAVING, PartyActKind.REVOKE_EJECTION
MIDNIGHT = (START // DAY_S + 10) * DAY_S
"""The first second of a day, some nine days ahead."""
LONGEST = 2 * 366 * DAY_S


@pytest.fixture
def world() -> World:
    return found()


def join(world: World, party: int, union: int = UNION) -> acts.PartyAct:
    return party_act(world, party, JOIN, detail=union)


def leave(world: World, party: int, effective: int = 0, union: int = UNION) -> acts.PartyAct:
    return party_act(world, party, LEAVE, detail=union, effective=effective)


def eject(world: World, member: int, effective: int = 0) -> acts.PartyAct:
    return party_act(world, UNION, EJECT, detail=member, effective=effective)


def stay(world: World, party: int) -> acts.PartyAct:
    return party_act(world, party, STAY, detail=UNION)


def keep(world: World, member: int) -> acts.PartyAct:
    return party_act(world, UNION, KEEP, detail=member)


def unions_of(world: World, party: int = THIRD) -> tuple[int, ...]:
    return world.consortium.parties[party].unions_at(world.now)


# ---- joining


def test_joining_takes_both_signatures(world: World) -> None:
    act = join(world, FIRST)
    for names in ((authority(FIRST),), (authority(UNION),)):
        assert world.refuses(act, *names) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, authority(FIRST), authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    both = (authority(FIRST), authority(UNION))
    assert world.refuses(act, *both, authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, *both)
    assert (world.consortium.parties[FIRST].changed_at, unions_of(world, FIRST)) == (world.now, (UNION,))
    assert world.refuses(join(world, FIRST), *both) is Refusal.UNION_MEMBERSHIP


@pytest.mark.parametrize("other", [SECOND, 9, FIRST, 255, 256, 256 + UNION, 2**200])
def test_only_a_union_is_joined(world: World, other: int) -> None:
    names = {authority(FIRST)} | ({authority(other)} if other in world.consortium.parties else set())
    reason = Refusal.NO_SUCH_PARTY if other in {9, 255} else Refusal.NOT_A_UNION
    assert world.refuses(join(world, FIRST, other), *names) is reason


@pytest.mark.parametrize("act", [ResolutionAct.SUSPEND, ResolutionAct.EXPEL])
def test_a_union_is_not_joined_by_itself_nor_while_it_is_suspended_nor_expelled(
    world: World, act: ResolutionAct
) -> None:
    assert world.refuses(join(world, UNION), authority(UNION)) is Refusal.NOT_A_UNION
    govern(world, act, UNION)
    assert world.refuses(join(world, FIRST), authority(FIRST), authority(UNION)) is Refusal.NOT_A_UNION


def test_after_succession_no_union_is_joined_and_unions_are_left(world: World) -> None:
    world.do(leave(world, FOURTH, (world.now // DAY_S + 40) * DAY_S), authority(FOURTH))
    world.do(eject(world, THIRD, (world.now // DAY_S + 40) * DAY_S), authority(UNION))
    supersede(world)
    assert world.refuses(join(world, FIRST), authority(FIRST), authority(UNION)) is Refusal.SUPERSEDED
    assert world.refuses(stay(world, FOURTH), authority(FOURTH)) is Refusal.SUPERSEDED
    assert world.refuses(keep(world, THIRD), authority(UNION)) is Refusal.SUPERSEDED
    world.do(leave(world, THIRD), authority(THIRD))
    world.do(eject(world, FOURTH), authority(UNION))


def test_a_party_belongs_to_four_unions_at_most() -> None:
    consortium = founding()
    union = PartyKind.UNION
    parties = {number: replace(party, kind=union) for number, party in consortium.parties.items() if number != FIRST}
    world = found(replace(consortium, parties={**consortium.parties, **parties}))
    for number in (SECOND, THIRD, FOURTH, UNION):
        world.do(join(world, FIRST, number), authority(FIRST), authority(number))
    fifth = join(world, FIRST, SEATLESS)
    assert world.refuses(fifth, authority(FIRST), authority(SEATLESS)) is Refusal.UNION_MEMBERSHIP
    world.do(leave(world, FIRST, union=THIRD), authority(FIRST))
    world.do(join(world, FIRST, SEATLESS), authority(FIRST), authority(SEATLESS))
    held = world.consortium.parties[FIRST].memberships
    assert tuple(place.union for place in held) == (SECOND, SEATLESS, FOURTH, UNION)
    world.do(leave(world, FIRST, MIDNIGHT, union=FOURTH), authority(FIRST))
    back = join(world, FIRST, THIRD)
    assert world.refuses(back, authority(FIRST), authority(THIRD)) is Refusal.UNION_MEMBERSHIP
    world.wait(MIDNIGHT - world.now)  # the day has come: the place is free, though nothing was written
    world.do(join(world, FIRST, THIRD), authority(FIRST), authority(THIRD))
    held = world.consortium.parties[FIRST].memberships
    assert tuple(place.union for place in held) == (SECOND, SEATLESS, THIRD, UNION)


# ---- leaving and ejecting at once


def test_a_member_leaves_alone_at_once(world: World) -> None:
    act = leave(world, THIRD)
    for stranger in (authority(UNION), authority(FIRST), OUTSIDER, operator(THIRD)):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, authority(THIRD), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(THIRD))
    assert unions_of(world) == ()
    assert world.refuses(leave(world, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP


def test_a_union_ejects_alone_at_once_with_a_serial_of_its_own(world: World) -> None:
    act = eject(world, THIRD)
    for stranger in (authority(THIRD), authority(FIRST), OUTSIDER, operator(UNION)):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, authority(UNION), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(UNION))
    assert unions_of(world) == ()
    assert (world.consortium.offices[UNION].serial, world.consortium.offices[THIRD].serial) == (1, 0)
    assert world.refuses(eject(world, THIRD), authority(UNION)) is Refusal.UNION_MEMBERSHIP


def test_an_ejection_stands_in_both_histories_and_changes_the_member_s_word_alone(world: World) -> None:
    for draft in (eject(world, THIRD, MIDNIGHT), keep):
        before = world.consortium
        act = draft if isinstance(draft, acts.PartyAct) else draft(world, THIRD)
        world.do(act, authority(UNION))
        after = world.consortium
        assert {n for n in after.parties if after.parties[n] != before.parties[n]} == {THIRD}
        assert {n for n in after.parties if after.party_heads[n] != before.party_heads[n]} == {THIRD, UNION}


@pytest.mark.parametrize("other", [FIRST, UNION, 9, 256 + THIRD, 2**200])
def test_only_a_member_is_ejected(world: World, other: int) -> None:
    reason = Refusal.UNION_MEMBERSHIP if other in world.consortium.parties else Refusal.NO_SUCH_PARTY
    for act in (eject(world, other), keep(world, other)):
        assert world.refuses(act, authority(UNION)) is reason


@pytest.mark.parametrize("other", [FIRST, SECOND, 9, 256 + UNION, 2**200])
def test_only_a_union_that_one_belongs_to_is_left(world: World, other: int) -> None:
    for kind in (LEAVE, STAY):
        act = party_act(world, THIRD, kind, detail=other)
        assert world.refuses(act, authority(THIRD)) is Refusal.UNION_MEMBERSHIP


def test_a_party_that_is_not_a_union_ejects_nobody(world: World) -> None:
    act = party_act(world, FIRST, EJECT, detail=THIRD)
    assert world.refuses(act, authority(FIRST)) is Refusal.UNION_MEMBERSHIP


def test_an_expelled_or_suspended_union_ejects_nobody_nor_signs_for_members(world: World) -> None:
    arrangement = conclusion(world, recognition(world, FIRST, THIRD), signatories=frozenset({FIRST, UNION}))
    both = (authority(FIRST), authority(UNION))
    govern(world, ResolutionAct.SUSPEND, UNION)
    assert world.refuses(eject(world, THIRD), authority(UNION)) is Refusal.PARTY_SUSPENDED
    assert world.refuses(arrangement, *both) is Refusal.PARTY_SUSPENDED
    govern(world, ResolutionAct.EXPEL, UNION)
    assert world.refuses(eject(world, THIRD), authority(UNION)) is Refusal.PARTY_EXPELLED
    assert world.refuses(arrangement, *both) is Refusal.PARTY_EXPELLED
    world.do(leave(world, THIRD), authority(THIRD))


def test_a_suspended_member_does_not_leave_and_is_ejected(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, THIRD)
    assert world.refuses(leave(world, THIRD), authority(THIRD)) is Refusal.PARTY_SUSPENDED
    world.do(eject(world, THIRD), authority(UNION))


# ---- on a day named before


def test_a_party_is_a_member_until_the_first_second_of_the_day(world: World) -> None:
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))
    world.do(eject(world, FOURTH, MIDNIGHT), authority(UNION))
    world.wait(MIDNIGHT - 1 - world.now)
    assert unions_of(world) == unions_of(world, FOURTH) == (UNION,)
    world.wait(1)
    assert unions_of(world) == unions_of(world, FOURTH) == ()
    assert world.refuses(leave(world, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP
    assert world.refuses(eject(world, FOURTH), authority(UNION)) is Refusal.UNION_MEMBERSHIP


def test_giving_notice_moves_changed_at_and_its_day_writes_nothing(world: World) -> None:
    world.wait(5)
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))
    noticed = world.consortium.parties[THIRD]
    assert (noticed.changed_at, noticed.changes) == (world.now, 1)
    world.wait(MIDNIGHT - world.now)
    world.compare()
    assert world.consortium.parties[THIRD] == noticed
    world.do(join(world, THIRD), authority(THIRD), authority(UNION))
    assert world.consortium.parties[THIRD].changes == 2
    assert world.consortium.parties[THIRD].memberships[0] == Membership(union=UNION)


@pytest.mark.parametrize("draft", [leave, eject])
def test_the_day_begins_at_midnight_ahead_and_within_two_years(world: World, draft: object) -> None:
    world.wait(MIDNIGHT - world.now)
    last = MIDNIGHT + LONGEST
    signer = authority(THIRD if draft is leave else UNION)
    assert callable(draft)
    for wrong in (1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + DAY_S - 1, MIDNIGHT - DAY_S, last + DAY_S, 2**32 - 1):
        assert world.refuses(draft(world, THIRD, wrong), signer) is Refusal.WRONG_DATE
    world.fork().do(draft(world, THIRD, MIDNIGHT + DAY_S), signer)
    world.do(draft(world, THIRD, last), signer)


def test_just_before_midnight_the_last_day_is_two_years_ahead_of_the_second(world: World) -> None:
    world.wait(MIDNIGHT - 1 - world.now)
    assert world.refuses(leave(world, THIRD, MIDNIGHT + LONGEST), authority(THIRD)) is Refusal.WRONG_DATE
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))


def test_whoever_gave_notice_revokes_it_until_its_day(world: World) -> None:
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))
    world.do(eject(world, FOURTH, MIDNIGHT), authority(UNION))
    assert world.refuses(keep(world, THIRD), authority(UNION)) is Refusal.UNION_MEMBERSHIP
    assert world.refuses(stay(world, FOURTH), authority(FOURTH)) is Refusal.UNION_MEMBERSHIP
    late = world.fork()
    world.wait(MIDNIGHT - 1 - world.now)
    world.do(stay(world, THIRD), authority(THIRD))
    world.do(keep(world, FOURTH), authority(UNION))
    world.wait(1)
    assert unions_of(world) == unions_of(world, FOURTH) == (UNION,)
    late.wait(MIDNIGHT - late.now)
    assert late.refuses(stay(late, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP
    assert late.refuses(keep(late, FOURTH), authority(UNION)) is Refusal.UNION_MEMBERSHIP


def test_a_notice_that_was_not_given_is_not_revoked(world: World) -> None:
    assert world.refuses(stay(world, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP
    assert world.refuses(keep(world, THIRD), authority(UNION)) is Refusal.UNION_MEMBERSHIP
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))
    world.do(stay(world, THIRD), authority(THIRD))
    assert world.refuses(stay(world, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP


@pytest.mark.parametrize("ejected", [False, True])
def test_a_notice_is_given_for_an_earlier_day_by_who_gave_it_and_for_no_later_one(world: World, ejected: bool) -> None:
    draft, signer = (eject, authority(UNION)) if ejected else (leave, authority(THIRD))
    world.do(draft(world, THIRD, MIDNIGHT), signer)
    for later in (MIDNIGHT, MIDNIGHT + DAY_S):
        assert world.refuses(draft(world, THIRD, later), signer) is Refusal.WRONG_DATE
    world.do(draft(world, THIRD, MIDNIGHT - DAY_S), signer)
    other, other_signer = (leave, authority(THIRD)) if ejected else (eject, authority(UNION))
    for day in (MIDNIGHT - 2 * DAY_S, MIDNIGHT + DAY_S):
        assert world.refuses(other(world, THIRD, day), other_signer) is Refusal.WRONG_DATE
    world.do(other(world, THIRD), other_signer)  # but each may part at once
    assert unions_of(world) == ()


def test_notices_change_no_seat(world: World) -> None:
    """Only a resolution gives or takes a seat, so no two notices can break the quorum together."""
    before = [world.consortium.parties[party].seat for party in (THIRD, FOURTH)]
    world.do(leave(world, THIRD, MIDNIGHT), authority(THIRD))
    world.do(eject(world, FOURTH, MIDNIGHT), authority(UNION))
    world.wait(MIDNIGHT - world.now)
    assert [world.consortium.parties[party].seat for party in (THIRD, FOURTH)] == before == [True, True]
    govern(world, ResolutionAct.SUSPEND, FIRST)
    world.wait(9 * DAY_S)
    govern(world, ResolutionAct.GIVE_SEAT, SEATLESS)


@pytest.mark.parametrize("place", range(4))
def test_a_notice_in_one_place_leaves_the_others_alone(place: int) -> None:
    """A member of four unions is ejected from one and gives notice to another. Both notices are revoked."""
    consortium = founding()
    unions = (FIRST, SECOND, FOURTH, UNION)
    parties = {n: replace(p, kind=PartyKind.UNION) if n in unions else p for n, p in consortium.parties.items()}
    one, two, three, four = (Membership(union=union) for union in unions)
    parties[THIRD] = replace(parties[THIRD], memberships=(one, two, three, four))
    world = found(replace(consortium, parties=parties))
    ejecting, left = unions[place], unions[(place + 1) % 4]
    signer = authority(ejecting)
    world.do(party_act(world, ejecting, EJECT, detail=THIRD, effective=MIDNIGHT), signer)
    world.do(leave(world, THIRD, MIDNIGHT + DAY_S, union=left), authority(THIRD))
    held = world.consortium.parties[THIRD].memberships
    assert [(m.union, m.ejected) for m in held if m.leaves] == sorted(
        [(ejecting, True), (left, False)], key=lambda notice: unions.index(notice[0])
    )
    kept = world.fork()
    kept.do(party_act(kept, ejecting, KEEP, detail=THIRD), signer)
    kept.do(party_act(kept, THIRD, STAY, detail=left), authority(THIRD))
    assert kept.consortium.parties[THIRD].memberships == (one, two, three, four)
    world.wait(MIDNIGHT - world.now)
    assert set(unions_of(world)) == {*unions} - {ejecting}
    world.wait(DAY_S)
    assert set(unions_of(world)) == {*unions} - {ejecting, left}


def test_a_party_has_four_places_and_no_fifth() -> None:
    """After the fourth place come days and counts. None of them may be read as a union."""
    consortium = founding()
    today = START // DAY_S
    day = next(day for day in range(today + 1, today + 257) if day % 256 == UNION)
    parties = dict(consortium.parties)
    parties[SECOND] = replace(parties[SECOND], kind=PartyKind.UNION)
    world = found(replace(consortium, parties=parties))
    noticed = replace(
        world.consortium.parties[THIRD],
        memberships=(Membership(union=SECOND, leaves=day), NO_MEMBERSHIP, NO_MEMBERSHIP, NO_MEMBERSHIP),
        epoch=1,
    )
    keys = {a: replace(k, epoch=1) if k.party == THIRD else k for a, k in world.consortium.keys.items()}
    world.become(replace(world.consortium, parties={**world.consortium.parties, THIRD: noticed}, keys=keys))
    assert world.refuses(eject(world, THIRD), authority(UNION)) is Refusal.UNION_MEMBERSHIP
    assert world.refuses(leave(world, THIRD), authority(THIRD)) is Refusal.UNION_MEMBERSHIP
    world.do(join(world, THIRD), authority(THIRD), authority(UNION))
