"""Aliases: what recognisers call foreign traders in their own declarations; and the question that a contract may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.aliases import MAX_BINDINGS
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.tables import Contract
from support.drafts import ENTRY, alias_binding, entry_of, govern, supersede
from support.world import FIRST, SEATLESS, SECOND, World, authority, found, operator, refusal_of

BY = operator(FIRST)
ALIAS = b"\xa1" * 32


@pytest.fixture
def world() -> World:
    return found()


def live(world: World) -> tuple[int, ...]:
    return world.aliases[FIRST, ALIAS].live_bindings()


def clear(world: World, binding: int, certificate_type: int = 0) -> None:
    cleared = {"binding": binding, "certificate_type": certificate_type, "entry": bytes(32)}
    world.do(alias_binding(world, FIRST, ALIAS, **cleared), BY)


def test_an_alias_with_two_live_bindings_is_ambiguous(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    assert live(world) == (0,)
    world.do(alias_binding(world, FIRST, ALIAS, entry=entry_of(SECOND)), BY)
    assert live(world) == (0, 1)


def test_an_alias_bound_twice_is_unambiguous_again_once_one_is_cleared(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    world.do(alias_binding(world, FIRST, ALIAS, entry=entry_of(SECOND)), BY)
    clear(world, 0)
    assert live(world) == (1,)
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=entry_of(FIRST, 0, 9)), BY)
    assert live(world) == (0, 1)


def test_a_binding_is_one_trader_with_an_entry_for_each_type(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    other_type = {"binding": 0, "certificate_type": 15, "entry": entry_of(FIRST, 15)}
    world.do(alias_binding(world, FIRST, ALIAS, **other_type), BY)
    assert live(world) == (0,)
    clear(world, 0)
    assert world.aliases[FIRST, ALIAS].entries == {(0, 15): entry_of(FIRST, 15)}
    assert live(world) == (0,)
    clear(world, 0, 15)
    assert live(world) == ()


def test_a_binding_is_corrected_in_its_place(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=entry_of(FIRST, 0, 2)), BY)
    assert world.aliases[FIRST, ALIAS].entries == {(0, 0): entry_of(FIRST, 0, 2)}


def test_an_alias_has_eight_live_bindings_at_most_and_a_cleared_one_is_free_for_the_next_trader(world: World) -> None:
    for binding in range(MAX_BINDINGS):
        world.do(alias_binding(world, FIRST, ALIAS, binding=binding, entry=entry_of(FIRST, 0, binding + 1)), BY)
    ninth = alias_binding(world, FIRST, ALIAS, binding=MAX_BINDINGS)
    assert world.refuses(ninth, BY) is Refusal.WRONG_BINDING
    for holder in range(20, 26):  # as often as need be: nothing is used up
        clear(world, 5)
        assert 5 not in live(world)
        world.do(alias_binding(world, FIRST, ALIAS, binding=5, entry=entry_of(FIRST, 0, holder)), BY)
    assert live(world) == tuple(range(8))


def test_a_free_binding_is_not_cleared(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    for place in ({"binding": 1}, {"binding": 0, "certificate_type": 1}, {"binding": 7, "certificate_type": 15}):
        nothing = alias_binding(world, FIRST, ALIAS, entry=bytes(32), **place)
        assert world.refuses(nothing, BY) is Refusal.WRONG_BINDING
    clear(world, 0)
    again = alias_binding(world, FIRST, ALIAS, binding=0, entry=bytes(32))
    assert world.refuses(again, BY) is Refusal.WRONG_BINDING


@pytest.mark.parametrize(
    "wrong",
    [
        {"binding": 8},
        {"binding": 255},
        {"certificate_type": 1},
        {"certificate_type": 16, "entry": entry_of(FIRST, 16)},
        {"certificate_type": 255, "entry": entry_of(FIRST, 255)},
        {"certificate_type": 16, "entry": bytes(32), "binding": 0},
    ],
)
def test_a_binding_is_one_of_eight_and_of_its_entry_s_type(world: World, wrong: dict[str, int]) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    world.do(alias_binding(world, FIRST, ALIAS, binding=1), BY)
    assert world.refuses(alias_binding(world, FIRST, ALIAS, **wrong), BY) is Refusal.WRONG_BINDING


def test_an_alias_has_its_own_serial_and_a_deadline(world: World) -> None:
    act = alias_binding(world, FIRST, ALIAS)
    assert world.refuses(replace(act, deadline=world.now - 1), BY) is Refusal.TOO_LATE
    for serial in (0, 2):
        assert world.refuses(replace(act, serial=serial), BY) is Refusal.WRONG_ALIAS_SERIAL
    world.do(act, BY)
    assert world.refuses(act, BY) is Refusal.WRONG_ALIAS_SERIAL
    world.do(alias_binding(world, FIRST, b"\xa2" * 32), BY)
    two = (operator(SECOND), operator(SECOND, 1))
    world.do(alias_binding(world, SECOND, ALIAS), *two)  # another recogniser's alias, with serials of its own


def test_the_serial_never_goes_back_and_a_cleared_alias_is_not_a_new_one(world: World) -> None:
    act = alias_binding(world, FIRST, ALIAS)
    world.do(act, BY)
    clear(world, 0)
    assert world.refuses(act, BY) is Refusal.WRONG_ALIAS_SERIAL
    assert world.aliases[FIRST, ALIAS].serial == 2


def test_the_recogniser_s_operators_sign_its_aliases(world: World) -> None:
    act = alias_binding(world, SECOND, ALIAS)
    assert world.refuses(act, operator(SECOND)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(act, operator(SECOND), operator(SECOND, 1), BY) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(alias_binding(world, 9, ALIAS), BY) is Refusal.NO_SUCH_PARTY
    world.do(act, operator(SECOND, 0), operator(SECOND, 1))


def test_a_suspended_recogniser_clears_bindings_and_makes_none(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    govern(world, ResolutionAct.SUSPEND, FIRST)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.PARTY_SUSPENDED
    clear(world, 0)
    govern(world, ResolutionAct.EXPEL, FIRST)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.PARTY_EXPELLED


def test_after_succession_aliases_are_only_cleared(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    supersede(world)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.SUPERSEDED
    clear(world, 0)


def test_a_question_that_nobody_can_ask_is_refused(world: World) -> None:
    right = (SEATLESS, 0, 2, [ENTRY])
    for question in ((9, *right[1:]), (SEATLESS, 3, 2, [ENTRY]), (SEATLESS, 0, 15, [ENTRY]), (*right[:3], [])):
        call = encode_call(Contract.REGISTERS, "recognise", *question)
        assert refusal_of(world.evm.call(Contract.REGISTERS, call)) is Refusal.WRONG_QUESTION
    call = encode_call(Contract.REGISTERS, "recognise", *right)
    assert refusal_of(world.evm.call(Contract.REGISTERS, call)) is None
    supersede(world)
    assert refusal_of(world.evm.call(Contract.REGISTERS, call)) is Refusal.SUPERSEDED
