"""What is said against a replacement: any one standing key objects, then it takes 90 days and a third of the others may stop it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyState, ReplacementActKind, ResolutionAct
from support.drafts import (
    begin_replacement,
    complete_replacement,
    dual_control,
    govern,
    party_act,
    replacement_act,
    resolution,
    supersede,
)
from support.world import (
    DAY,
    DELAY,
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
    SECOND,
    THIRD,
    UNION,
    World,
    authority,
    found,
    founding,
    key,
    node,
    operator,
)

OBJECT, STOP = ReplacementActKind
NEW = "new"


@pytest.fixture
def world() -> World:
    return found()


def objection(world: World, party: int = FOURTH, **members: object) -> acts.ReplacementAct:
    return replacement_act(world, party, OBJECT, **members)


def stop(world: World, party: int = FOURTH, **members: object) -> acts.ReplacementAct:
    return replacement_act(world, party, STOP, **members)


def begun(world: World, party: int = FOURTH, *, held: bool = False) -> Replacement:
    if held:
        govern(world, ResolutionAct.SUSPEND, party)
    return begin_replacement(world, party, NEW)


def pending(world: World, party: int = FOURTH) -> Replacement:
    return world.consortium.replacements[party]


# ---- objecting


@pytest.mark.parametrize("held", [False, True])
def test_any_one_standing_key_objects_whatever_the_threshold_and_it_takes_90_days(world: World, held: bool) -> None:
    names = dual_control(world, FOURTH, 3, 2)
    begun(world, held=held)
    since = world.now
    world.wait(3 * DAY)
    act = objection(world)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(THIRD), operator(FOURTH), node(FOURTH), NEW, OUTSIDER):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, names[2], stranger) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(act, *names[:2]) is Refusal.SURPLUS_SIGNATURE
    world.do(act, names[2])
    assert pending(world).ready_at == since + 90 * DAY
    world.wait(since + 90 * DAY - 1 - world.now)
    assert world.complete_replacement(FOURTH) is Refusal.NOT_YET
    world.wait(1)
    assert world.complete_replacement(FOURTH) is None


def test_nobody_objects_twice(world: World) -> None:
    begun(world)
    act = objection(world)
    world.do(act, authority(FOURTH))
    again = world.refuses(act, authority(FOURTH))
    assert again is Refusal.NOT_OBJECTED
    assert pending(world).ready_at == world.now + 90 * DAY


def test_one_objects_when_it_is_ready_and_until_it_lapses(world: World) -> None:
    lapses_at, since = begun(world).lapses_at, world.now
    world.wait(lapses_at - 1 - world.now)
    late = world.fork()
    world.do(objection(world), authority(FOURTH))
    assert pending(world).ready_at == since + 90 * DAY
    assert world.complete_replacement(FOURTH) is Refusal.NOT_YET
    late.wait(1)
    assert late.refuses(objection(late), authority(FOURTH)) is Refusal.REPLACEMENT_LAPSED


def test_where_the_delay_is_longer_than_90_days_an_objection_does_not_shorten_it() -> None:
    world = found(replace(founding(), replacement_delay=200 * DAY))
    begun(world)
    world.do(objection(world), authority(FOURTH))
    assert (pending(world).ready_at, pending(world).objected) == (world.now + 200 * DAY, True)
    world.wait(DAY)
    world.do(stop(world), authority(FIRST))


def test_an_objection_has_its_form(world: World) -> None:
    assert world.refuses(objection(world), authority(FOURTH)) is Refusal.NO_REPLACEMENT
    begun(world)
    act = objection(world)
    assert world.refuses(replace(act, key=key("other").address), authority(FOURTH)) is Refusal.NO_REPLACEMENT
    assert world.refuses(replace(act, key=bytes(20)), authority(FOURTH)) is Refusal.NO_REPLACEMENT
    assert world.refuses(replace(act, party=9), authority(FOURTH)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(replace(act, party=THIRD), authority(THIRD)) is Refusal.NO_REPLACEMENT
    assert world.refuses(replace(act, deadline=world.now - 1), authority(FOURTH)) is Refusal.TOO_LATE
    too_far = replace(act, deadline=world.now + 366 * DAY + 1)
    assert world.refuses(too_far, authority(FOURTH)) is Refusal.TOO_FAR
    for kind in (0, 3, 255):
        unknown = replace(act, act=kind)
        assert world.refuses(unknown, authority(FOURTH)) is Refusal.UNKNOWN_ACT


def test_a_retired_key_and_one_of_an_earlier_epoch_object_to_nothing(world: World) -> None:
    first, second = dual_control(world, FOURTH, 2, 1)
    world.do(party_act(world, FOURTH, PartyActKind.RETIRE_AUTHORITY_KEY, key=key(first).address), second)
    begun(world)
    assert world.refuses(objection(world), first) is Refusal.SURPLUS_SIGNATURE
    complete_replacement(world, FOURTH)
    begin_replacement(world, FOURTH, "newer")
    for old in (first, second):
        assert world.refuses(objection(world), old) is Refusal.SURPLUS_SIGNATURE
    world.do(objection(world), NEW)


def test_an_objection_does_not_count_for_the_next_replacement(world: World) -> None:
    begun(world)
    act = objection(world, deadline=world.now + 300 * DAY)
    world.do(act, authority(FOURTH))
    govern(world, ResolutionAct.CANCEL_REPLACEMENT, FOURTH)
    begin_replacement(world, FOURTH, "newer")
    assert world.refuses(act, authority(FOURTH)) is Refusal.NO_REPLACEMENT
    assert world.refuses(stop(world), authority(FIRST)) is Refusal.NOT_OBJECTED


# ---- stopping


def test_without_an_objection_nobody_stops_it(world: World) -> None:
    begun(world)
    assert world.refuses(stop(world), authority(FIRST), authority(SECOND)) is Refusal.NOT_OBJECTED


@pytest.mark.parametrize(("seats", "needed"), [(0, 1), (1, 2), (2, 2)])
def test_a_third_of_the_other_active_seats_rounded_up_stops_it(world: World, seats: int, needed: int) -> None:
    """Of three, four and five other seats this is one, two and two."""
    for party in (SEATLESS, UNION)[:seats]:
        govern(world, ResolutionAct.GIVE_SEAT, party)
    begun(world)
    world.do(objection(world), authority(FOURTH))
    act, others = stop(world), tuple(map(authority, (SECOND, THIRD)))
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    if needed > 1:
        assert world.refuses(act, *others[: needed - 1]) is Refusal.TOO_FEW_SIGNATURES
    world.do(act, *others[:needed])
    assert FOURTH not in world.consortium.replacements
    burnt = world.consortium.keys[key(NEW).address]
    assert (burnt.added_at, burnt.retired_at) == (0, world.now)


def test_the_party_itself_does_not_count_among_the_other_seats(world: World) -> None:
    for party in (SEATLESS, UNION):
        govern(world, ResolutionAct.GIVE_SEAT, party)
    begun(world, SEATLESS)
    world.do(objection(world, SEATLESS), authority(SEATLESS))
    act = stop(world, SEATLESS)
    own = world.refuses(act, authority(FIRST), authority(SECOND), authority(SEATLESS))
    assert own is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(act, authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES  # a third of five, not of six
    world.do(act, authority(FIRST), authority(SECOND))


def test_all_four_seats_are_others_of_a_party_without_one(world: World) -> None:
    begun(world, SEATLESS)
    world.do(objection(world, SEATLESS), authority(SEATLESS))
    assert world.refuses(stop(world, SEATLESS), authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    world.do(stop(world, SEATLESS), authority(FIRST), authority(FOURTH))


def test_suspended_and_expelled_seats_neither_vote_nor_count(world: World) -> None:
    begun(world, SEATLESS)
    world.do(objection(world, SEATLESS), authority(SEATLESS))
    govern(world, ResolutionAct.SUSPEND, FOURTH)
    act = stop(world, SEATLESS)
    assert world.refuses(act, authority(FIRST), authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(FIRST))  # one of three


def test_a_suspended_party_s_own_seat_is_not_among_those_that_may_vote(world: World) -> None:
    """A third of the other four is two. The party's own seat is not subtracted again."""
    govern(world, ResolutionAct.GIVE_SEAT, SEATLESS)
    begun(world, held=True)
    world.do(objection(world), authority(FOURTH))
    assert world.refuses(stop(world), authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    world.do(stop(world), authority(FIRST), authority(SEATLESS))


def test_where_there_is_no_other_seat_nobody_stops_it() -> None:
    world = found(founding(seats=(FIRST,)))
    act = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key(NEW).address)
    world.do(act, authority(FIRST), NEW)
    world.do(objection(world, FIRST), authority(FIRST))
    assert world.refuses(stop(world, FIRST)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(stop(world, FIRST), authority(FIRST)) is Refusal.SURPLUS_SIGNATURE


@pytest.mark.parametrize("stranger", [authority(UNION), operator(FIRST), OUTSIDER, NEW])
def test_a_party_without_a_seat_stops_nothing(world: World, stranger: str) -> None:
    begun(world)
    world.do(objection(world), authority(FOURTH))
    assert world.refuses(stop(world), authority(FIRST), stranger) is Refusal.SURPLUS_SIGNATURE


def test_a_seat_stops_it_with_as_many_keys_as_its_threshold_says(world: World) -> None:
    names = dual_control(world, FIRST, 3, 2)
    begun(world)
    world.do(objection(world), authority(FOURTH))
    assert world.refuses(stop(world), names[0]) is Refusal.SURPLUS_SIGNATURE
    world.do(stop(world), *names[1:])


@pytest.mark.parametrize("party", [FOURTH, SEATLESS])
def test_a_suspension_by_a_replacement_ends_when_it_is_stopped_or_completed_and_gives_no_seat(
    world: World, party: int
) -> None:
    begun(world, party, held=True)
    until, seat = pending(world, party).suspended_until, world.consortium.parties[party].seat
    world.do(objection(world, party), authority(party))
    world.wait(20 * DAY)
    assert world.consortium.parties[party].state_at(world.now) is PartyState.SUSPENDED
    other = world.fork()
    world.do(stop(world, party), authority(FIRST), authority(SECOND))
    complete_replacement(other, party)
    for each in (world, other):
        released = each.consortium.parties[party]
        assert (released.suspended_until, released.state_at(each.now)) == (until, PartyState.ACTIVE)
        assert released.seat is seat


def test_it_is_stopped_until_it_completes_or_lapses(world: World) -> None:
    begun(world)
    world.do(objection(world), authority(FOURTH))
    world.wait(pending(world).lapses_at - 1 - world.now)
    world.fork().do(stop(world), authority(FIRST))
    world.wait(1)
    assert world.refuses(stop(world), authority(FIRST)) is Refusal.REPLACEMENT_LAPSED


def test_objecting_and_stopping_stand_in_the_party_s_history_and_go_on_after_succession(world: World) -> None:
    supersede(world)
    begun(world)
    heads = [world.consortium.party_heads[FOURTH]]
    for act, name in ((objection, authority(FOURTH)), (stop, authority(FIRST))):
        world.do(act(world), name)
        heads.append(world.consortium.party_heads[FOURTH])
    assert len(set(heads)) == 3


def test_two_thirds_still_cancel_it_and_the_party_too_unless_it_is_held(world: World) -> None:
    begun(world)
    world.do(objection(world), authority(FOURTH))
    other = world.fork()
    world.do(party_act(world, FOURTH, PartyActKind.CANCEL_REPLACEMENT), authority(FOURTH))
    govern(other, ResolutionAct.CANCEL_REPLACEMENT, FOURTH)
    for each in (world, other):
        each.wait(DELAY + 90 * DAY)
        assert each.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
