"""Succession: which ledger comes after this one and from when on; what is taken until then and after."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import NO_HEAD
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import LaneActKind, PartyActKind, PartyKind, ResolutionAct
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from support.drafts import (
    ENTRY,
    VOTERS,
    amendment,
    begin_replacement,
    conclusion,
    dual_control,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    succession,
    supersede,
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
    key,
    node,
    operator,
    refusal_of,
)

CANDIDATE = acts.Candidate(code="BR", kind=PartyKind.ADMINISTRATION, seat=False, keeps_register=True)
LONGEST = 2 * 366 * DAY
PAIR = (SECOND, FIRST)


@pytest.fixture
def world() -> World:
    return found()


@cache
def prepared() -> World:
    """A successor is named for a day a month ahead."""
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), authority(FIRST), authority(SECOND))
    world.do(publication(world, grant(world)), operator(FIRST))
    world.do(succession(world), *VOTERS)
    return world


@pytest.fixture
def named() -> World:
    return prepared().fork()


def cancel(world: World) -> acts.Resolution:
    return resolution(world, ResolutionAct.CANCEL_SUCCESSION)


def words(world: World) -> list[int]:
    kept = world.evm.storage[Contract.CONSORTIUM]
    return [kept.get(word_slot(Table.SUCCESSION, part), 0) for part in range(8)]


def answers(world: World) -> Refusal | None:
    call = encode_call(Contract.REGISTERS, "recognise", SECOND, 0, 1, [ENTRY])
    return refusal_of(world.evm.call(Contract.REGISTERS, call))


def wait_for_date(world: World) -> None:
    assert world.consortium.succession is not None
    world.wait(world.consortium.succession.effective - world.now)


# ---- naming and cancelling


def test_two_thirds_name_contracts_code_hashes_chain_and_date(world: World) -> None:
    act = succession(world)
    assert world.refuses(act, *VOTERS[:2]) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(UNION), operator(FIRST), OUTSIDER):
        assert world.refuses(act, *VOTERS, stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, *VOTERS)
    consortium = int.from_bytes(act.consortium, "big") | act.effective << 160
    others = (act.governance, act.registers, act.consortium_code, act.governance_code, act.registers_code)
    assert words(world) == [consortium, act.chain, *(int.from_bytes(part, "big") for part in others), 0]


def test_it_needs_as_many_keys_as_thresholds_say(world: World) -> None:
    names = dual_control(world, FIRST, 2, 2)
    assert world.refuses(succession(world), names[0], *VOTERS[1:]) is Refusal.SURPLUS_SIGNATURE
    world.do(succession(world), *names, *VOTERS[1:])


@pytest.mark.parametrize(
    "wrong",
    [
        {"chain": 0},
        {"consortium": bytes(20)},
        {"governance": bytes(20)},
        {"registers": bytes(20)},
        {"consortium_code": bytes(32)},
        {"governance_code": bytes(32)},
        {"registers_code": bytes(32)},
    ],
)
def test_no_member_of_it_is_empty(world: World, wrong: dict[str, Any]) -> None:
    assert world.refuses(succession(world, **wrong), *VOTERS) is Refusal.WRONG_SUCCESSION


def test_it_is_another_chain(world: World) -> None:
    assert world.refuses(succession(world, chain=world.evm.chain_id), *VOTERS) is Refusal.WRONG_SUCCESSION


def test_its_date_lies_ahead_and_within_two_years(world: World) -> None:
    for seconds in (0, -1, LONGEST + 1):
        act = succession(world, effective=world.now + seconds)
        assert world.refuses(act, *VOTERS) is Refusal.WRONG_DATE
    assert world.refuses(succession(world, effective=0), *VOTERS) is Refusal.WRONG_DATE
    for seconds in (1, LONGEST):
        world.fork().do(succession(world, effective=world.now + seconds), *VOTERS)


def test_its_vote_has_a_deadline_within_a_year_and_a_number(world: World) -> None:
    act = succession(world)
    assert world.refuses(replace(act, deadline=world.now - 1), *VOTERS) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), *VOTERS) is Refusal.TOO_FAR
    for number in (0, 2):
        assert world.refuses(replace(act, number=number), *VOTERS) is Refusal.WRONG_NUMBER


def test_one_successor_at_a_time(named: World) -> None:
    assert named.refuses(succession(named), *VOTERS) is Refusal.WRONG_SUCCESSION
    wait_for_date(named)
    assert named.refuses(succession(named), *VOTERS) is Refusal.WRONG_SUCCESSION


def test_it_is_cancelled_until_its_date_and_not_one_second_later(named: World) -> None:
    assert named.refuses(cancel(named), *VOTERS[:2]) is Refusal.TOO_FEW_SIGNATURES
    wait_for_date(named)
    named.wait(-1)
    late = named.fork()
    named.do(cancel(named), *VOTERS)
    assert words(named) == [0] * 8
    late.wait(1)
    assert late.refuses(cancel(late), *VOTERS) is Refusal.SUPERSEDED


def test_a_succession_that_was_not_named_is_not_cancelled(world: World) -> None:
    assert world.refuses(cancel(world), *VOTERS) is Refusal.WRONG_SUCCESSION
    world.do(succession(world), *VOTERS)
    world.do(cancel(world), *VOTERS)
    assert world.refuses(cancel(world), *VOTERS) is Refusal.WRONG_SUCCESSION


def test_after_a_cancellation_another_is_named_and_the_first_does_not_work_again(world: World) -> None:
    first = succession(world, deadline=world.now + 300 * DAY)
    world.do(first, *VOTERS)
    world.do(cancel(world), *VOTERS)
    assert world.refuses(first, *VOTERS) is Refusal.WRONG_NUMBER
    world.do(succession(world, consortium=b"\xc2" * 20), *VOTERS)
    assert world.consortium.network_resolutions == 3


def test_naming_and_cancelling_stand_in_the_network_s_history_and_in_no_party_s(world: World) -> None:
    heads, of_parties = [world.consortium.party_heads.get(0, NO_HEAD)], dict(world.consortium.party_heads)
    world.do(succession(world), *VOTERS)
    heads.append(world.consortium.party_heads[0])
    world.do(cancel(world), *VOTERS)
    heads.append(world.consortium.party_heads[0])
    assert len(set(heads)) == 3
    assert {number: head for number, head in world.consortium.party_heads.items() if number} == of_parties


# ---- until the date


def test_until_its_date_a_named_successor_changes_nothing(named: World) -> None:
    wait_for_date(named)
    named.wait(-1)
    assert answers(named) is None
    named.do(publication(named, grant(named, ENTRY[:-1] + b"\x09")), operator(FIRST))
    named.do(conclusion(named, recognition(named, *PAIR)), authority(FIRST), authority(SECOND))
    govern(named, ResolutionAct.GIVE_SEAT, SEATLESS)
    named.do(party_act(named, FIRST, PartyActKind.SET_CARD, detail=5), authority(FIRST))
    named.do(party_act(named, FIRST, PartyActKind.JOIN_UNION, detail=UNION), authority(FIRST), authority(UNION))
    named.wait(1)
    assert answers(named) is Refusal.SUPERSEDED


# ---- from the date on


def test_a_superseded_ledger_accepts_only_resolutions_that_restrict_or_concern_keys_and_validators(
    named: World,
) -> None:
    wait_for_date(named)
    admit = resolution(named, ResolutionAct.ADMIT, party=7, key=key("new").address, detail=CANDIDATE)
    assert named.refuses(admit, *VOTERS, "new") is Refusal.SUPERSEDED
    for act, party in (
        (ResolutionAct.GIVE_SEAT, SEATLESS),
        (ResolutionAct.TAKE_SEAT, FOURTH),
        (ResolutionAct.GIVE_REGISTER, FOURTH),
        (ResolutionAct.TAKE_REGISTER, FIRST),
        (ResolutionAct.REINSTATE, FIRST),
    ):
        assert named.refuses(resolution(named, act, party=party), *VOTERS) is Refusal.SUPERSEDED
    govern(named, ResolutionAct.SUSPEND, SEATLESS)
    assert named.refuses(resolution(named, ResolutionAct.REINSTATE, party=SEATLESS), *VOTERS) is Refusal.SUPERSEDED
    govern(named, ResolutionAct.EXPEL, SEATLESS)
    begin_replacement(named, FOURTH, "new")
    govern(named, ResolutionAct.CANCEL_REPLACEMENT, FOURTH)
    govern(named, ResolutionAct.UNSEAT_VALIDATOR, UNION, key=key(node(UNION)).address)


AFTER = {
    PartyActKind.SET_CARD: 5,
    PartyActKind.SET_CERTIFICATE: 5,
    PartyActKind.JOIN_UNION: UNION,
    PartyActKind.SET_REGISTER: 0x701,
    PartyActKind.SET_KEY_CHECK: 5,
}


@pytest.mark.parametrize("kind", AFTER)
def test_a_superseded_ledger_refuses_a_party_s_acts_that_favour(named: World, kind: PartyActKind) -> None:
    wait_for_date(named)
    act = party_act(named, FIRST, kind, detail=AFTER[kind])
    names = {authority(FIRST)} | ({authority(UNION)} if kind is PartyActKind.JOIN_UNION else set())
    assert named.refuses(act, *names) is Refusal.SUPERSEDED


def test_a_superseded_ledger_accepts_a_party_s_acts_on_keys_and_leaving_unions(named: World) -> None:
    wait_for_date(named)
    begin_replacement(named, FOURTH, "new")
    named.do(party_act(named, FOURTH, PartyActKind.CANCEL_REPLACEMENT), authority(FOURTH))
    old = int.from_bytes(key(authority(FIRST)).address, "big")
    for kind, members, signers in (
        (PartyActKind.ADD_OPERATOR, {"key": key("op").address}, ("op",)),
        (PartyActKind.RETIRE_OPERATOR, {"key": key(operator(FIRST)).address}, ()),
        (PartyActKind.SET_THRESHOLD, {"detail": 2}, ()),
        (PartyActKind.ADD_AUTHORITY_KEY, {"key": key("second").address}, ("second",)),
        (PartyActKind.RETIRE_AUTHORITY_KEY, {"key": key("second").address}, ()),
        (PartyActKind.ROTATE_AUTHORITY, {"key": key("next").address, "detail": old}, ("next",)),
    ):
        named.do(party_act(named, FIRST, kind, **members), authority(FIRST), *signers)
    midnight = (named.now // DAY_S + 5) * DAY_S
    leave = party_act(named, THIRD, PartyActKind.LEAVE_UNION, detail=UNION, effective=midnight)
    named.do(leave, authority(THIRD))
    named.do(party_act(named, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), authority(UNION))


def test_a_superseded_ledger_accepts_ends_and_suspensions_of_lanes(named: World) -> None:
    wait_for_date(named)
    both = (authority(FIRST), authority(SECOND))
    again = recognition(named, *PAIR)
    assert named.refuses(conclusion(named, again), *both) is Refusal.SUPERSEDED
    assert named.refuses(amendment(named, replace(again, lane=0)), *both) is Refusal.SUPERSEDED
    named.do(lane_act(named, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    resume = lane_act(named, SECOND, LaneActKind.RESUME, PAIR)
    assert named.refuses(resume, authority(SECOND)) is Refusal.SUPERSEDED
    named.do(lane_act(named, FIRST, LaneActKind.END, PAIR), authority(FIRST))


def test_a_superseded_ledger_stays_so(world: World) -> None:
    supersede(world)
    for _ in range(3):
        world.wait(400 * DAY)
        assert answers(world) is Refusal.SUPERSEDED
        assert world.refuses(cancel(world), *VOTERS) is Refusal.SUPERSEDED
