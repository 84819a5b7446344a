"""What a party decides alone: the form of its acts, its operators and how many sign, its card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, RegisterMode, ResolutionAct
from support.drafts import envelope, govern, party_act, set_threshold
from support.world import (
    DAY,
    FIRST,
    OUTSIDER,
    SEATLESS,
    SECOND,
    UNION,
    World,
    authority,
    found,
    key,
    operator,
)

ADD, RETIRE = PartyActKind.ADD_OPERATOR, PartyActKind.RETIRE_OPERATOR
SET_CARD, SET_CHECK = PartyActKind.SET_CARD, PartyActKind.SET_KEY_CHECK
KEYED = Register(mode=RegisterMode.KEYED, types=0b111)
OPEN = Register(mode=RegisterMode.OPEN, types=0b111)
USES_KEY = {
    PartyActKind.ROTATE_AUTHORITY,
    PartyActKind.ADD_AUTHORITY_KEY,
    PartyActKind.RETIRE_AUTHORITY_KEY,
    ADD,
    RETIRE,
}
USES_NO_DETAIL = (USES_KEY - {PartyActKind.ROTATE_AUTHORITY}) | {
    PartyActKind.CANCEL_REPLACEMENT,
    PartyActKind.UNFREEZE,
}
DATED = {PartyActKind.LEAVE_UNION, PartyActKind.EJECT_MEMBER}
MEMBERS: dict[str, Any] = {"key": b"\x01" * 20, "detail": 1, "certificate_type": 1, "effective": 1}


@pytest.fixture
def world() -> World:
    return found()


def add(world: World, party: int, name: str) -> acts.PartyAct:
    return party_act(world, party, ADD, key=key(name).address)


def retire(world: World, party: int, name: str) -> acts.PartyAct:
    return party_act(world, party, RETIRE, key=key(name).address)


# ---- every act of a party


def test_a_party_s_acts_follow_its_serial(world: World) -> None:
    act = party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=5)
    for serial in (0, 2):
        assert world.refuses(replace(act, serial=serial), authority(FIRST)) is Refusal.WRONG_SERIAL
    world.do(act, authority(FIRST))
    assert world.refuses(act, authority(FIRST)) is Refusal.WRONG_SERIAL


def test_only_the_authority_signs(world: World) -> None:
    act = party_act(world, FIRST, SET_CARD, detail=5)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (OUTSIDER, authority(SECOND), operator(FIRST)):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, authority(FIRST), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(FIRST))


def test_a_party_s_act_has_a_deadline_within_a_year(world: World) -> None:
    act = party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(replace(act, deadline=world.now - 1), authority(FIRST)) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), authority(FIRST)) is Refusal.TOO_FAR
    world.do(replace(act, deadline=world.now + 366 * DAY), authority(FIRST))


@pytest.mark.parametrize("kind", [0, 19, 255])
def test_an_unknown_act_is_refused(world: World, kind: int) -> None:
    act = party_act(world, FIRST, kind, detail=5)
    assert world.refuses(act, authority(FIRST)) is Refusal.UNKNOWN_ACT


@pytest.mark.parametrize("kind", list(PartyActKind))
def test_a_surplus_or_missing_member_of_the_message_is_refused(world: World, kind: PartyActKind) -> None:
    needed = {"key"} & ({"key"} if kind in USES_KEY else set()) | ({"detail"} if kind not in USES_NO_DETAIL else set())
    free = ({"certificate_type"} if kind is SET_CHECK else set()) | ({"effective"} if kind in DATED else set())
    right = {member: MEMBERS[member] for member in needed}
    for member in set(MEMBERS) - free:
        wrong = {name: value for name, value in right.items() if name != member}
        wrong |= {} if member in needed else {member: MEMBERS[member]}
        assert world.refuses(party_act(world, FIRST, kind, **wrong), authority(FIRST)) is Refusal.WRONG_MEMBERS


def test_an_unknown_or_expelled_party_does_not_act(world: World) -> None:
    act = party_act(world, 9, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_SUCH_PARTY
    govern(world, ResolutionAct.EXPEL, SEATLESS)
    act = party_act(world, SEATLESS, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(act, authority(SEATLESS)) is Refusal.PARTY_EXPELLED


@pytest.mark.parametrize("kind", sorted(set(PartyActKind) - {RETIRE}))
def test_a_suspended_party_retires_operators_and_does_nothing_else(world: World, kind: PartyActKind) -> None:
    """It changes no card, key, threshold, union, register or check value, because a thief may have its keys."""
    govern(world, ResolutionAct.SUSPEND, FIRST)
    members = {"key": key("new").address} if kind in USES_KEY else {}
    detail = {} if kind in USES_NO_DETAIL else {"detail": KEYED if kind is PartyActKind.SET_REGISTER else UNION}
    act = party_act(world, FIRST, kind, **members, **detail)
    cosigners = ("new",) if kind in USES_KEY else ()
    assert world.refuses(act, authority(FIRST), *cosigners) is Refusal.PARTY_SUSPENDED
    world.do(retire(world, FIRST, operator(FIRST)), authority(FIRST))


def test_it_acts_again_when_its_suspension_ends(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, FIRST)
    world.wait(9 * DAY - 1)
    assert world.refuses(party_act(world, FIRST, SET_CARD, detail=5), authority(FIRST)) is Refusal.PARTY_SUSPENDED
    world.wait(1)
    world.do(party_act(world, FIRST, SET_CARD, detail=5), authority(FIRST))


# ---- operators


def test_a_new_operator_signs_its_own_admission(world: World) -> None:
    assert world.refuses(add(world, FIRST, "new"), authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(add(world, FIRST, "new"), "new") is Refusal.TOO_FEW_SIGNATURES
    world.do(add(world, FIRST, "new"), authority(FIRST), "new")
    world.do(envelope(world), "new")


@pytest.mark.parametrize("name", [operator(FIRST), operator(SECOND), authority(SECOND), "node 1"])
def test_a_used_address_is_no_new_key(world: World, name: str) -> None:
    assert world.refuses(add(world, FIRST, name), authority(FIRST), name) is Refusal.KEY_ALREADY_USED


def test_an_authority_is_not_its_own_operator(world: World) -> None:
    """One signature is not the consent of both, and an address has one role."""
    act = add(world, FIRST, authority(FIRST))
    assert world.refuses(act, authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES


def test_a_retired_operator_neither_signs_nor_comes_back(world: World) -> None:
    world.do(retire(world, FIRST, operator(FIRST)), authority(FIRST))
    assert world.refuses(envelope(world), operator(FIRST)) is Refusal.SURPLUS_SIGNATURE
    again = retire(world, FIRST, operator(FIRST))
    assert world.refuses(again, authority(FIRST)) is Refusal.NOT_AN_OPERATOR
    back = add(world, FIRST, operator(FIRST))
    assert world.refuses(back, authority(FIRST), operator(FIRST)) is Refusal.KEY_ALREADY_USED
    word = world.consortium.keys[key(operator(FIRST)).address]
    assert word.added_at > 0
    assert word.retired_at == world.now


@pytest.mark.parametrize("name", [operator(SECOND), authority(FIRST), "node 1", "nobody"])
def test_only_an_operator_of_the_party_is_retired(world: World, name: str) -> None:
    assert world.refuses(retire(world, FIRST, name), authority(FIRST)) is Refusal.NOT_AN_OPERATOR


def test_the_threshold_lies_between_one_and_the_operators(world: World) -> None:
    kind = PartyActKind.SET_THRESHOLD
    set_threshold(world, FIRST, 2)
    for detail in (3, 32, 256, 2**255):
        assert world.refuses(party_act(world, FIRST, kind, detail=detail), authority(FIRST)) is Refusal.WRONG_THRESHOLD
    assert world.refuses(party_act(world, FIRST, kind, detail=0), authority(FIRST)) is Refusal.WRONG_MEMBERS


def test_the_threshold_is_at_most_16(world: World) -> None:
    offices = world.consortium.offices
    many = replace(offices[FIRST], operators=20)
    world.become(replace(world.consortium, offices={**offices, FIRST: many}))
    kind = PartyActKind.SET_THRESHOLD
    assert world.refuses(party_act(world, FIRST, kind, detail=17), authority(FIRST)) is Refusal.WRONG_THRESHOLD
    world.do(party_act(world, FIRST, kind, detail=16), authority(FIRST))


def test_a_party_has_at_most_255_operators(world: World) -> None:
    offices = world.consortium.offices
    for operators, fits in ((254, True), (255, False)):
        altered = replace(offices[SEATLESS], operators=operators)
        world.become(replace(world.consortium, offices={**offices, SEATLESS: altered}))
        if fits:
            world.fork().do(add(world, SEATLESS, "new"), authority(SEATLESS), "new")
        else:
            refused = world.refuses(add(world, SEATLESS, "new"), authority(SEATLESS), "new")
            assert refused is Refusal.WRONG_THRESHOLD


# ---- card and certificate


def test_a_card_and_a_certificate_are_a_word_each_and_replaced_at_will(world: World) -> None:
    for kind in (SET_CARD, PartyActKind.SET_CERTIFICATE):
        for detail in (2**256 - 1, 7):
            world.do(party_act(world, FIRST, kind, detail=detail), authority(FIRST))
        kept = world.consortium.cards if kind is SET_CARD else world.consortium.certificates
        assert kept == {FIRST: 7}
    assert world.consortium.parties[FIRST].changes == 0
