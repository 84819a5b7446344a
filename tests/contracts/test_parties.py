"""What a party decides alone: keys, threshold, unions, register; and the envelopes that its operators send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyKind, PartyState, RegisterMode, ResolutionAct
from support.drafts import VOTERS, party_act, resolution
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
    founding,
    key,
    operator,
)

ADD, RETIRE, ROTATE = PartyActKind.ADD_OPERATOR, PartyActKind.RETIRE_OPERATOR, PartyActKind.ROTATE_AUTHORITY
JOIN, LEAVE = PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION
KEYED = Register(mode=RegisterMode.KEYED, types=0b111)


@pytest.fixture
def world() -> World:
    return found()


def add(world: World, party: int, name: str) -> acts.PartyAct:
    return party_act(world, party, ADD, key=key(name).address)


def set_register(world: World, party: int, register: Register | int) -> acts.PartyAct:
    return party_act(world, party, PartyActKind.SET_REGISTER, detail=register)


def envelope(world: World, party: int = FIRST, **members: object) -> acts.Envelope:
    proper = {"serial": world.consortium.parties[party].serial + 1, "deadline": world.soon, "recipient": SECOND}
    return acts.Envelope(register=party, epoch=0, sealed=b"sealed", **{**proper, **members})  # type: ignore[arg-type]


def suspend(world: World, party: int) -> None:
    world.do(resolution(world, ResolutionAct.SUSPEND, party=party, amount=world.now + DAY), *VOTERS)


# ---- every act of a party


def test_a_party_s_acts_follow_its_serial(world: World) -> None:
    act = party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=5)
    for serial in (0, 2):
        assert world.refuses(replace(act, serial=serial), authority(FIRST)) is Refusal.WRONG_SERIAL
    world.do(act, authority(FIRST))
    assert world.refuses(act, authority(FIRST)) is Refusal.WRONG_SERIAL


def test_only_the_authority_signs(world: World) -> None:
    act = party_act(world, FIRST, PartyActKind.SET_DISCLOSURE_KEY, detail=5)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (OUTSIDER, authority(SECOND), operator(FIRST)):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, authority(FIRST), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(FIRST))


def test_a_party_s_act_is_late_after_its_deadline(world: World) -> None:
    act = party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=5, deadline=world.now - 1)
    assert world.refuses(act, authority(FIRST)) is Refusal.TOO_LATE


@pytest.mark.parametrize("kind", [0, 12, 255])
def test_an_unknown_act_is_refused(world: World, kind: int) -> None:
    act = party_act(world, FIRST, kind, detail=5)  # type: ignore[arg-type]
    assert world.refuses(act, authority(FIRST)) is Refusal.UNKNOWN_ACT


@pytest.mark.parametrize("kind", list(PartyActKind))
def test_a_member_that_is_not_used_or_is_lacking_is_refused(world: World, kind: PartyActKind) -> None:
    uses_key = kind in {ADD, RETIRE, ROTATE}
    both, neither = {"key": b"\x01" * 20, "detail": 1}, dict[str, object]()
    wrong: list[dict[str, Any]] = [both, neither] if kind is not PartyActKind.CANCEL_REPLACEMENT else [both]
    wrong.append({"detail": 1} if uses_key else {"key": b"\x01" * 20})
    if kind is not PartyActKind.SET_KEY_CHECK:
        wrong.append(({"key": b"\x01" * 20} if uses_key else {"detail": 1}) | {"certificate_type": 1})
    for members in wrong:
        assert world.refuses(party_act(world, FIRST, kind, **members), authority(FIRST)) is Refusal.WRONG_MEMBERS


def test_an_unknown_or_expelled_party_does_not_act(world: World) -> None:
    act = party_act(world, 9, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(act, authority(FIRST)) is Refusal.NO_SUCH_PARTY
    world.do(resolution(world, ResolutionAct.EXPEL, party=SEATLESS), *VOTERS)
    act = party_act(world, SEATLESS, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(act, authority(SEATLESS)) is Refusal.PARTY_EXPELLED


def test_a_suspended_party_still_guards_its_keys(world: World) -> None:
    suspend(world, FIRST)
    for act in (set_register(world, FIRST, KEYED), party_act(world, FIRST, JOIN, detail=UNION)):
        assert world.refuses(act, authority(FIRST)) is Refusal.PARTY_SUSPENDED
    world.do(party_act(world, FIRST, RETIRE, key=key(operator(FIRST)).address), authority(FIRST))
    world.do(add(world, FIRST, "new"), authority(FIRST), "new")


# ---- keys


def test_a_new_key_signs_its_own_admission(world: World) -> None:
    assert world.refuses(add(world, FIRST, "new"), authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(add(world, FIRST, "new"), "new") is Refusal.TOO_FEW_SIGNATURES
    world.do(add(world, FIRST, "new"), authority(FIRST), "new")
    rotation = party_act(world, FIRST, ROTATE, key=key("next").address)
    assert world.refuses(rotation, authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    world.do(rotation, authority(FIRST), "next")
    act = party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=5)
    assert world.refuses(act, authority(FIRST)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, "next")


@pytest.mark.parametrize("name", [operator(FIRST), operator(SECOND), authority(SECOND), "node 1"])
def test_a_used_address_is_no_new_key(world: World, name: str) -> None:
    assert world.refuses(add(world, FIRST, name), authority(FIRST), name) is Refusal.KEY_ALREADY_USED


def test_a_retired_operator_neither_signs_nor_comes_back(world: World) -> None:
    retire = party_act(world, FIRST, RETIRE, key=key(operator(FIRST)).address)
    world.do(retire, authority(FIRST))
    assert world.refuses(envelope(world), operator(FIRST)) is Refusal.SURPLUS_SIGNATURE
    again = party_act(world, FIRST, RETIRE, key=key(operator(FIRST)).address)
    assert world.refuses(again, authority(FIRST)) is Refusal.NOT_AN_OPERATOR
    back = add(world, FIRST, operator(FIRST))
    assert world.refuses(back, authority(FIRST), operator(FIRST)) is Refusal.KEY_ALREADY_USED
    word = world.consortium.keys[key(operator(FIRST)).address]
    assert word.added_at > 0
    assert word.retired_at == world.now


@pytest.mark.parametrize("name", [operator(SECOND), authority(FIRST), "node 1", "nobody"])
def test_only_an_operator_of_the_party_is_retired(world: World, name: str) -> None:
    act = party_act(world, FIRST, RETIRE, key=key(name).address)
    assert world.refuses(act, authority(FIRST)) is Refusal.NOT_AN_OPERATOR


def test_the_threshold_lies_between_one_and_the_operators(world: World) -> None:
    kind = PartyActKind.SET_THRESHOLD
    world.do(party_act(world, FIRST, kind, detail=2), authority(FIRST))
    for detail in (3, 256, 2**255):
        assert world.refuses(party_act(world, FIRST, kind, detail=detail), authority(FIRST)) is Refusal.WRONG_THRESHOLD
    assert world.refuses(party_act(world, FIRST, kind, detail=0), authority(FIRST)) is Refusal.WRONG_MEMBERS


def test_the_threshold_is_at_most_16(world: World) -> None:
    for number in range(15):
        world.do(add(world, FIRST, f"new {number}"), authority(FIRST), f"new {number}")
    kind = PartyActKind.SET_THRESHOLD
    assert world.refuses(party_act(world, FIRST, kind, detail=17), authority(FIRST)) is Refusal.WRONG_THRESHOLD
    world.do(party_act(world, FIRST, kind, detail=16), authority(FIRST))


def test_a_party_has_at_most_255_operators() -> None:
    consortium = founding()
    full = replace(consortium.parties[SEATLESS], operators=255)
    world = found(replace(consortium, parties={**consortium.parties, SEATLESS: full}))
    assert world.refuses(add(world, SEATLESS, "new"), authority(SEATLESS), "new") is Refusal.WRONG_THRESHOLD


def test_a_genesis_in_which_anybody_could_publish_is_refused() -> None:
    consortium = founding()
    open_to_all = replace(consortium.parties[SEATLESS], threshold=0)
    with pytest.raises(AssertionError, match="constructor refused WRONG_THRESHOLD"):
        found(replace(consortium, parties={**consortium.parties, SEATLESS: open_to_all}))


# ---- unions


def test_joining_takes_both_signatures(world: World) -> None:
    act = party_act(world, FIRST, JOIN, detail=UNION)
    for names in ((authority(FIRST),), (authority(UNION),)):
        assert world.refuses(act, *names) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, authority(FIRST), authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, authority(FIRST), authority(UNION))
    assert world.consortium.parties[FIRST].changed_at == world.now
    again = party_act(world, FIRST, JOIN, detail=UNION)
    assert world.refuses(again, authority(FIRST), authority(UNION)) is Refusal.UNION_MEMBERSHIP


@pytest.mark.parametrize("signer", [authority(THIRD), authority(UNION)])
def test_leaving_takes_one_signature_of_either_side(world: World, signer: str) -> None:
    act = party_act(world, THIRD, LEAVE, detail=UNION)
    assert world.refuses(act, authority(FIRST)) is Refusal.SURPLUS_SIGNATURE
    both = world.refuses(act, authority(THIRD), authority(UNION))
    assert both is Refusal.SURPLUS_SIGNATURE
    seat = world.consortium.parties[THIRD].seat
    world.do(act, signer)
    assert world.consortium.parties[THIRD].seat == seat
    again = party_act(world, THIRD, LEAVE, detail=UNION)
    assert world.refuses(again, signer) is Refusal.UNION_MEMBERSHIP


@pytest.mark.parametrize("other", [SECOND, 9, 256 + UNION, 2**200])
def test_only_a_union_is_joined(world: World, other: int) -> None:
    act = party_act(world, FIRST, JOIN, detail=other)
    names = (authority(FIRST), authority(other)) if other in world.consortium.parties else (authority(FIRST),)
    reason = Refusal.NO_SUCH_PARTY if other == 9 else Refusal.NOT_A_UNION
    assert world.refuses(act, *names) is reason


def test_a_union_does_not_join_itself_nor_while_it_is_suspended(world: World) -> None:
    assert world.refuses(party_act(world, UNION, LEAVE, detail=UNION), authority(UNION)) is Refusal.NOT_A_UNION
    suspend(world, UNION)
    act = party_act(world, FIRST, JOIN, detail=UNION)
    assert world.refuses(act, authority(FIRST), authority(UNION)) is Refusal.NOT_A_UNION


def test_a_party_belongs_to_four_unions_at_most() -> None:
    consortium = founding()
    union = PartyKind.UNION
    parties = {number: replace(party, kind=union) for number, party in consortium.parties.items() if number != FIRST}
    world = found(replace(consortium, parties={**consortium.parties, **parties}))
    joined = (SECOND, THIRD, FOURTH, UNION)
    for number in joined:
        world.do(party_act(world, FIRST, JOIN, detail=number), authority(FIRST), authority(number))
    fifth = party_act(world, FIRST, JOIN, detail=SEATLESS)
    assert world.refuses(fifth, authority(FIRST), authority(SEATLESS)) is Refusal.UNION_MEMBERSHIP
    world.do(party_act(world, FIRST, LEAVE, detail=THIRD), authority(FIRST))
    world.do(party_act(world, FIRST, JOIN, detail=SEATLESS), authority(FIRST), authority(SEATLESS))
    assert world.consortium.parties[FIRST].unions == (SECOND, SEATLESS, FOURTH, UNION)


# ---- registers


def test_a_register_is_opened_by_a_party_that_keeps_one(world: World) -> None:
    assert world.refuses(set_register(world, FOURTH, KEYED), authority(FOURTH)) is Refusal.NO_REGISTER_KEPT
    world.do(set_register(world, SEATLESS, KEYED), authority(SEATLESS))
    assert world.consortium.registers[SEATLESS].changed_at == world.now


@pytest.mark.parametrize(
    "wrong",
    [
        replace(KEYED, mode=3),  # type: ignore[arg-type]
        replace(KEYED, types=0),
        replace(KEYED, mode=RegisterMode.OPEN),
        replace(KEYED, types=0b11),
        replace(KEYED, types=0b1000),
        replace(KEYED, epoch=4),
        1 << 56,
        2**256 - 1,
    ],
)
def test_mode_types_and_epoch_never_go_back(world: World, wrong: Register | int) -> None:
    world.do(set_register(world, FIRST, replace(KEYED, epoch=5)), authority(FIRST))
    assert world.refuses(set_register(world, FIRST, wrong), authority(FIRST)) is Refusal.WRONG_REGISTER_WORD
    world.do(set_register(world, FIRST, replace(KEYED, epoch=6, types=0xFFFF)), authority(FIRST))


def test_a_check_value_is_set_once_for_a_type_in_use_of_a_keyed_register(world: World) -> None:
    kind = PartyActKind.SET_KEY_CHECK
    for party, certificate_type in ((FIRST, 3), (FIRST, 16), (FIRST, 255), (SECOND, 0), (SEATLESS, 0)):
        act = party_act(world, party, kind, detail=9, certificate_type=certificate_type)
        assert world.refuses(act, authority(party)) is Refusal.WRONG_KEY_CHECK
    world.do(party_act(world, FIRST, kind, detail=9, certificate_type=2), authority(FIRST))
    again = party_act(world, FIRST, kind, detail=10, certificate_type=2)
    assert world.refuses(again, authority(FIRST)) is Refusal.WRONG_KEY_CHECK


# ---- envelopes


def test_an_envelope_is_signed_by_as_many_operators_as_the_threshold_says(world: World) -> None:
    one, two = operator(SECOND, 0), operator(SECOND, 1)
    assert world.refuses(envelope(world, SECOND), one) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(envelope(world, SECOND), one, operator(FIRST)) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(envelope(world, SECOND), authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    sent = envelope(world, SECOND)
    world.do(sent, one, two)
    assert world.refuses(sent, one, two) is Refusal.WRONG_SERIAL
    log = world.evm.logs[-1]
    assert log.topics[1:] == (SECOND, SECOND)
    assert b"sealed" in log.data


def test_an_envelope_has_a_known_recipient_and_a_deadline(world: World) -> None:
    assert world.refuses(envelope(world, recipient=9), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(envelope(world, deadline=world.now - 1), operator(FIRST)) is Refusal.TOO_LATE
    suspend(world, FIRST)
    assert world.consortium.parties[FIRST].state is PartyState.SUSPENDED
    assert world.refuses(envelope(world), operator(FIRST)) is Refusal.PARTY_SUSPENDED
