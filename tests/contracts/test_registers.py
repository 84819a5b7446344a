"""Registers: how they are opened, what never goes back, and the check values of keyed ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, RegisterMode, ResolutionAct
from support.drafts import govern, party_act
from support.world import FIRST, FOURTH, SEATLESS, World, authority, found

KEYED = Register(mode=RegisterMode.KEYED, types=0b111)
OPEN = Register(mode=RegisterMode.OPEN, types=0b111)


@pytest.fixture
def world() -> World:
    return found()


def set_register(world: World, party: int, register: Register | int) -> acts.PartyAct:
    return party_act(world, party, PartyActKind.SET_REGISTER, detail=register)


def set_check(world: World, party: int, certificate_type: int, detail: int = 9) -> acts.PartyAct:
    return party_act(world, party, PartyActKind.SET_KEY_CHECK, detail=detail, certificate_type=certificate_type)


def open_keyed(world: World, party: int, register: Register) -> None:
    """Set the check values that a register needs, and open it."""
    for certificate_type in register.types_in_use():
        world.do(set_check(world, party, certificate_type), authority(party))
    world.do(set_register(world, party, register), authority(party))


def test_a_register_is_opened_by_a_party_that_keeps_one(world: World) -> None:
    assert world.refuses(set_register(world, FOURTH, OPEN), authority(FOURTH)) is Refusal.NO_REGISTER_KEPT
    assert not world.consortium.parties[SEATLESS].opened
    world.do(set_register(world, SEATLESS, OPEN), authority(SEATLESS))
    assert world.consortium.registers[SEATLESS].changed_at == world.now
    assert world.consortium.parties[SEATLESS].opened


@pytest.mark.parametrize(("given", "opens", "searched"), [(1, 0, 1), (1, 1, 1), (0, 1, 1), (0, 0, 0)])
def test_a_register_that_is_kept_or_was_ever_opened_is_searched(
    world: World, given: int, opens: int, searched: int
) -> None:
    govern(world, ResolutionAct.GIVE_REGISTER, FOURTH)
    if opens:
        world.do(set_register(world, FOURTH, OPEN), authority(FOURTH))
    if not given:
        govern(world, ResolutionAct.TAKE_REGISTER, FOURTH)
    assert world.consortium.parties[FOURTH].is_searched() is bool(searched)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(KEYED, mode=3),
        replace(KEYED, mode=0),
        replace(KEYED, types=0),
        replace(KEYED, mode=RegisterMode.OPEN, epoch=5),
        replace(KEYED, types=0b11, epoch=5),
        replace(KEYED, types=0b1000, epoch=5),
        replace(KEYED, epoch=4),
        1 << 56,
        2**256 - 1,
    ],
)
def test_mode_types_and_epoch_never_go_back(world: World, wrong: Register | int) -> None:
    open_keyed(world, SEATLESS, replace(KEYED, epoch=5))
    assert world.refuses(set_register(world, SEATLESS, wrong), authority(SEATLESS)) is Refusal.WRONG_REGISTER_WORD
    world.do(set_register(world, SEATLESS, replace(KEYED, epoch=2**32 - 1)), authority(SEATLESS))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(OPEN, mode=0),
        replace(OPEN, mode=3),
        replace(OPEN, mode=255),
        replace(OPEN, types=0),
        0x0701 | 1 << 56,
        2**256 - 1,
    ],
)
def test_a_register_is_opened_open_or_keyed_and_with_types(world: World, wrong: Register | int) -> None:
    assert world.refuses(set_register(world, SEATLESS, wrong), authority(SEATLESS)) is Refusal.WRONG_REGISTER_WORD
    world.do(set_register(world, SEATLESS, replace(OPEN, types=0x8000, epoch=2**32 - 1)), authority(SEATLESS))


def test_a_register_given_back_and_taken_again_keeps_its_mode(world: World) -> None:
    govern(world, ResolutionAct.TAKE_REGISTER, FIRST)
    wider = set_register(world, FIRST, replace(OPEN, types=0b1111))
    assert world.refuses(wider, authority(FIRST)) is Refusal.NO_REGISTER_KEPT
    govern(world, ResolutionAct.GIVE_REGISTER, FIRST)
    keyed = set_register(world, FIRST, KEYED)
    assert world.refuses(keyed, authority(FIRST)) is Refusal.WRONG_REGISTER_WORD
    world.do(wider, authority(FIRST))


# ---- check values of a keyed register


def test_a_keyed_type_has_its_check_value_before_it_is_taken_into_use(world: World) -> None:
    opening = set_register(world, SEATLESS, KEYED)
    assert world.refuses(opening, authority(SEATLESS)) is Refusal.WRONG_KEY_CHECK
    for certificate_type in (0, 1):
        world.do(set_check(world, SEATLESS, certificate_type), authority(SEATLESS))
    opening = set_register(world, SEATLESS, KEYED)
    assert world.refuses(opening, authority(SEATLESS)) is Refusal.WRONG_KEY_CHECK
    world.do(set_register(world, SEATLESS, replace(KEYED, types=0b11)), authority(SEATLESS))
    for types in (0b111, 0b1000_0000_0000_0011):
        wider = set_register(world, SEATLESS, replace(KEYED, types=types))
        assert world.refuses(wider, authority(SEATLESS)) is Refusal.WRONG_KEY_CHECK
    world.do(set_check(world, SEATLESS, 15), authority(SEATLESS))
    world.do(set_register(world, SEATLESS, replace(KEYED, types=0b1000_0000_0000_0011)), authority(SEATLESS))


def test_it_may_be_set_again_until_the_type_is_taken_into_use_and_not_after(world: World) -> None:
    for detail in (9, 10):
        world.do(set_check(world, SEATLESS, 2, detail), authority(SEATLESS))
    world.do(set_register(world, SEATLESS, replace(KEYED, types=0b100)), authority(SEATLESS))
    assert world.refuses(set_check(world, SEATLESS, 2, 11), authority(SEATLESS)) is Refusal.WRONG_KEY_CHECK
    world.do(set_check(world, SEATLESS, 0, 11), authority(SEATLESS))
    assert world.consortium.key_checks == {(SEATLESS, 2): 10, (SEATLESS, 0): 11}


@pytest.mark.parametrize("certificate_type", [16, 17, 55, 255])
def test_no_type_above_15_has_a_check_value(world: World, certificate_type: int) -> None:
    """A type of 255 would have the key of another register's type."""
    for opened in (False, True):
        if opened:
            open_keyed(world, SEATLESS, KEYED)
        act = set_check(world, SEATLESS, certificate_type)
        assert world.refuses(act, authority(SEATLESS)) is Refusal.WRONG_KEY_CHECK


def test_an_open_register_has_no_check_values(world: World) -> None:
    for certificate_type in (0, 3):
        assert world.refuses(set_check(world, FIRST, certificate_type), authority(FIRST)) is Refusal.WRONG_KEY_CHECK


def test_check_values_are_each_register_s_own(world: World) -> None:
    world.do(set_check(world, SEATLESS, 0), authority(SEATLESS))
    opening = set_register(world, 3, replace(KEYED, types=1))
    assert world.refuses(opening, authority(3)) is Refusal.WRONG_KEY_CHECK
