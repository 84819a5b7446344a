"""The view that other contracts ask, against the decision that a border system's verifier takes: the same in any world."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import Decision, decide
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import DAY_S, Membership
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, Reason, RegisterMode, Role
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from support.evm import Evm
from support.random_worlds import random_inquiry, random_world
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DE,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    entry_of,
    inquire,
    lane,
    members_of,
    record,
)  # fmt: skip
from support.world import found, refusal_of

Answer = tuple[int, int, bytes, int, int, int]
"""Reasons, benefits, entry; recogniser, register and number of the first lane that decided."""


@cache
def ledger() -> Evm:
    """Deploy the contracts, remove the founders, and write the words of each world instead."""
    evm = found().evm
    evm.time = NOW
    evm.put(Contract.CONSORTIUM, dict.fromkeys(evm.storage[Contract.CONSORTIUM], 0))
    return evm


def ask(world: CustomsFacts, recogniser: int, direction: int, role: int, entries: list[bytes]) -> Answer | Refusal:
    evm, words = ledger(), world.words()
    for contract in WITH_ANSWERS:
        evm.put(contract, words[contract])
    outcome = evm.call(
        Contract.REGISTERS, encode_call(Contract.REGISTERS, "recognise", recogniser, direction, role, entries)
    )
    for contract in WITH_ANSWERS:
        evm.put(contract, dict.fromkeys(words[contract], 0))
    refused = refusal_of(outcome)
    if refused is not None:
        return refused
    parts = [outcome.output[at : at + 32] for at in range(0, 192, 32)]
    number = int.from_bytes
    return (number(parts[0]), number(parts[1]), parts[2], *(number(part) for part in parts[3:]))  # type: ignore[return-value]


def entries_for(world: CustomsFacts, asked: Inquiry) -> list[bytes]:
    """List the entries of possible standings, as the view's caller does. A register without types has one entry that never existed."""
    party = world.parties[asked.party or 0]
    registers = {asked.party or 0} | (set() if asked.register_named else set(party.unions_at(NOW)))
    entries = []
    for register in sorted(registers):
        opened = world.registers.get(register)
        types = opened.types_in_use() if opened else ()
        if asked.types is not None:
            types = tuple(number for number in types if number == asked.types.get(register))
        entries += [entry_of(DE_TRADER, register, number) for number in types]
        entries += [] if types else [register.to_bytes(2, "big") + bytes([15]) + bytes(29)]
    return entries


def expected(decision: Decision) -> Answer:
    if decision.standing is None:
        return sum(1 << reason for reason in decision.reasons), 0, bytes(32), 0, 0, 0
    first = decision.lanes[0]
    benefits = sum(1 << benefit for benefit in decision.benefits)
    return 0, benefits, decision.standing.entry, first.recogniser, first.register, first.number


def odd_world(dice: Random) -> CustomsFacts:
    """Make the random worlds of the decision's test more unusual: four unions, sixteen lanes, expelled askers, foreign issuers."""
    world = random_world(dice)
    if dice.random() < 0.3:
        unions = dice.sample((EU, EAEU, CN, KZ), 4)
        world.parties[PL] = replace(world.parties[PL], memberships=members_of(*unions))
    if dice.random() < 0.1:
        gone = dice.choice((PL, EU, EAEU, DE, BY))
        world.parties[gone] = replace(world.parties[gone], state=PartyState.EXPELLED)
    if dice.random() < 0.2:
        owner, register = dice.choice((PL, EU, CN, KZ)), dice.choice((EU, DE, EAEU))
        world.lanes[owner, register] = [
            lane(
                types=dice.randrange(1 << 4),
                benefits=1 << dice.randrange(8),
                roles=dice.choice((0xFFFF, 1)),
                in_force_from=dice.choice((0, NOW - 1, NOW, NOW + 1)),
                state=dice.choice(list(LaneState)),
            )
            for _ in range(16)
        ]
    for entry in list(world.records):
        if dice.random() < 0.1:
            world.records[entry] = replace(world.records[entry], issuer=dice.choice((PL, KZ, 99, 0xFFFF)))
    return world


@pytest.mark.parametrize("seed", range(4))
def test_the_view_decides_as_a_verifier_does(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    recognised, reasons = 0, set()
    for _ in range(120):
        world = odd_world(dice)
        asked = replace(
            random_inquiry(dice),
            recogniser=dice.choice((PL, PL, PL, EU, EAEU)),
            direction=dice.choice((Direction.IMPORT, Direction.IMPORT, Direction.EXPORT)),
            role=dice.choice((Role.EXPORTER, Role.EXPORTER, Role.OTHER)),
        )
        if asked.party is None:
            continue
        decision = decide(asked, world, entries_of(DE_TRADER))
        answer = ask(world, asked.recogniser, asked.direction, asked.role, entries_for(world, asked))
        assert answer == expected(decision)
        recognised += decision.recognised
        reasons |= set(decision.reasons)
    assert recognised >= 3
    assert len(reasons) >= 14


def test_many_registers_and_types_fit_one_question() -> None:
    """One call takes four registers of sixteen types. Only the last standing gives a yes."""
    world = CustomsFacts()
    world.parties[DE] = replace(world.parties[DE], memberships=members_of(EU, EAEU, KZ), keeps_register=True)
    for register in (EU, EAEU, DE, KZ):
        world.parties[register] = replace(world.parties[register], keeps_register=True)
        world.registers[register] = Register(mode=RegisterMode.OPEN, types=0xFFFF)
        world.recognise(PL, register)
        for number in range(16):
            world.records[entry_of(DE_TRADER, register, number)] = record(register, roles=1)
    world.records[entry_of(DE_TRADER, KZ, 15)] = record(KZ)
    asked = inquire(DE_TRADER, PL)
    decision = decide(asked, world, entries_of(DE_TRADER))
    entries = entries_for(world, asked)
    assert len(entries) == 64
    answer = ask(world, PL, 0, Role.EXPORTER, entries)
    assert answer == expected(decision)
    assert answer[:3] == (0, 0b10001, entries[-1])


def test_a_union_speaks_for_its_members_until_the_day_on_which_one_leaves() -> None:
    """The day is in the word, so nothing is written when it comes. This holds for a recogniser and for an issuer."""
    today = NOW // DAY_S
    for leaves, reasons in ((0, 0), (today + 1, 0), (today, 1 << Reason.NO_ARRANGEMENT)):
        world = CustomsFacts().recognise(EU, BY).grant(BY_TRADER, BY)
        place = Membership(union=EU, leaves=leaves)
        world.parties[PL] = replace(world.parties[PL], memberships=members_of(place))
        assert ask(world, PL, 0, Role.EXPORTER, [entry_of(BY_TRADER, BY)])[0] == reasons  # type: ignore[index]
    for leaves, reasons in ((0, 0), (today + 1, 0), (today, 1 << Reason.PARTY_GONE)):
        world = CustomsFacts().recognise(PL, EU).grant(DE_TRADER, EU, issuer=DE)
        place = Membership(union=EU, leaves=leaves, ejected=True)
        world.parties[DE] = replace(world.parties[DE], memberships=members_of(place))
        assert ask(world, PL, 0, Role.EXPORTER, [entry_of(DE_TRADER, EU)])[0] == reasons  # type: ignore[index]


def test_the_last_party_of_all_speaks_for_its_members_too() -> None:
    world = CustomsFacts().recognise(255, BY).grant(BY_TRADER, BY)
    world.parties[255] = world.parties[EU]
    world.parties[PL] = replace(world.parties[PL], memberships=members_of(255))
    answer = ask(world, PL, 0, Role.EXPORTER, [entry_of(BY_TRADER, BY)])
    assert (answer[0], answer[3]) == (0, 255)  # type: ignore[index]


@pytest.mark.parametrize(
    ("keeps", "opened", "reasons"),
    [
        (True, True, 0),
        (False, True, 1 << Reason.PARTY_GONE),
        (False, False, 1 << Reason.NO_CERTIFICATE | 1 << Reason.NO_ARRANGEMENT),
    ],
)
def test_a_register_that_was_opened_is_searched_after_it_was_taken(keeps: bool, opened: bool, reasons: int) -> None:
    world = CustomsFacts().recognise(PL, BY).grant(BY_TRADER, BY)
    world.parties[BY] = replace(world.parties[BY], keeps_register=keeps, opened=opened)
    assert ask(world, PL, 0, Role.EXPORTER, [entry_of(BY_TRADER, BY)])[0] == reasons  # type: ignore[index]


@pytest.mark.parametrize(("seconds", "superseded"), [(1, False), (0, True), (-1, True)])
def test_a_ledger_answers_until_the_date_from_which_another_supersedes_it(seconds: int, superseded: bool) -> None:
    world = CustomsFacts().recognise(PL, BY).grant(BY_TRADER, BY).supersede(NOW + seconds)
    answer = ask(world, PL, 0, Role.EXPORTER, [entry_of(BY_TRADER, BY)])
    if superseded:
        assert answer is Refusal.SUPERSEDED
    else:
        assert answer[0] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("recogniser", "direction", "role", "entries"),
    [(PL, 3, 0, 1), (PL, 0, 15, 1), (PL, 0, 0, 0), (99, 0, 0, 1)],
    ids=["direction", "role", "no entries", "no such party"],
)
def test_a_malformed_question_is_refused(recogniser: int, direction: int, role: int, entries: int) -> None:
    asked = [entry_of(DE_TRADER, EU)] * entries
    assert ask(CustomsFacts(), recogniser, direction, role, asked) is Refusal.WRONG_QUESTION
