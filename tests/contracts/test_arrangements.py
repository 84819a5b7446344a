"""Arrangements: who concludes and amends them, what one side may do alone, and whom benefits are withheld from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import LaneActKind, LaneState, ResolutionAct
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from support.act_messages import name_of, write
from support.drafts import (
    VOTERS,
    amendment,
    conclusion,
    entry_of,
    govern,
    lane_act,
    recognition,
    resolution,
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
    sign,
)

SUSPEND, RESUME, END = LaneActKind
PAIR = (SECOND, FIRST)
BOTH = (authority(FIRST), authority(SECOND))


@pytest.fixture
def world() -> World:
    return found()


@pytest.fixture
def signed() -> World:
    """China recognises the register of Belarus."""
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    return world


def supersede(world: World) -> None:
    act = resolution(world, ResolutionAct.SUPERSEDE, key=b"\x51" * 20, detail=b"\x52" * 32, amount=53)
    world.do(act, *VOTERS)


# ---- conclude


def test_a_recognition_is_not_symmetric(signed: World) -> None:
    assert (SECOND, FIRST, 0) in signed.consortium.lanes
    assert (FIRST, SECOND, 0) not in signed.consortium.lanes


def test_both_sides_sign_and_nobody_else(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR))
    for names in (BOTH[:1], BOTH[1:], ()):
        assert world.refuses(act, *names) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(THIRD), OUTSIDER, operator(FIRST)):
        assert world.refuses(act, *BOTH, stranger) is Refusal.SURPLUS_SIGNATURE
    missing = replace(act, signatories=frozenset({SECOND}))
    assert world.refuses(missing, authority(SECOND)) is Refusal.MISSING_SIGNATORY
    missing = replace(act, signatories=frozenset({FIRST}))
    assert world.refuses(missing, authority(FIRST)) is Refusal.MISSING_SIGNATORY
    surplus = replace(act, signatories=frozenset({FIRST, SECOND, THIRD}))
    assert world.refuses(surplus, *BOTH, authority(THIRD)) is Refusal.SURPLUS_SIGNATORY
    world.do(act, *BOTH)


def test_nobody_signs_as_party_0(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR), signatories=frozenset({0, FIRST, SECOND}))
    assert world.refuses(act, *BOTH) is Refusal.TOO_FEW_SIGNATURES


def test_a_union_signs_in_the_place_of_its_member_and_no_other_does(world: World) -> None:
    by_union = {"signatories": frozenset({FIRST, UNION}), "arrangement": "BY-DE"}
    act = conclusion(world, recognition(world, FIRST, THIRD), **by_union)
    world.do(act, authority(FIRST), authority(UNION))
    act = conclusion(world, recognition(world, FIRST, SEATLESS), **by_union)
    assert world.refuses(act, authority(FIRST), authority(UNION)) is Refusal.MISSING_SIGNATORY
    act = conclusion(world, recognition(world, THIRD, FIRST), **by_union)
    assert world.refuses(act, authority(FIRST), authority(UNION)) is Refusal.MISSING_SIGNATORY


def test_a_union_s_internal_recognition_is_no_special_case(world: World) -> None:
    act = conclusion(world, recognition(world, UNION, UNION), arrangement="EU")
    world.do(act, authority(UNION))


def test_one_message_concludes_many_pairs_and_the_same_pair_twice(world: World) -> None:
    first, second = recognition(world, *PAIR), recognition(world, FIRST, SECOND)
    third = replace(first, lane=1, serial=2)
    world.do(conclusion(world, first, second, third), *BOTH)
    assert world.consortium.pairs[PAIR].lanes == 2
    assert world.consortium.pairs[FIRST, SECOND].lanes == 1


def test_an_arrangement_recognises_somebody(world: World) -> None:
    act = conclusion(world, signatories=frozenset({FIRST}))
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_RECOGNITIONS


def test_a_register_is_kept_by_whom_it_is_recognised_of(world: World) -> None:
    act = conclusion(world, recognition(world, FIRST, FOURTH))
    assert world.refuses(act, authority(FIRST), authority(FOURTH)) is Refusal.NO_REGISTER_KEPT
    act = conclusion(world, recognition(world, FIRST, 9), signatories=frozenset({FIRST}))
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_SUCH_PARTY


@pytest.mark.parametrize("name", ["", "ELEVEN-LONG", "A B", "A\0B", "A\x7fB", "Ä", "\0AB"])
def test_an_arrangement_s_name_is_up_to_ten_printable_characters(world: World, name: str) -> None:
    act = conclusion(world, recognition(world, *PAIR), arrangement=name)
    assert world.refuses(act, *BOTH) is Refusal.WRONG_ARRANGEMENT


def test_a_name_stands_for_one_text(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR), arrangement="TEN-LETTER")
    assert world.refuses(replace(act, text=bytes(32)), *BOTH) is Refusal.WRONG_ARRANGEMENT
    world.do(act, *BOTH)
    other = conclusion(world, recognition(world, *PAIR), arrangement="TEN-LETTER", text=b"\x01" * 32)
    assert world.refuses(other, *BOTH) is Refusal.WRONG_ARRANGEMENT


@pytest.mark.parametrize(
    "wrong",
    [
        {"types": 0},
        {"roles": 0},
        {"roles": 1 << 15},
        {"directions": 0},
        {"directions": 0b1000},
        {"until": 1},
        {"in_force_from": 7, "until": 7},
    ],
)
def test_a_scope_is_neither_empty_nor_unknown_nor_over_before_it_begins(world: World, wrong: dict[str, int]) -> None:
    act = conclusion(world, recognition(world, *PAIR, **wrong))
    assert world.refuses(act, *BOTH) is Refusal.WRONG_SCOPE


def test_the_pair_s_serial_is_used_once(signed: World) -> None:
    for serial in (0, 1, 3):
        act = conclusion(signed, recognition(signed, *PAIR, serial=serial))
        assert signed.refuses(act, *BOTH) is Refusal.WRONG_PAIR_SERIAL


def test_a_lane_is_the_next_and_never_used_again(signed: World) -> None:
    for lane in (0, 2):
        act = conclusion(signed, recognition(signed, *PAIR, lane=lane))
        assert signed.refuses(act, *BOTH) is Refusal.WRONG_LANE


def test_a_pair_has_16_lanes(world: World) -> None:
    lanes = [recognition(world, *PAIR, lane=lane, serial=lane + 1) for lane in range(17)]
    assert world.refuses(conclusion(world, *lanes), *BOTH) is Refusal.TOO_MANY_LANES
    world.do(conclusion(world, *lanes[:16]), *BOTH)


def test_a_call_holds_32_recognitions_and_64_signatures(world: World) -> None:
    pairs = [PAIR, (FIRST, SECOND), (FIRST, FIRST), (SECOND, SECOND)]
    lanes = [recognition(world, *pair, lane=lane, serial=lane + 1) for pair in pairs for lane in range(8)]
    surplus = conclusion(world, *lanes, replace(lanes[0], lane=8, serial=9))
    assert _reverted_bare(world, surplus, sign(world.message(surplus), *BOTH))
    too_many = conclusion(world, *lanes)
    assert _reverted_bare(world, too_many, sign(world.message(too_many), *BOTH) * 33)
    world.do(too_many, *BOTH)


def _reverted_bare(world: World, act: acts.Conclusion, signatures: list[Signature]) -> bool:
    """Say whether the call data is refused before any rule is asked: it does not fit the contract's types."""
    call = encode_act(SignedAct(name=name_of(act), values=write(act), signatures=tuple(signatures)))
    outcome = world.evm.call(Contract.CONSORTIUM, call)
    world.compare()
    return outcome.reverted and outcome.output == b""


def test_suspended_and_expelled_parties_and_a_superseded_ledger_conclude_nothing(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR))
    assert world.refuses(replace(act, deadline=world.now - 1), *BOTH) is Refusal.TOO_LATE
    govern(world, ResolutionAct.SUSPEND, FIRST)
    assert world.refuses(act, *BOTH) is Refusal.PARTY_SUSPENDED
    govern(world, ResolutionAct.EXPEL, FIRST)
    assert world.refuses(act, *BOTH) is Refusal.PARTY_EXPELLED


def test_a_superseded_ledger_concludes_and_amends_nothing_and_still_ends(signed: World) -> None:
    supersede(signed)
    again = recognition(signed, *PAIR)
    assert signed.refuses(conclusion(signed, again), *BOTH) is Refusal.SUPERSEDED
    assert signed.refuses(amendment(signed, replace(again, lane=0)), *BOTH) is Refusal.SUPERSEDED
    signed.do(lane_act(signed, SECOND, SUSPEND, PAIR), authority(SECOND))
    assert signed.refuses(lane_act(signed, SECOND, RESUME, PAIR), authority(SECOND)) is Refusal.SUPERSEDED
    signed.do(lane_act(signed, FIRST, END, PAIR), authority(FIRST))
    signed.do(withholding(signed, FIRST, entry_of(SECOND)), operator(FIRST))
    back = withholding(signed, FIRST, entry_of(SECOND), withheld=False)
    assert signed.refuses(back, operator(FIRST)) is Refusal.SUPERSEDED


# ---- amend


def test_an_amendment_puts_in_force_and_changes_scope(signed: World) -> None:
    signed.wait(DAY)
    changed = recognition(signed, *PAIR, lane=0, types=0b100, in_force_from=signed.now + DAY)
    signed.do(amendment(signed, changed), *BOTH)
    lane = signed.consortium.lanes[SECOND, FIRST, 0]
    assert (lane.types, lane.in_force_from, lane.changes) == (0b100, signed.now + DAY, 1)


def test_an_amendment_names_a_lane_of_its_own_arrangement(signed: World) -> None:
    wrong = recognition(signed, *PAIR, lane=1)
    assert signed.refuses(amendment(signed, wrong), *BOTH) is Refusal.WRONG_LANE
    other = amendment(signed, replace(wrong, lane=0), arrangement="BY-CN")
    assert signed.refuses(other, *BOTH) is Refusal.WRONG_ARRANGEMENT


def test_an_amendment_keeps_a_suspension(signed: World) -> None:
    signed.do(lane_act(signed, SECOND, SUSPEND, PAIR), authority(SECOND))
    signed.do(amendment(signed, recognition(signed, *PAIR, lane=0)), *BOTH)
    assert signed.consortium.lanes[SECOND, FIRST, 0].state is LaneState.SUSPENDED


@pytest.mark.parametrize(("expelled", "left"), [(FIRST, SECOND), (SECOND, FIRST)])
def test_who_was_expelled_is_not_needed_to_amend(signed: World, expelled: int, left: int) -> None:
    changed = recognition(signed, *PAIR, lane=0, until=signed.now + DAY)
    alone = amendment(signed, changed, signatories=frozenset({left}))
    assert signed.refuses(alone, authority(left)) is Refusal.MISSING_SIGNATORY
    govern(signed, ResolutionAct.EXPEL, expelled)
    signed.do(alone, authority(left))


# ---- alone


def test_the_recogniser_suspends_and_resumes_alone(signed: World) -> None:
    assert signed.refuses(lane_act(signed, SECOND, RESUME, PAIR), authority(SECOND)) is Refusal.WRONG_LANE_STATE
    act = lane_act(signed, SECOND, SUSPEND, PAIR)
    assert signed.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    assert signed.refuses(act, authority(FIRST)) is Refusal.SURPLUS_SIGNATURE
    signed.do(act, authority(SECOND))
    assert signed.refuses(act, authority(SECOND)) is Refusal.WRONG_PAIR_SERIAL
    assert signed.refuses(lane_act(signed, SECOND, SUSPEND, PAIR), authority(SECOND)) is Refusal.WRONG_LANE_STATE
    signed.do(lane_act(signed, SECOND, RESUME, PAIR), authority(SECOND))


@pytest.mark.parametrize("kind", [SUSPEND, RESUME])
def test_the_register_s_party_suspends_nothing(signed: World, kind: LaneActKind) -> None:
    assert signed.refuses(lane_act(signed, FIRST, kind, PAIR), authority(FIRST)) is Refusal.SURPLUS_SIGNATORY


def test_either_side_ends_a_lane_and_a_stranger_does_not(signed: World) -> None:
    assert signed.refuses(lane_act(signed, THIRD, END, PAIR), authority(THIRD)) is Refusal.SURPLUS_SIGNATORY
    signed.do(lane_act(signed, FIRST, END, PAIR), authority(FIRST))
    signed.do(lane_act(signed, SECOND, END, PAIR, until=signed.now), authority(SECOND))


def test_a_union_of_the_register_s_party_ends_a_lane(world: World) -> None:
    pair = (FIRST, THIRD)
    world.do(conclusion(world, recognition(world, *pair)), authority(FIRST), authority(THIRD))
    world.do(lane_act(world, UNION, END, pair), authority(UNION))


def test_an_end_lies_not_before_now_and_moves_later_only_by_amendment(signed: World) -> None:
    past = lane_act(signed, FIRST, END, PAIR, until=signed.now - 1)
    assert signed.refuses(past, authority(FIRST)) is Refusal.WRONG_END
    signed.do(lane_act(signed, FIRST, END, PAIR, until=signed.now + DAY), authority(FIRST))
    later = lane_act(signed, SECOND, END, PAIR, until=signed.now + DAY + 1)
    assert signed.refuses(later, authority(SECOND)) is Refusal.WRONG_END
    signed.do(amendment(signed, recognition(signed, *PAIR, lane=0, until=signed.now + 9 * DAY)), *BOTH)


def test_an_act_on_a_lane_has_its_form(signed: World) -> None:
    def refuses(party: int, act: acts.LaneAct) -> Refusal:
        return signed.refuses(act, authority(party))

    assert refuses(SECOND, lane_act(signed, SECOND, SUSPEND, PAIR, until=1)) is Refusal.WRONG_MEMBERS
    assert refuses(SECOND, lane_act(signed, SECOND, END, PAIR, until=0)) is Refusal.WRONG_MEMBERS
    assert refuses(SECOND, lane_act(signed, SECOND, SUSPEND, PAIR, deadline=signed.now - 1)) is Refusal.TOO_LATE
    assert refuses(SECOND, lane_act(signed, SECOND, SUSPEND, PAIR, lane=1)) is Refusal.WRONG_LANE
    for kind in (0, 4):
        assert refuses(SECOND, lane_act(signed, SECOND, kind, PAIR)) is Refusal.UNKNOWN_ACT  # type: ignore[arg-type]
    assert refuses(SECOND, lane_act(signed, 9, SUSPEND, PAIR)) is Refusal.NO_SUCH_PARTY


def test_a_suspended_party_ends_and_suspends_and_does_not_resume(signed: World) -> None:
    govern(signed, ResolutionAct.SUSPEND, SECOND)
    signed.do(lane_act(signed, SECOND, SUSPEND, PAIR), authority(SECOND))
    assert signed.refuses(lane_act(signed, SECOND, RESUME, PAIR), authority(SECOND)) is Refusal.PARTY_SUSPENDED
    signed.do(lane_act(signed, SECOND, END, PAIR), authority(SECOND))
    govern(signed, ResolutionAct.EXPEL, SECOND)
    assert signed.refuses(lane_act(signed, SECOND, END, PAIR), authority(SECOND)) is Refusal.PARTY_EXPELLED


# ---- withheld benefits


def test_the_recogniser_s_operators_withhold_and_grant_again(world: World) -> None:
    entry = entry_of(SECOND)
    back = withholding(world, FIRST, entry, withheld=False)
    assert world.refuses(back, operator(FIRST)) is Refusal.WRONG_WITHHOLDING
    assert world.refuses(withholding(world, FIRST, entry), authority(FIRST)) is Refusal.SURPLUS_SIGNATURE
    world.do(withholding(world, FIRST, entry), operator(FIRST))
    assert world.refuses(withholding(world, FIRST, entry), operator(FIRST)) is Refusal.WRONG_WITHHOLDING
    world.do(withholding(world, FIRST, entry, withheld=False), operator(FIRST))
    world.do(withholding(world, FIRST, entry), operator(FIRST))
    assert world.consortium.pairs[FIRST, SECOND].withheld == 2  # ever made, so never back to zero
    assert world.consortium.withholdings[FIRST, entry].changes == 2


def test_a_withholding_has_its_form(world: World) -> None:
    act = withholding(world, FIRST, entry_of(SECOND))
    assert world.refuses(replace(act, deadline=world.now - 1), operator(FIRST)) is Refusal.TOO_LATE
    assert world.refuses(replace(act, serial=2), operator(FIRST)) is Refusal.WRONG_PAIR_SERIAL
    assert world.refuses(replace(act, entry=entry_of(9)), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(withholding(world, SECOND, entry_of(FIRST)), operator(SECOND)) is Refusal.TOO_FEW_SIGNATURES


def test_a_suspended_recogniser_withholds_and_does_not_grant_again(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, FIRST)
    world.do(withholding(world, FIRST, entry_of(SECOND)), operator(FIRST))
    back = withholding(world, FIRST, entry_of(SECOND), withheld=False)
    assert world.refuses(back, operator(FIRST)) is Refusal.PARTY_SUSPENDED
