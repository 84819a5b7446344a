"""Arrangements: who concludes and amends them, and whom benefits are withheld from."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import LaneActKind, LaneState, ResolutionAct
from support.drafts import (
    TEXT,
    amendment,
    conclusion,
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


@pytest.fixture
def world() -> World:
    return found()


@cache
def concluded() -> World:
    """China recognises the register of Belarus."""
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    return world


@pytest.fixture
def signed() -> World:
    return concluded().fork()


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
    third = replace(first, lane=1, amendment=2)
    world.do(conclusion(world, first, second, third), *BOTH)
    assert world.consortium.pairs[PAIR].lanes == 2
    assert world.consortium.pairs[FIRST, SECOND].lanes == 1


def test_an_arrangement_recognises_somebody(world: World) -> None:
    act = conclusion(world, signatories=frozenset({FIRST}))
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_RECOGNITIONS


def test_only_a_register_that_is_kept_is_recognised(world: World) -> None:
    act = conclusion(world, recognition(world, FIRST, FOURTH))
    assert world.refuses(act, authority(FIRST), authority(FOURTH)) is Refusal.NO_REGISTER_KEPT
    act = conclusion(world, recognition(world, FIRST, 9), signatories=frozenset({FIRST}))
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_SUCH_PARTY


@pytest.mark.parametrize("name", ["", "ELEVEN-LONG", "A B", "A\0B", "A\x7fB", "Ä", "\0AB"])
def test_an_arrangement_s_name_is_up_to_ten_printable_characters(world: World, name: str) -> None:
    act = conclusion(world, recognition(world, *PAIR), arrangement=name)
    assert world.refuses(act, *BOTH) is Refusal.WRONG_ARRANGEMENT


@pytest.mark.parametrize("name", ["!", "~", "!~!~!~!~!~", "~!~!~!~!~!", "A"])
def test_a_name_may_have_any_printable_character(world: World, name: str) -> None:
    world.do(conclusion(world, recognition(world, *PAIR), arrangement=name), *BOTH)
    assert world.consortium.lanes[*PAIR, 0].arrangement == name


def test_an_arrangement_has_a_text(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR), arrangement="TEN-LETTER")
    assert world.refuses(replace(act, text=bytes(32)), *BOTH) is Refusal.WRONG_ARRANGEMENT
    world.do(act, *BOTH)
    amended = amendment(world, recognition(world, *PAIR, lane=0), arrangement="TEN-LETTER", text=bytes(32))
    assert world.refuses(amended, *BOTH) is Refusal.WRONG_ARRANGEMENT


def test_names_are_not_reserved_and_each_lane_keeps_the_hash_of_its_text(world: World) -> None:
    """A stranger that uses the name first does not take it away from another pair."""
    world.do(conclusion(world, recognition(world, SEATLESS, SEATLESS), text=b"\x05" * 32), authority(SEATLESS))
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    world.do(conclusion(world, recognition(world, *PAIR), text=b"\x01" * 32), *BOTH)
    assert {lane.arrangement for lane in world.consortium.lanes.values()} == {"CN-BY"}
    texts = world.consortium.texts
    assert (texts[SEATLESS, SEATLESS, 0], texts[*PAIR, 0], texts[*PAIR, 1]) == (b"\x05" * 32, TEXT, b"\x01" * 32)
    world.do(amendment(world, recognition(world, *PAIR, lane=0), text=b"\x02" * 32), *BOTH)
    assert world.consortium.texts[*PAIR, 0] == TEXT


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


@pytest.mark.parametrize(
    "right",
    [
        {"types": 0xFFFF, "roles": 0x7FFF, "directions": 0b111, "benefits": 0xFFFF},
        {"types": 0x8000, "roles": 1 << 14, "directions": 0b100, "benefits": 0},
        {"in_force_from": 0, "until": 1},
        {"in_force_from": 2**32 - 2, "until": 2**32 - 1},
    ],
)
def test_a_scope_may_be_the_largest_and_the_smallest(world: World, right: dict[str, int]) -> None:
    world.do(conclusion(world, recognition(world, *PAIR, **right)), *BOTH)
    lane = world.consortium.lanes[*PAIR, 0]
    assert {name: getattr(lane, name) for name in right} == right


def test_the_pair_s_number_is_used_once(signed: World) -> None:
    for number in (0, 1, 3):
        drafted = recognition(signed, *PAIR, amendment=number)
        assert signed.refuses(conclusion(signed, drafted), *BOTH) is Refusal.WRONG_AMENDMENT
        assert signed.refuses(amendment(signed, replace(drafted, lane=0)), *BOTH) is Refusal.WRONG_AMENDMENT


def test_a_lane_is_the_next_one(signed: World) -> None:
    for lane in (0, 2, 16, 255):
        act = conclusion(signed, recognition(signed, *PAIR, lane=lane))
        assert signed.refuses(act, *BOTH) is Refusal.WRONG_LANE


def test_a_pair_has_16_lanes(world: World) -> None:
    lanes = [recognition(world, *PAIR, lane=lane, amendment=lane + 1) for lane in range(17)]
    assert world.refuses(conclusion(world, *lanes), *BOTH) is Refusal.TOO_MANY_LANES
    world.do(conclusion(world, *lanes[:16]), *BOTH)


def test_an_arrangement_by_mail_has_a_deadline_within_a_year(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR))
    assert world.refuses(replace(act, deadline=world.now - 1), *BOTH) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), *BOTH) is Refusal.TOO_FAR
    world.do(replace(act, deadline=world.now + 366 * DAY), *BOTH)


def test_suspended_and_expelled_parties_conclude_nothing(world: World) -> None:
    act = conclusion(world, recognition(world, *PAIR))
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


@pytest.mark.parametrize("wrong", [{"until": 1}, {"in_force_from": 7, "until": 7}, {"types": 0}, {"roles": 1 << 15}])
def test_an_amendment_s_scope_is_of_the_same_form(signed: World, wrong: dict[str, int]) -> None:
    act = amendment(signed, recognition(signed, *PAIR, lane=0, **wrong))
    assert signed.refuses(act, *BOTH) is Refusal.WRONG_SCOPE


def test_an_arrangement_is_amended_whose_register_is_no_longer_kept_and_none_is_concluded(signed: World) -> None:
    govern(signed, ResolutionAct.TAKE_REGISTER, FIRST)
    assert signed.refuses(conclusion(signed, recognition(signed, *PAIR)), *BOTH) is Refusal.NO_REGISTER_KEPT
    signed.do(amendment(signed, recognition(signed, *PAIR, lane=0, until=signed.now + DAY)), *BOTH)


def test_an_amendment_is_signed_by_somebody_even_where_both_sides_are_expelled(world: World) -> None:
    sides = (UNION, SEATLESS)
    world.do(conclusion(world, recognition(world, *sides)), *map(authority, sides))
    for party in sides:
        govern(world, ResolutionAct.EXPEL, party)
    changed = recognition(world, *sides, lane=0, until=world.now + DAY)
    nobody = amendment(world, changed, signatories=frozenset())
    assert world.refuses(nobody) is Refusal.MISSING_SIGNATORY
    stranger = amendment(world, changed, signatories=frozenset({THIRD}))
    assert world.refuses(stranger, authority(THIRD)) is Refusal.MISSING_SIGNATORY
    assert world.refuses(amendment(world, changed), *map(authority, sides)) is Refusal.PARTY_EXPELLED


@pytest.mark.parametrize(("expelled", "left"), [(FIRST, SECOND), (SECOND, FIRST)])
def test_an_expelled_party_is_not_needed_to_amend(signed: World, expelled: int, left: int) -> None:
    changed = recognition(signed, *PAIR, lane=0, until=signed.now + DAY)
    alone = amendment(signed, changed, signatories=frozenset({left}))
    assert signed.refuses(alone, authority(left)) is Refusal.MISSING_SIGNATORY
    govern(signed, ResolutionAct.EXPEL, expelled)
    both = amendment(signed, changed)
    assert signed.refuses(both, *BOTH) is Refusal.PARTY_EXPELLED
    signed.do(alone, authority(left))


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
    assert world.consortium.withholdings[FIRST, entry].serial == 3


def test_each_entry_has_serials_of_its_own(world: World) -> None:
    one, other = entry_of(SECOND), entry_of(SECOND, 0, 2)
    first, second = withholding(world, FIRST, one), withholding(world, FIRST, other)
    for serial in (0, 2):
        assert world.refuses(replace(first, serial=serial), operator(FIRST)) is Refusal.WRONG_WITHHOLDING_SERIAL
    world.do(first, operator(FIRST))
    world.do(second, operator(FIRST))
    assert world.refuses(first, operator(FIRST)) is Refusal.WRONG_WITHHOLDING_SERIAL
    world.do(withholding(world, THIRD, one), operator(THIRD))


def test_a_withholding_has_its_form(world: World) -> None:
    act = withholding(world, FIRST, entry_of(SECOND))
    assert world.refuses(replace(act, deadline=world.now - 1), operator(FIRST)) is Refusal.TOO_LATE
    assert world.refuses(replace(act, entry=entry_of(9)), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(replace(act, recogniser=9), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(withholding(world, SECOND, entry_of(FIRST)), operator(SECOND)) is Refusal.TOO_FEW_SIGNATURES


def test_a_suspended_recogniser_withholds_and_does_not_grant_again(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, FIRST)
    world.do(withholding(world, FIRST, entry_of(SECOND)), operator(FIRST))
    back = withholding(world, FIRST, entry_of(SECOND), withheld=False)
    assert world.refuses(back, operator(FIRST)) is Refusal.PARTY_SUSPENDED
    govern(world, ResolutionAct.EXPEL, FIRST)
    again = withholding(world, FIRST, entry_of(SECOND, 0, 2))
    assert world.refuses(again, operator(FIRST)) is Refusal.PARTY_EXPELLED


def test_from_an_expelled_party_s_register_benefits_are_withheld_and_granted_again(world: World) -> None:
    govern(world, ResolutionAct.EXPEL, SECOND)
    world.do(withholding(world, FIRST, entry_of(SECOND)), operator(FIRST))
    world.do(withholding(world, FIRST, entry_of(SECOND), withheld=False), operator(FIRST))
