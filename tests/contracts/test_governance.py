"""Resolutions: who carries them, and what two thirds of the seats may do and may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.governance import quorum
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyKind, PartyState, ResolutionAct
from aeo_ledger.protocol.layouts import PARTY
from support.act_messages import candidate_word
from support.drafts import VOTERS, party_act, resolution, succession
from support.world import (
    DAY,
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
    START,
    THIRD,
    UNION,
    World,
    authority,
    found,
    founding,
    key,
    node,
    sign,
)

ALL_SEATS = (*VOTERS, authority(FOURTH))
CANDIDATE = acts.Candidate(code="BR", kind=PartyKind.ADMINISTRATION, seat=False, keeps_register=True)


@pytest.fixture
def world() -> World:
    return found()


def suspend(world: World, party: int, seconds: int = DAY) -> acts.Resolution:
    return resolution(world, ResolutionAct.SUSPEND, party=party, amount=world.now + seconds)


def admit(world: World, candidate: acts.Candidate | bytes = CANDIDATE, **members: object) -> acts.Resolution:
    proper = {"party": len(world.consortium.parties) + 1, "key": key("new").address, "detail": candidate}
    return resolution(world, ResolutionAct.ADMIT, **{**proper, **members})


@pytest.mark.parametrize(("seats", "votes"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (255, 170)])
def test_two_thirds_are_rounded_up(seats: int, votes: int) -> None:
    assert quorum(seats) == votes


def test_three_of_four_seats_carry_and_two_do_not(world: World) -> None:
    assert world.refuses(suspend(world, SEATLESS), *VOTERS[:2]) is Refusal.TOO_FEW_SIGNATURES
    world.do(suspend(world, SEATLESS), *VOTERS)


def test_suspended_seats_count_and_do_not_vote(world: World) -> None:
    world.do(suspend(world, FOURTH), *VOTERS)
    assert world.refuses(suspend(world, SEATLESS), *VOTERS[:2], authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(suspend(world, SEATLESS), *VOTERS[:2]) is Refusal.TOO_FEW_SIGNATURES
    world.wait(DAY)
    world.do(suspend(world, SEATLESS), *VOTERS[:2], authority(FOURTH))


@pytest.mark.parametrize("stranger", [OUTSIDER, authority(SEATLESS), authority(UNION), "operator 1 0", node(FIRST)])
def test_a_party_without_a_seat_does_not_vote(world: World, stranger: str) -> None:
    assert world.refuses(suspend(world, SEATLESS), *VOTERS, stranger) is Refusal.SURPLUS_SIGNATURE


def test_resolutions_are_numbered_by_subject(world: World) -> None:
    first = suspend(world, SEATLESS)
    for number in (0, 2):
        assert world.refuses(replace(first, number=number), *VOTERS) is Refusal.WRONG_NUMBER
    world.do(first, *VOTERS)
    assert world.refuses(first, *VOTERS) is Refusal.WRONG_NUMBER
    assert world.consortium.offices[SEATLESS].resolutions == 1


def test_on_other_subjects_they_run_beside_each_other(world: World) -> None:
    """They are drafted on one day, each with number 1 of its subject, and recorded in any order."""
    by_mail: list[tuple[acts.Resolution | acts.Succession, tuple[str, ...]]] = [
        (suspend(world, SEATLESS), ()),
        (resolution(world, ResolutionAct.TAKE_REGISTER, party=FIRST), ()),
        (resolution(world, ResolutionAct.SEAT_VALIDATOR, party=SEATLESS, key=key("node a").address), ("node a",)),
        (admit(world), ("new",)),
        (succession(world), ()),
    ]
    assert {act.number for act, _ in by_mail} == {1}
    for act, names in reversed(by_mail):
        world.do(act, *VOTERS, *names)


@pytest.mark.parametrize("first", [0, 1])
def test_on_the_same_subject_the_first_recorded_voids_the_other(world: World, first: int) -> None:
    rivals = (suspend(world, SEATLESS), resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS))
    world.do(rivals[first], *VOTERS)
    assert world.refuses(rivals[1 - first], *VOTERS, authority(FOURTH)) is Refusal.WRONG_NUMBER


def test_two_candidates_for_one_number_are_one_subject(world: World) -> None:
    first, second = admit(world), admit(world, replace(CANDIDATE, code="JP"), key=key("newer").address)
    world.do(first, *VOTERS, "new")
    assert world.refuses(second, *VOTERS, "newer") is Refusal.WRONG_NUMBER
    assert world.refuses(replace(second, number=2), *VOTERS, "newer") is Refusal.WRONG_PARTY_NUMBER
    world.do(replace(second, party=8), *VOTERS, "newer")


def test_an_admission_is_number_1_on_its_party(world: World) -> None:
    world.do(admit(world), *VOTERS, "new")
    assert world.consortium.offices[7].resolutions == 1
    assert suspend(world, 7).number == 2
    world.do(suspend(world, 7), *VOTERS)


def test_validators_and_their_party_are_two_subjects(world: World) -> None:
    unseat = resolution(world, ResolutionAct.UNSEAT_VALIDATOR, party=FIRST, key=key(node(FIRST)).address)
    world.do(unseat, *VOTERS)
    assert (world.consortium.validator_resolutions, FIRST in world.consortium.offices) == (1, True)
    assert world.consortium.offices[FIRST].resolutions == 0


def test_a_resolution_has_a_deadline_within_a_year(world: World) -> None:
    act = suspend(world, SEATLESS)
    assert world.refuses(replace(act, deadline=world.now - 1), *VOTERS) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), *VOTERS) is Refusal.TOO_FAR
    world.fork().do(replace(act, deadline=world.now + 366 * DAY), *VOTERS)
    world.do(replace(act, deadline=world.now), *VOTERS)


@pytest.mark.parametrize("act", [0, 15, 255])
def test_an_unknown_act_is_refused(world: World, act: int) -> None:
    assert world.refuses(replace(suspend(world, SEATLESS), act=act), *VOTERS) is Refusal.UNKNOWN_ACT


USES = {
    ResolutionAct.ADMIT: {"key", "detail"},
    ResolutionAct.SUSPEND: {"amount"},
    ResolutionAct.REPLACE_AUTHORITY: {"key"},
    ResolutionAct.SEAT_VALIDATOR: {"key"},
    ResolutionAct.UNSEAT_VALIDATOR: {"key"},
    ResolutionAct.REPLACE_VALIDATOR: {"key", "detail"},
}
MEMBERS: dict[str, Any] = {"key": b"\x01" * 20, "detail": b"\x01" * 32, "amount": START + DAY}
NOTHING: dict[str, Any] = {"key": bytes(20), "detail": bytes(32), "amount": 0}


@pytest.mark.parametrize("act", list(ResolutionAct))
def test_a_surplus_or_missing_member_of_the_message_is_refused(world: World, act: ResolutionAct) -> None:
    used, on_network = USES.get(act, set()), act is ResolutionAct.CANCEL_SUCCESSION
    party = {"party": 0 if on_network else SEATLESS}
    right = {**NOTHING, **{member: MEMBERS[member] for member in used}}
    for member in MEMBERS:
        wrong = right | {member: (NOTHING if member in used else MEMBERS)[member]}
        assert world.refuses(resolution(world, act, **party, **wrong), *VOTERS) is Refusal.WRONG_MEMBERS
    other = {"party": SEATLESS if on_network else 0}
    assert world.refuses(resolution(world, act, **other, **right), *VOTERS) is Refusal.WRONG_MEMBERS


def test_a_suspension_lasts_at_most_a_year(world: World) -> None:
    for seconds in (0, 366 * DAY + 1):
        assert world.refuses(suspend(world, SEATLESS, seconds), *VOTERS) is Refusal.WRONG_SUSPENSION
    world.do(suspend(world, SEATLESS, 366 * DAY), *VOTERS)


def test_a_suspension_ends_by_itself_or_by_resolution(world: World) -> None:
    reinstate = ResolutionAct.REINSTATE
    assert world.refuses(resolution(world, reinstate, party=SEATLESS), *VOTERS) is Refusal.NO_CHANGE
    world.do(suspend(world, SEATLESS), *VOTERS)
    world.do(resolution(world, reinstate, party=SEATLESS), *VOTERS)
    world.do(suspend(world, SEATLESS), *VOTERS)
    world.wait(DAY)
    assert world.refuses(resolution(world, reinstate, party=SEATLESS), *VOTERS) is Refusal.NO_CHANGE


def test_an_act_never_leaves_fewer_active_seats_than_a_resolution_needs(world: World) -> None:
    world.do(suspend(world, FOURTH), *VOTERS)
    assert world.refuses(suspend(world, THIRD), *VOTERS) is Refusal.TOO_FEW_SEATS_LEFT
    give = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS)
    world.do(give, *VOTERS)
    assert world.refuses(suspend(world, THIRD), *VOTERS, authority(SEATLESS)) is Refusal.TOO_FEW_SEATS_LEFT


def test_the_last_seat_is_never_lost() -> None:
    """Two thirds of no seats would need no signature, so anyone could resolve anything."""
    world = found(founding(seats=(FIRST,)))
    sole = authority(FIRST)
    for act in (ResolutionAct.TAKE_SEAT, ResolutionAct.EXPEL):
        assert world.refuses(resolution(world, act, party=FIRST), sole) is Refusal.TOO_FEW_SEATS_LEFT
    world.do(suspend(world, SEATLESS), sole)


def test_without_seats_nothing_is_resolved() -> None:
    """No founding and no resolution leads to this state, but the rule does not rely on that."""
    world = found()
    parties = {number: replace(party, seat=False) for number, party in world.consortium.parties.items()}
    world.become(replace(world.consortium, parties=parties))
    assert world.refuses(suspend(world, SEATLESS)) is Refusal.TOO_FEW_SIGNATURES


def test_seats_and_registers_are_given_and_taken_only_where_that_changes_something(world: World) -> None:
    for give, take, party in (
        (ResolutionAct.GIVE_SEAT, ResolutionAct.TAKE_SEAT, SEATLESS),
        (ResolutionAct.GIVE_REGISTER, ResolutionAct.TAKE_REGISTER, FOURTH),
    ):
        assert world.refuses(resolution(world, take, party=party), *VOTERS) is Refusal.NO_CHANGE
        world.do(resolution(world, give, party=party), *VOTERS)
        assert world.refuses(resolution(world, give, party=party), *ALL_SEATS) is Refusal.NO_CHANGE
        voters = (*VOTERS, authority(SEATLESS))
        world.do(resolution(world, take, party=party), *(voters if give is ResolutionAct.GIVE_SEAT else VOTERS))


def test_a_seat_does_not_move_changed_at_and_a_register_does(world: World) -> None:
    before = world.consortium.parties[FOURTH].changed_at
    world.wait(DAY)
    world.do(resolution(world, ResolutionAct.TAKE_SEAT, party=FOURTH), *VOTERS)
    assert world.consortium.parties[FOURTH].changed_at == before
    world.do(resolution(world, ResolutionAct.GIVE_REGISTER, party=FOURTH), *VOTERS)
    assert world.consortium.parties[FOURTH].changed_at == world.now


def test_the_new_authority_signs_its_own_admission(world: World) -> None:
    assert world.refuses(admit(world), *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    world.do(admit(world), *VOTERS, "new")
    assert world.consortium.parties[7].state is PartyState.ACTIVE


def test_party_numbers_are_given_in_order(world: World) -> None:
    for number in (SEATLESS, 8):
        assert world.refuses(admit(world, party=number), *VOTERS, "new") is Refusal.WRONG_PARTY_NUMBER


def test_there_are_at_most_255_parties(world: World) -> None:
    parties = dict(world.consortium.parties)
    for number in range(7, 256):
        code = "Q" + chr(65 + number // 26) + chr(65 + number % 26)
        parties[number] = replace(parties[SEATLESS], code=code)
    world.become(replace(world.consortium, parties={n: p for n, p in parties.items() if n < 255}))
    world.fork().do(admit(world), *VOTERS, "new")
    world.become(replace(world.consortium, parties=parties))
    assert world.refuses(admit(world), *VOTERS, "new") is Refusal.WRONG_PARTY_NUMBER


@pytest.mark.parametrize("code", ["B", "b1", "BRAZIL", "B\0R", "BR\0A", "B1", "B[", "B@", "ÄÖ", "BY", "EU", "UY"])
def test_a_party_code_is_two_to_six_capitals_that_nobody_has(world: World, code: str) -> None:
    act = admit(world, replace(CANDIDATE, code=code))
    if code == "BRAZIL":
        world.do(act, *VOTERS, "new")
    else:
        assert world.refuses(act, *VOTERS, "new") is Refusal.WRONG_PARTY_CODE


def test_a_candidate_is_an_administration_or_a_union(world: World) -> None:
    for kind in (0, 3):
        word = candidate_word(CANDIDATE) & ~(3 << PARTY["kind"].at) | kind << PARTY["kind"].at
        assert world.refuses(admit(world, word.to_bytes(32, "big")), *VOTERS, "new") is Refusal.WRONG_PARTY_CODE
    world.do(admit(world, replace(CANDIDATE, kind=PartyKind.UNION, seat=True)), *VOTERS, "new")


def test_an_expelled_party_s_code_is_free_again(world: World) -> None:
    world.do(resolution(world, ResolutionAct.EXPEL, party=SEATLESS), *VOTERS)
    world.do(admit(world, replace(CANDIDATE, code="UY")), *VOTERS, "new")


FREE = ("code", "kind", "seat", "keeps_register")
OTHER_BITS = sorted({field.at for name, field in PARTY.items() if name not in FREE} | {254, 255})


@pytest.mark.parametrize("bit", OTHER_BITS)
def test_an_admission_says_code_kind_seat_and_register_and_nothing_else(world: World, bit: int) -> None:
    word = candidate_word(CANDIDATE) | 1 << bit
    assert world.refuses(admit(world, word.to_bytes(32, "big")), *VOTERS, "new") is Refusal.WRONG_PARTY_CODE


def test_an_address_serves_one_party_in_one_role_for_ever(world: World) -> None:
    for name in ("operator 6 0", authority(SEATLESS), node(FIRST)):
        act = admit(world, key=key(name).address)
        assert world.refuses(act, *VOTERS, name) is Refusal.KEY_ALREADY_USED


def test_an_unknown_party_is_refused(world: World) -> None:
    assert world.refuses(suspend(world, 9), *VOTERS) is Refusal.NO_SUCH_PARTY


def test_an_expelled_party_has_no_acts_and_no_seat_left(world: World) -> None:
    world.do(resolution(world, ResolutionAct.EXPEL, party=FOURTH), *VOTERS)
    for act in (ResolutionAct.SUSPEND, ResolutionAct.GIVE_SEAT, ResolutionAct.REINSTATE, ResolutionAct.EXPEL):
        amount = world.now + DAY if act is ResolutionAct.SUSPEND else 0
        again = resolution(world, act, party=FOURTH, amount=amount)
        assert world.refuses(again, *VOTERS) is Refusal.PARTY_EXPELLED
    assert world.refuses(suspend(world, SEATLESS), *VOTERS[:2], authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    world.do(suspend(world, SEATLESS), *VOTERS[:2])


def test_signatures_beyond_two_thirds_are_welcome_and_counted_once(world: World) -> None:
    world.do(suspend(world, SEATLESS), *ALL_SEATS)
    act = suspend(world, SEATLESS, 2 * DAY)
    one = sign(world.message(act), VOTERS[0])
    assert world.refuses_signed(act, one * 3) is Refusal.NOT_ASCENDING


def test_a_suspension_moves_changed_at_and_its_end_by_itself_writes_nothing(world: World) -> None:
    world.wait(DAY)
    world.do(suspend(world, SEATLESS), *VOTERS)
    party = world.consortium.parties[SEATLESS]
    assert (party.changed_at, party.changes, party.state_at(world.now)) == (world.now, 1, PartyState.SUSPENDED)
    world.wait(DAY)
    assert party.state_at(world.now) is PartyState.ACTIVE
    world.do(party_act(world, SEATLESS, PartyActKind.SET_CERTIFICATE, detail=1), authority(SEATLESS))
    assert world.consortium.parties[SEATLESS] == party


def test_the_count_of_a_party_s_changes_stops_at_its_maximum(world: World) -> None:
    parties = world.consortium.parties
    altered = replace(parties[SEATLESS], changes=254)
    world.become(replace(world.consortium, parties={**parties, SEATLESS: altered}))
    for expected in (255, 255):
        act = (
            ResolutionAct.TAKE_REGISTER
            if world.consortium.parties[SEATLESS].keeps_register
            else ResolutionAct.GIVE_REGISTER
        )
        world.do(resolution(world, act, party=SEATLESS), *VOTERS)
        assert world.consortium.parties[SEATLESS].changes == expected
