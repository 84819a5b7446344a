"""A lost or stolen authority: how its replacement begins, waits, is cancelled, and lapses."""

from __future__ import annotations

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import END_OF_TIME, LAPSE, Replacement
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyState, ResolutionAct
from support.drafts import (
    VOTERS,
    begin_replacement,
    complete_replacement,
    party_act,
    resolution,
)
from support.world import (
    DAY,
    DELAY,
    FOURTH,
    SEATLESS,
    World,
    authority,
    found,
    key,
    node,
    operator,
)

CANCEL = PartyActKind.CANCEL_REPLACEMENT
NEW = "new"


@pytest.fixture
def world() -> World:
    return found()


def suspend(world: World, party: int = FOURTH, days: int = 30) -> None:
    act = resolution(world, ResolutionAct.SUSPEND, party=party, amount=world.now + days * DAY)
    world.do(act, *VOTERS)


def begin(world: World, party: int = FOURTH, name: str = NEW) -> acts.Resolution:
    return resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=party, key=key(name).address)


def begun(world: World, party: int = FOURTH, name: str = NEW) -> Replacement:
    return begin_replacement(world, party, name)


def party_of(world: World, party: int = FOURTH) -> Party:
    return world.consortium.parties[party]


def state(world: World, party: int = FOURTH) -> PartyState:
    return party_of(world, party).state_at(world.now)


def is_burnt(world: World, name: str = NEW) -> bool:
    word = world.consortium.keys[key(name).address]
    return word.added_at == 0 and word.retired_at == world.now


# ---- it begins and waits


def test_anyone_completes_a_replacement_after_the_delay(world: World) -> None:
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
    assert world.complete_replacement(99) is Refusal.NO_SUCH_PARTY
    assert world.refuses(begin(world), *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    world.do(begin(world), *VOTERS, NEW)
    world.wait(DELAY - 1)
    assert world.complete_replacement(FOURTH) is Refusal.NOT_YET
    world.wait(1)
    assert world.complete_replacement(FOURTH) is None
    act = party_act(world, FOURTH, PartyActKind.SET_CERTIFICATE, detail=1)
    assert world.refuses(act, authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, NEW)
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT


def test_the_key_that_waits_does_not_count_yet_and_the_old_ones_do(world: World) -> None:
    begun(world)
    act = party_act(world, FOURTH, PartyActKind.SET_CERTIFICATE, detail=1)
    assert world.refuses(act, NEW) is Refusal.SURPLUS_SIGNATURE
    vote = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS)
    assert world.refuses(vote, *VOTERS[:2], NEW) is Refusal.SURPLUS_SIGNATURE
    world.do(vote, *VOTERS[:2], authority(FOURTH))
    world.do(act, authority(FOURTH))


def test_one_replacement_at_a_time_and_none_with_a_used_key(world: World) -> None:
    for name in (authority(SEATLESS), operator(FOURTH), node(FOURTH)):
        assert world.refuses(begin(world, name=name), *VOTERS, name) is Refusal.KEY_ALREADY_USED
    begun(world)
    assert world.refuses(begin(world, name="newer"), *VOTERS, "newer") is Refusal.REPLACEMENT_PENDING
    begun(world, SEATLESS, "newer")


def test_it_lapses_30_days_after_it_is_ready_and_then_another_begins(world: World) -> None:
    pending = begun(world)
    assert (pending.ready_at, pending.lapses_at) == (world.now + DELAY, world.now + DELAY + 30 * DAY)
    world.wait(pending.lapses_at - 1 - world.now)
    assert world.refuses(begin(world, name="newer"), *VOTERS, "newer") is Refusal.REPLACEMENT_PENDING
    in_time = world.fork()
    assert in_time.complete_replacement(FOURTH) is None
    world.wait(1)
    assert world.complete_replacement(FOURTH) is Refusal.REPLACEMENT_LAPSED
    assert world.refuses(begin(world), *VOTERS, NEW) is Refusal.KEY_ALREADY_USED
    begun(world, name="newer")
    assert is_burnt(world)
    complete_replacement(world, FOURTH)
    assert world.consortium.keys[key("newer").address].epoch == party_of(world).epoch == 1


# ---- who cancels it


def test_a_party_that_is_not_suspended_cancels_alone_and_the_key_is_burnt(world: World) -> None:
    cancel = party_act(world, FOURTH, CANCEL)
    assert world.refuses(cancel, authority(FOURTH)) is Refusal.NO_REPLACEMENT
    begun(world)
    before = party_of(world)
    world.do(cancel, authority(FOURTH))
    assert is_burnt(world)
    assert party_of(world) == before
    world.wait(DELAY)
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
    assert world.refuses(begin(world), *VOTERS, NEW) is Refusal.KEY_ALREADY_USED


def test_a_rotation_does_not_cancel_it(world: World) -> None:
    """A thief can rotate too. When the new key completes the replacement, every earlier key ends."""
    begun(world)
    old = int.from_bytes(key(authority(FOURTH)).address, "big")
    rotation = party_act(world, FOURTH, PartyActKind.ROTATE_AUTHORITY, key=key("thief").address, detail=old)
    world.do(rotation, authority(FOURTH), "thief")
    complete_replacement(world, FOURTH)
    act = party_act(world, FOURTH, PartyActKind.SET_CERTIFICATE, detail=1)
    assert world.refuses(act, "thief") is Refusal.SURPLUS_SIGNATURE
    world.do(act, NEW)


@pytest.mark.parametrize("held", [False, True])
def test_two_thirds_cancel_it_at_any_time(world: World, held: bool) -> None:
    cancel = resolution(world, ResolutionAct.CANCEL_REPLACEMENT, party=FOURTH)
    assert world.refuses(cancel, *VOTERS) is Refusal.NO_REPLACEMENT
    if held:
        suspend(world)
    begun(world)
    world.wait(DELAY + DAY)
    cancel = resolution(world, ResolutionAct.CANCEL_REPLACEMENT, party=FOURTH)
    assert world.refuses(cancel, *VOTERS[:2]) is Refusal.TOO_FEW_SIGNATURES
    world.do(cancel, *VOTERS)
    assert is_burnt(world)
    assert state(world) is (PartyState.SUSPENDED if held else PartyState.ACTIVE)


def test_reinstating_cancels_it(world: World) -> None:
    suspend(world)
    begun(world)
    world.do(resolution(world, ResolutionAct.REINSTATE, party=FOURTH), *VOTERS)
    assert is_burnt(world)
    assert state(world) is PartyState.ACTIVE


def test_expulsion_ends_it(world: World) -> None:
    begun(world)
    world.do(resolution(world, ResolutionAct.EXPEL, party=FOURTH), *VOTERS)
    assert is_burnt(world)
    world.wait(DELAY)
    assert world.complete_replacement(FOURTH) is Refusal.NO_REPLACEMENT
    assert world.refuses(begin(world, name="newer"), *VOTERS[:2], "newer") is Refusal.PARTY_EXPELLED


# ---- under a suspension


@pytest.mark.parametrize(
    ("kind", "members", "cosigners"),
    [
        (CANCEL, {}, ()),
        (PartyActKind.ROTATE_AUTHORITY, {"key": key("thief").address, "detail": 7}, ("thief",)),
        (PartyActKind.ADD_AUTHORITY_KEY, {"key": key("thief").address}, ("thief",)),
        (PartyActKind.ADD_OPERATOR, {"key": key("thief").address}, ("thief",)),
        (PartyActKind.RETIRE_OPERATOR, {"key": key(operator(FOURTH)).address}, ()),
        (PartyActKind.UNFREEZE, {}, ()),
    ],
)
def test_a_party_that_is_held_neither_cancels_nor_changes_its_keys(
    world: World, kind: PartyActKind, members: dict[str, object], cosigners: tuple[str, ...]
) -> None:
    suspend(world, days=1)
    begun(world)
    for _ in range(2):
        act = party_act(world, FOURTH, kind, **members)
        assert world.refuses(act, authority(FOURTH), *cosigners) is Refusal.PARTY_SUSPENDED
        world.wait(DELAY)


def test_it_holds_the_party_suspended_until_it_lapses(world: World) -> None:
    suspend(world, days=1)
    pending = begun(world)
    assert party_of(world).suspended_until == pending.lapses_at
    world.wait(pending.lapses_at - 1 - world.now)
    assert state(world) is PartyState.SUSPENDED
    world.wait(1)
    assert state(world) is PartyState.ACTIVE
    world.do(party_act(world, FOURTH, CANCEL), authority(FOURTH))


@pytest.mark.parametrize("days", [1, 20, 300])
def test_when_it_completes_the_suspension_ends_when_it_was_to_end(world: World, days: int) -> None:
    suspend(world, days=days)
    until = party_of(world).suspended_until
    pending = begun(world)
    assert party_of(world).suspended_until == max(until, pending.lapses_at)
    complete_replacement(world, FOURTH)
    assert party_of(world).suspended_until == until
    assert state(world) is (PartyState.ACTIVE if until <= world.now else PartyState.SUSPENDED)


def test_what_is_suspended_anew_while_it_is_held_is_so_until_the_new_end(world: World) -> None:
    suspend(world, days=1)
    pending = begun(world)
    suspend(world, days=20)
    until = world.now + 20 * DAY
    assert (party_of(world).suspended_until, world.consortium.replacements[FOURTH].suspended_until) == (
        pending.lapses_at,
        until,
    )
    suspend(world, days=200)
    assert party_of(world).suspended_until == world.now + 200 * DAY
    suspend(world, days=20)
    complete_replacement(world, FOURTH)
    assert party_of(world).suspended_until == until
    assert state(world) is PartyState.SUSPENDED


def test_one_that_began_before_the_suspension_does_not_hold_but_the_suspended_do_not_cancel(world: World) -> None:
    begun(world)
    suspend(world, days=5)
    assert party_of(world).suspended_until == world.now + 5 * DAY
    cancel = party_act(world, FOURTH, CANCEL)
    assert world.refuses(cancel, authority(FOURTH)) is Refusal.PARTY_SUSPENDED
    world.do(
        party_act(world, FOURTH, PartyActKind.RETIRE_OPERATOR, key=key(operator(FOURTH)).address), authority(FOURTH)
    )
    world.wait(5 * DAY)
    world.do(party_act(world, FOURTH, CANCEL), authority(FOURTH))


def test_one_that_began_before_a_suspension_completes_under_it(world: World) -> None:
    begun(world)
    suspend(world, days=100)
    complete_replacement(world, FOURTH)
    assert state(world) is PartyState.SUSPENDED


def test_cancelling_one_that_lapsed_lifts_no_suspension_of_later(world: World) -> None:
    suspend(world, days=1)
    pending = begun(world)
    world.wait(pending.lapses_at - world.now)
    suspend(world, days=100)
    until = party_of(world).suspended_until
    world.do(resolution(world, ResolutionAct.CANCEL_REPLACEMENT, party=FOURTH), *VOTERS)
    assert (party_of(world).suspended_until, state(world)) == (until, PartyState.SUSPENDED)
    assert is_burnt(world)


def test_another_may_begin_under_the_suspension_that_outlasted_one_that_lapsed(world: World) -> None:
    suspend(world, days=300)
    until = party_of(world).suspended_until
    pending = begun(world)
    world.wait(pending.lapses_at - world.now)
    assert state(world) is PartyState.SUSPENDED
    again = begun(world, name="newer")
    assert again.suspended_until == until
    complete_replacement(world, FOURTH)
    assert party_of(world).suspended_until == until


# ---- the end of time


def test_a_replacement_does_not_begin_if_no_word_can_hold_its_end(world: World) -> None:
    last = END_OF_TIME - 1 - LAPSE - 90 * DAY
    world.wait(last + 1 - world.now)
    assert world.refuses(begin(world), *VOTERS, NEW) is Refusal.END_OF_TIME
    world.wait(-1)
    world.do(begin(world), *VOTERS, NEW)


def test_no_suspension_lasts_into_the_time_that_no_word_holds(world: World) -> None:
    """Its end would change the bit of the seat."""
    world.wait(END_OF_TIME - 10 * DAY - world.now)
    act = ResolutionAct.SUSPEND
    for until in (END_OF_TIME, END_OF_TIME + DAY):
        beyond = resolution(world, act, party=SEATLESS, amount=until)
        assert world.refuses(beyond, *VOTERS) is Refusal.WRONG_SUSPENSION
    world.do(resolution(world, act, party=SEATLESS, amount=END_OF_TIME - 1), *VOTERS)


def test_from_2106_on_nothing_completes(world: World) -> None:
    world.wait(END_OF_TIME - LAPSE - 91 * DAY - world.now)
    begun(world)
    world.wait(END_OF_TIME - world.now)
    assert world.complete_replacement(FOURTH) is Refusal.END_OF_TIME
