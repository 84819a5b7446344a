"""Aliases: what recognisers call foreign traders in their own declarations; and the question that a contract may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    ResolutionAct,
)
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.tables import Contract
from support.drafts import ENTRY, VOTERS, alias_binding, entry_of, govern, resolution
from support.world import (
    FIRST,
    SEATLESS,
    SECOND,
    World,
    authority,
    found,
    key,
    operator,
    refusal_of,
)

BY = operator(FIRST)
ALIAS = b"\xa1" * 32


@pytest.fixture
def world() -> World:
    return found()


def test_an_alias_with_two_bindings_is_ambiguous(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    assert world.aliases[FIRST, ALIAS].bindings == 1
    world.do(alias_binding(world, FIRST, ALIAS, entry=entry_of(SECOND)), BY)
    assert world.aliases[FIRST, ALIAS].bindings == 2


def test_a_binding_is_one_trader_with_an_entry_for_each_type(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    other_type = {"binding": 0, "certificate_type": 2, "entry": entry_of(FIRST, 2)}
    world.do(alias_binding(world, FIRST, ALIAS, **other_type), BY)
    assert world.aliases[FIRST, ALIAS].bindings == 1
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=bytes(32)), BY)
    assert world.aliases[FIRST, ALIAS].entries == {(0, 0): bytes(32), (0, 2): entry_of(FIRST, 2)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"binding": 2},
        {"binding": 0xFFFF},
        {"entry": bytes(32)},
        {"certificate_type": 1},
        {"certificate_type": 16, "entry": entry_of(FIRST, 16)},
    ],
)
def test_a_binding_is_one_of_the_alias_or_its_next_and_of_its_entry_s_type(world: World, wrong: dict[str, int]) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    assert world.refuses(alias_binding(world, FIRST, ALIAS, **wrong), BY) is Refusal.WRONG_BINDING


def test_an_alias_has_its_own_serial_and_a_deadline(world: World) -> None:
    act = alias_binding(world, FIRST, ALIAS)
    assert world.refuses(replace(act, deadline=world.now - 1), BY) is Refusal.TOO_LATE
    for serial in (0, 2):
        assert world.refuses(replace(act, serial=serial), BY) is Refusal.WRONG_ALIAS_SERIAL
    world.do(act, BY)
    assert world.refuses(act, BY) is Refusal.WRONG_ALIAS_SERIAL
    world.do(alias_binding(world, FIRST, b"\xa2" * 32), BY)


def test_the_recogniser_s_operators_sign_its_aliases(world: World) -> None:
    act = alias_binding(world, SECOND, ALIAS)
    assert world.refuses(act, operator(SECOND)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(alias_binding(world, 9, ALIAS), BY) is Refusal.NO_SUCH_PARTY
    world.do(act, operator(SECOND, 0), operator(SECOND, 1))


def test_a_suspended_recogniser_clears_bindings_and_makes_none(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    govern(world, ResolutionAct.SUSPEND, FIRST)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.PARTY_SUSPENDED
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=bytes(32)), BY)
    govern(world, ResolutionAct.EXPEL, FIRST)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.PARTY_EXPELLED


def test_after_succession_aliases_are_only_cleared(world: World) -> None:
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    act = resolution(world, ResolutionAct.SUPERSEDE, key=key("successor").address, detail=b"\x52" * 32, amount=53)
    world.do(act, *VOTERS)
    assert world.refuses(alias_binding(world, FIRST, ALIAS), BY) is Refusal.SUPERSEDED
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=bytes(32)), BY)


def test_a_question_that_nobody_can_ask_is_refused(world: World) -> None:
    right = (SEATLESS, 0, 2, [ENTRY])
    for question in ((9, *right[1:]), (SEATLESS, 3, 2, [ENTRY]), (SEATLESS, 0, 15, [ENTRY]), (*right[:3], [])):
        call = encode_call(Contract.REGISTERS, "recognise", *question)
        assert refusal_of(world.evm.call(Contract.REGISTERS, call)) is Refusal.WRONG_QUESTION
    call = encode_call(Contract.REGISTERS, "recognise", *right)
    assert refusal_of(world.evm.call(Contract.REGISTERS, call)) is None
