"""Resolutions: who carries them, and what two thirds of the seats may do and may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import quorum
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, PartyKind, PartyState, ResolutionAct
from support.act_messages import candidate_word
from support.drafts import VOTERS, party_act, resolution
from support.world import (
    DAY,
    DELAY,
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
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


def seat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.SEAT_VALIDATOR, party=party, key=key(name).address)


def unseat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.UNSEAT_VALIDATOR, party=party, key=key(name).address)


def admit(world: World, candidate: acts.Candidate | bytes = CANDIDATE, **members: object) -> acts.Resolution:
    proper = {"party": len(world.consortium.parties) + 1, "key": key("new").address, "detail": candidate}
    return resolution(world, ResolutionAct.ADMIT, **{**proper, **members})


def replace_authority(world: World, party: int = FOURTH, name: str = "new") -> acts.Resolution:
    return resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=party, key=key(name).address)


def supersede(world: World) -> acts.Resolution:
    act = ResolutionAct.SUPERSEDE
    return resolution(world, act, key=b"\x51" * 20, detail=b"\x52" * 32, amount=53)


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
def test_who_has_no_seat_does_not_vote(world: World, stranger: str) -> None:
    assert world.refuses(suspend(world, SEATLESS), *VOTERS, stranger) is Refusal.SURPLUS_SIGNATURE


def test_resolutions_are_numbered(world: World) -> None:
    first = suspend(world, SEATLESS)
    for number in (0, 2):
        assert world.refuses(replace(first, number=number), *VOTERS) is Refusal.WRONG_NUMBER
    world.do(first, *VOTERS)
    assert world.refuses(first, *VOTERS) is Refusal.WRONG_NUMBER


def test_a_resolution_is_late_after_its_deadline(world: World) -> None:
    assert world.refuses(replace(suspend(world, SEATLESS), deadline=world.now - 1), *VOTERS) is Refusal.TOO_LATE
    world.do(replace(suspend(world, SEATLESS), deadline=world.now), *VOTERS)


@pytest.mark.parametrize("act", [0, 13, 255])
def test_an_unknown_act_is_refused(world: World, act: int) -> None:
    assert world.refuses(replace(suspend(world, SEATLESS), act=act), *VOTERS) is Refusal.UNKNOWN_ACT  # type: ignore[arg-type]


@pytest.mark.parametrize("surplus", [{"key": b"\x01" * 20}, {"detail": b"\x01" * 32}, {"amount": 0}, {"party": 0}])
def test_a_member_that_is_not_used_or_is_lacking_is_refused(world: World, surplus: dict[str, object]) -> None:
    act = replace(suspend(world, SEATLESS), **surplus)  # type: ignore[arg-type]
    assert world.refuses(act, *VOTERS) is Refusal.WRONG_MEMBERS


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
    """Two thirds of no seats would be nobody: then anyone could resolve anything."""
    world = found(founding(seats=(FIRST,)))
    sole = authority(FIRST)
    for act in (ResolutionAct.TAKE_SEAT, ResolutionAct.EXPEL):
        assert world.refuses(resolution(world, act, party=FIRST), sole) is Refusal.TOO_FEW_SEATS_LEFT
    world.do(suspend(world, SEATLESS), sole)


def test_without_seats_nothing_is_resolved() -> None:
    world = found(founding(seats=()))
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


def test_there_are_at_most_255_parties() -> None:
    consortium = founding()
    parties, authorities, keys = dict(consortium.parties), dict(consortium.authorities), dict(consortium.keys)
    for number in range(7, 256):
        code = "Q" + chr(65 + number // 26) + chr(65 + number % 26)
        parties[number] = replace(parties[SEATLESS], code=code, operators=0)
        authorities[number] = number.to_bytes(20, "big")
        keys[authorities[number]] = Key(party=number, role=KeyRole.AUTHORITY, added_at=consortium.parties[1].changed_at)
    world = found(replace(consortium, parties=parties, authorities=authorities, keys=keys))
    assert world.refuses(admit(world), *VOTERS, "new") is Refusal.WRONG_PARTY_NUMBER


@pytest.mark.parametrize("code", ["B", "b1", "BRAZIL", "B\0R", "B1", "ÄÖ", "BY"])
def test_a_party_code_is_two_to_six_capitals_that_nobody_has(world: World, code: str) -> None:
    act = admit(world, replace(CANDIDATE, code=code))
    if code == "BRAZIL":
        world.do(act, *VOTERS, "new")
    else:
        assert world.refuses(act, *VOTERS, "new") is Refusal.WRONG_PARTY_CODE


def test_an_expelled_party_s_code_is_free_again(world: World) -> None:
    world.do(resolution(world, ResolutionAct.EXPEL, party=SEATLESS), *VOTERS)
    world.do(admit(world, replace(CANDIDATE, code="UY")), *VOTERS, "new")


@pytest.mark.parametrize("bit", [56, 64, 98, 104, 136, 144, 152, 184, 216, 255])
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
    assert world.refuses(suspend(world, FOURTH), *VOTERS) is Refusal.PARTY_EXPELLED
    world.do(suspend(world, SEATLESS), *VOTERS[:2])


# ---- a lost authority


def test_anyone_completes_a_replacement_after_the_delay(world: World) -> None:
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
    assert world.refuses(replace_authority(world), *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    world.do(replace_authority(world), *VOTERS, "new")
    world.wait(DELAY - 1)
    assert world.complete_replacement(FOURTH) is Refusal.NOT_YET
    world.wait(1)
    assert world.complete_replacement(FOURTH) is None
    act = party_act(world, FOURTH, PartyActKind.SET_CERTIFICATE, detail=1)
    assert world.refuses(act, authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, "new")
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT


def test_one_replacement_at_a_time_and_none_with_a_used_key(world: World) -> None:
    used = replace_authority(world, name=authority(SEATLESS))
    assert world.refuses(used, *VOTERS, authority(SEATLESS)) is Refusal.KEY_ALREADY_USED
    world.do(replace_authority(world), *VOTERS, "new")
    assert world.refuses(replace_authority(world, name="newer"), *VOTERS, "newer") is Refusal.REPLACEMENT_PENDING


@pytest.mark.parametrize("act", [PartyActKind.CANCEL_REPLACEMENT, PartyActKind.ROTATE_AUTHORITY])
def test_the_standing_authority_cancels_and_the_key_is_burnt(world: World, act: PartyActKind) -> None:
    world.do(replace_authority(world), *VOTERS, "new")
    if act is PartyActKind.CANCEL_REPLACEMENT:
        world.do(party_act(world, FOURTH, act), authority(FOURTH))
    else:
        world.do(party_act(world, FOURTH, act, key=key("own").address), authority(FOURTH), "own")
    burnt = world.consortium.keys[key("new").address]
    assert (burnt.added_at, burnt.retired_at) == (0, world.now)
    world.wait(DELAY)
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
    assert world.refuses(replace_authority(world), *VOTERS, "new") is Refusal.KEY_ALREADY_USED


@pytest.mark.parametrize("act", [PartyActKind.CANCEL_REPLACEMENT, PartyActKind.ROTATE_AUTHORITY])
def test_a_thief_cannot_cancel_while_the_party_is_suspended(world: World, act: PartyActKind) -> None:
    world.do(suspend(world, FOURTH, 30 * DAY), *VOTERS)
    world.do(replace_authority(world), *VOTERS, "new")
    rotates = act is PartyActKind.ROTATE_AUTHORITY
    cancel = party_act(world, FOURTH, act, key=key("thief").address if rotates else acts.NOBODY)
    names = ("thief",) if rotates else ()
    assert world.refuses(cancel, authority(FOURTH), *names) is Refusal.PARTY_SUSPENDED
    world.wait(DELAY)
    assert world.complete_replacement(FOURTH) is None


def test_an_expelled_party_s_authority_is_not_replaced(world: World) -> None:
    world.do(replace_authority(world), *VOTERS, "new")
    world.do(resolution(world, ResolutionAct.EXPEL, party=FOURTH), *VOTERS)
    world.wait(DELAY)
    assert world.complete_replacement(FOURTH) is Refusal.PARTY_EXPELLED
    assert world.complete_replacement(99) is Refusal.NO_SUCH_PARTY


# ---- succession


def test_a_superseded_ledger_accepts_only_what_restricts_keys_and_validators(world: World) -> None:
    world.do(supersede(world), *VOTERS)
    again = supersede(world)
    refused = (
        again,
        admit(world),
        resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS),
        resolution(world, ResolutionAct.TAKE_REGISTER, party=FIRST),
        resolution(world, ResolutionAct.REINSTATE, party=FIRST),
    )
    for act in refused:
        names = ("new",) if act.act is ResolutionAct.ADMIT else ()
        assert world.refuses(act, *VOTERS, *names) is Refusal.SUPERSEDED
    world.do(suspend(world, SEATLESS), *VOTERS)
    world.do(resolution(world, ResolutionAct.EXPEL, party=SEATLESS), *VOTERS)
    world.do(replace_authority(world), *VOTERS, "new")
    world.do(seat(world, FIRST, "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    world.do(unseat(world, FIRST, "node a"), *VOTERS)
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("op").address), authority(FIRST), "op")
    for kind in (PartyActKind.SET_REGISTER, PartyActKind.SET_KEY_CHECK):
        alone = party_act(world, FIRST, kind, detail=1)
        assert world.refuses(alone, authority(FIRST)) is Refusal.SUPERSEDED


def test_signatures_beyond_two_thirds_are_welcome_and_counted_once(world: World) -> None:
    world.do(suspend(world, SEATLESS), *ALL_SEATS)
    act = suspend(world, SEATLESS, 2 * DAY)
    one = sign(world.message(act), VOTERS[0])
    assert world.refuses_signed(act, one * 3) is Refusal.NOT_ASCENDING
