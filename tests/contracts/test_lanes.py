"""Lanes: what one side does to one alone, that neither side blocks the other, and how an ended lane is used again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import LaneActKind, LaneState, ResolutionAct
from support.drafts import (
    TEXT,
    amendment,
    conclusion,
    dual_control,
    entry_of,
    govern,
    lane_act,
    recognition,
    supersede,
    withholding,
)
from support.world import (
    DAY,
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
    operator,
)

SUSPEND, RESUME, END = LaneActKind
PAIR = (SECOND, FIRST)
BOTH = (authority(FIRST), authority(SECOND))


@cache
def prepared() -> World:
    """China recognises the register of Belarus."""
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    return world


@pytest.fixture
def world() -> World:
    return prepared().fork()


def lane_of(world: World, lane: int = 0) -> Lane:
    return world.consortium.lanes[*PAIR, lane]


def end_now(world: World, lane: int = 0) -> None:
    world.do(lane_act(world, FIRST, END, PAIR, lane=lane, until=world.now), authority(FIRST))


def again(world: World, lane: int = 0, **members: Any) -> acts.Conclusion:
    """Conclude an arrangement in an ended lane."""
    return conclusion(world, recognition(world, *PAIR, lane=lane, **members), arrangement="AGAIN", text=b"\x02" * 32)


# ---- alone


def test_the_recogniser_suspends_and_resumes_alone(world: World) -> None:
    assert world.refuses(lane_act(world, SECOND, RESUME, PAIR), authority(SECOND)) is Refusal.WRONG_LANE_STATE
    act = lane_act(world, SECOND, SUSPEND, PAIR)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(FIRST), operator(SECOND), OUTSIDER):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, authority(SECOND), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(SECOND))
    assert lane_of(world).state is LaneState.SUSPENDED
    assert world.refuses(act, authority(SECOND)) is Refusal.WRONG_LANE_NUMBER
    assert world.refuses(lane_act(world, SECOND, SUSPEND, PAIR), authority(SECOND)) is Refusal.WRONG_LANE_STATE
    world.do(lane_act(world, SECOND, RESUME, PAIR), authority(SECOND))


def test_a_lone_act_needs_as_many_keys_as_the_authority_s_threshold_says(world: World) -> None:
    names = dual_control(world, SECOND, 3, 3)
    for act in (lane_act(world, SECOND, SUSPEND, PAIR), lane_act(world, SECOND, END, PAIR)):
        assert world.refuses(act, *names[1:]) is Refusal.TOO_FEW_SIGNATURES
        world.do(act, *names)


@pytest.mark.parametrize("kind", [SUSPEND, RESUME])
def test_the_register_s_party_and_its_unions_suspend_nothing(world: World, kind: LaneActKind) -> None:
    pair = (FIRST, THIRD)
    world.do(conclusion(world, recognition(world, *pair)), authority(FIRST), authority(THIRD))
    for party in (THIRD, UNION, FOURTH):
        assert world.refuses(lane_act(world, party, kind, pair), authority(party)) is Refusal.SURPLUS_SIGNATORY


def test_either_side_ends_a_lane_and_a_stranger_does_not(world: World) -> None:
    assert world.refuses(lane_act(world, THIRD, END, PAIR), authority(THIRD)) is Refusal.SURPLUS_SIGNATORY
    world.do(lane_act(world, FIRST, END, PAIR), authority(FIRST))
    world.do(lane_act(world, SECOND, END, PAIR, until=world.now), authority(SECOND))


def test_a_union_ends_lanes_to_a_member_s_register_and_no_member_those_to_its_union_s(world: World) -> None:
    to_member, to_union = (FIRST, THIRD), (FIRST, UNION)
    world.do(conclusion(world, recognition(world, *to_member)), authority(FIRST), authority(THIRD))
    world.do(conclusion(world, recognition(world, *to_union)), authority(FIRST), authority(UNION))
    for stranger in (THIRD, FOURTH):
        act = lane_act(world, stranger, END, to_union)
        assert world.refuses(act, authority(stranger)) is Refusal.SURPLUS_SIGNATORY
    assert world.refuses(lane_act(world, FOURTH, END, to_member), authority(FOURTH)) is Refusal.SURPLUS_SIGNATORY
    world.do(lane_act(world, UNION, END, to_member), authority(UNION))
    govern(world, ResolutionAct.EXPEL, UNION)
    sooner = lane_act(world, UNION, END, to_member, until=world.now)
    assert world.refuses(sooner, authority(UNION)) is Refusal.PARTY_EXPELLED


def test_an_end_lies_not_before_now_and_strictly_shortens(world: World) -> None:
    past = lane_act(world, FIRST, END, PAIR, until=world.now - 1)
    assert world.refuses(past, authority(FIRST)) is Refusal.WRONG_END
    world.do(lane_act(world, FIRST, END, PAIR, until=world.now + DAY), authority(FIRST))
    for later in (world.now + DAY, world.now + DAY + 1, 2**32 - 1):
        for party in PAIR:
            act = lane_act(world, party, END, PAIR, until=later)
            assert world.refuses(act, authority(party)) is Refusal.WRONG_END
    world.do(lane_act(world, SECOND, END, PAIR, until=world.now + DAY - 1), authority(SECOND))
    world.do(amendment(world, recognition(world, *PAIR, lane=0, until=world.now + 9 * DAY)), *BOTH)


def test_an_open_end_is_shortened_to_the_last_second_that_a_word_holds(world: World) -> None:
    world.do(lane_act(world, FIRST, END, PAIR, until=2**32 - 1), authority(FIRST))


def test_an_act_on_a_lane_has_its_form(world: World) -> None:
    def refuses(party: int, act: acts.LaneAct) -> Refusal:
        return world.refuses(act, authority(party))

    assert refuses(SECOND, lane_act(world, SECOND, SUSPEND, PAIR, until=1)) is Refusal.WRONG_MEMBERS
    assert refuses(SECOND, lane_act(world, SECOND, END, PAIR, until=0)) is Refusal.WRONG_MEMBERS
    assert refuses(SECOND, lane_act(world, SECOND, SUSPEND, PAIR, deadline=world.now - 1)) is Refusal.TOO_LATE
    too_far = lane_act(world, SECOND, SUSPEND, PAIR, deadline=world.now + 366 * DAY + 1)
    assert refuses(SECOND, too_far) is Refusal.TOO_FAR
    for lane in (1, 16, 255):
        assert refuses(SECOND, lane_act(world, SECOND, SUSPEND, PAIR, lane=lane)) is Refusal.WRONG_LANE
        assert refuses(FIRST, lane_act(world, FIRST, END, PAIR, lane=lane)) is Refusal.WRONG_LANE
    for kind in (0, 4, 255):
        assert refuses(SECOND, lane_act(world, SECOND, kind, PAIR)) is Refusal.UNKNOWN_ACT
    assert refuses(SECOND, lane_act(world, 9, SUSPEND, PAIR)) is Refusal.NO_SUCH_PARTY
    assert refuses(SECOND, lane_act(world, SECOND, END, (FIRST, 9))) is Refusal.NO_SUCH_PARTY
    for generation in (1, 255):
        act = lane_act(world, SECOND, SUSPEND, PAIR, generation=generation)
        assert refuses(SECOND, act) is Refusal.WRONG_GENERATION


def test_numbers_are_the_next_of_the_recogniser_and_to_end_the_pair_s_last_amendment(world: World) -> None:
    for number in (0, 2):
        act = lane_act(world, SECOND, SUSPEND, PAIR, number=number)
        assert world.refuses(act, authority(SECOND)) is Refusal.WRONG_LANE_NUMBER
        act = lane_act(world, FIRST, END, PAIR, number=number)
        assert world.refuses(act, authority(FIRST)) is Refusal.WRONG_LANE_NUMBER


def test_a_suspended_party_ends_and_suspends_and_does_not_resume(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, SECOND)
    world.do(lane_act(world, SECOND, SUSPEND, PAIR), authority(SECOND))
    assert world.refuses(lane_act(world, SECOND, RESUME, PAIR), authority(SECOND)) is Refusal.PARTY_SUSPENDED
    world.do(lane_act(world, SECOND, END, PAIR), authority(SECOND))
    govern(world, ResolutionAct.EXPEL, SECOND)
    assert world.refuses(lane_act(world, SECOND, END, PAIR), authority(SECOND)) is Refusal.PARTY_EXPELLED


# ---- nobody blocks anybody


def test_neither_side_s_acts_void_the_other_s(world: World) -> None:
    """They are drafted together, as by mail. An end uses no number, and the recogniser's acts have their own numbers."""
    suspension = lane_act(world, SECOND, SUSPEND, PAIR)
    own_end = lane_act(world, SECOND, END, PAIR, until=world.now + DAY)
    by_mail = amendment(world, recognition(world, *PAIR, lane=0, types=0b100))
    withheld = withholding(world, SECOND, entry_of(FIRST))
    for days in (9, 8, 7):
        world.do(lane_act(world, FIRST, END, PAIR, until=world.now + days * DAY), authority(FIRST))
    world.do(suspension, authority(SECOND))
    world.do(withheld, operator(SECOND), operator(SECOND, 1))
    world.do(own_end, authority(SECOND))
    world.do(by_mail, *BOTH)
    assert lane_of(world).until == 0


def test_withholdings_of_other_entries_and_lone_acts_void_no_amendment(world: World) -> None:
    by_mail = amendment(world, recognition(world, *PAIR, lane=0, types=0b100), deadline=world.now + 40 * DAY)
    both = (operator(SECOND), operator(SECOND, 1))
    for holder in range(1, 4):
        world.do(withholding(world, SECOND, entry_of(FIRST, 0, holder)), *both)
    for kind in (SUSPEND, RESUME):
        world.do(lane_act(world, SECOND, kind, PAIR), authority(SECOND))
    world.wait(30 * DAY)
    world.do(by_mail, *BOTH)


def test_an_amendment_voids_an_end_and_no_suspension(world: World) -> None:
    end, suspension = lane_act(world, FIRST, END, PAIR), lane_act(world, SECOND, SUSPEND, PAIR)
    world.do(amendment(world, recognition(world, *PAIR, lane=0)), *BOTH)
    assert world.refuses(end, authority(FIRST)) is Refusal.WRONG_LANE_NUMBER
    world.do(suspension, authority(SECOND))


# ---- an ended lane is used again


def test_an_ended_lane_is_concluded_again_in_a_new_generation_and_never_looks_unaltered(world: World) -> None:
    world.do(amendment(world, recognition(world, *PAIR, lane=0, until=world.now + DAY)), *BOTH)
    assert world.refuses(again(world), *BOTH) is Refusal.WRONG_LANE
    world.wait(DAY - 1)
    assert world.refuses(again(world), *BOTH) is Refusal.WRONG_LANE
    world.wait(1)
    world.do(again(world), *BOTH)
    lane = lane_of(world)
    assert (lane.generation, lane.arrangement, lane.until, lane.state) == (1, "AGAIN", 0, LaneState.OPEN)
    assert (lane.changes, lane.changed_at) == (2, world.now)
    assert world.consortium.texts[*PAIR, 0] == b"\x02" * 32
    assert world.consortium.pairs[PAIR].lanes == 1


def test_a_lane_never_altered_before_it_ended_is_not_unaltered_when_used_again(world: World) -> None:
    world.do(conclusion(world, recognition(world, *PAIR, until=world.now + DAY)), *BOTH)
    assert lane_of(world, 1).changes == 0
    world.wait(DAY)
    world.do(again(world, 1), *BOTH)
    assert lane_of(world, 1).changes == 1


def test_a_suspended_lane_that_ended_is_open_when_used_again(world: World) -> None:
    world.do(lane_act(world, SECOND, SUSPEND, PAIR), authority(SECOND))
    end_now(world)
    world.do(again(world), *BOTH)
    assert lane_of(world).state is LaneState.OPEN


def test_all_16_lanes_are_used_again_as_often_as_need_be(world: World) -> None:
    """So a union and one recogniser cannot exhaust a member's lanes, because the member ends them."""
    more = [recognition(world, *PAIR, lane=lane, amendment=lane + 1) for lane in range(1, 16)]
    world.do(conclusion(world, *more), *BOTH)
    full = conclusion(world, recognition(world, *PAIR))
    assert world.refuses(full, *BOTH) is Refusal.TOO_MANY_LANES
    for generation in (1, 2, 3):
        end_now(world, 15)
        world.do(again(world, 15), *BOTH)
        assert lane_of(world, 15).generation == generation


def test_the_last_generation_of_a_lane_is_not_used_again(world: World) -> None:
    end_now(world)
    kept = world.consortium
    for generation, fits in ((254, True), (255, False)):
        lane = replace(lane_of(world), generation=generation)
        world.become(replace(kept, lanes={**kept.lanes, (*PAIR, 0): lane}))
        if fits:
            world.fork().do(again(world), *BOTH)
        else:
            assert world.refuses(again(world), *BOTH) is Refusal.WRONG_LANE


def test_the_count_of_changes_stops_at_its_maximum_and_never_returns_to_0(world: World) -> None:
    for _ in range(10):
        kind = SUSPEND if lane_of(world).state is LaneState.OPEN else RESUME
        world.do(lane_act(world, SECOND, kind, PAIR), authority(SECOND))
    assert lane_of(world).changes == 7
    world.do(amendment(world, recognition(world, *PAIR, lane=0)), *BOTH)
    assert lane_of(world).changes == 7
    end_now(world)
    world.do(again(world), *BOTH)
    assert lane_of(world).changes == 7


def test_an_ended_lane_goes_on_by_amendment_under_its_own_text(world: World) -> None:
    end_now(world)
    world.do(amendment(world, recognition(world, *PAIR, lane=0)), *BOTH)
    assert (lane_of(world).generation, lane_of(world).until) == (0, 0)
    assert world.consortium.texts[*PAIR, 0] == TEXT


def test_in_its_new_generation_a_lane_is_of_its_new_arrangement(world: World) -> None:
    end_now(world)
    world.do(again(world), *BOTH)
    old_name = amendment(world, recognition(world, *PAIR, lane=0))
    assert world.refuses(old_name, *BOTH) is Refusal.WRONG_ARRANGEMENT
    world.do(replace(old_name, arrangement="AGAIN"), *BOTH)


def test_one_message_does_not_use_one_lane_twice(world: World) -> None:
    twice = [recognition(world, *PAIR, lane=1, amendment=number) for number in (2, 3)]
    assert world.refuses(conclusion(world, *twice), *BOTH) is Refusal.WRONG_LANE


@pytest.mark.parametrize("party", [UNION, SEATLESS])
def test_a_party_outside_the_pair_reuses_no_lane(world: World, party: int) -> None:
    end_now(world)
    act = replace(again(world), signatories=frozenset({SECOND, party}))
    assert world.refuses(act, authority(SECOND), authority(party)) is Refusal.MISSING_SIGNATORY


def test_a_superseded_ledger_reuses_no_lane_and_ends_lanes(world: World) -> None:
    end_now(world)
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    supersede(world)
    assert world.refuses(again(world), *BOTH) is Refusal.SUPERSEDED
    end_now(world, 1)
