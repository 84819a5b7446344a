"""Envelopes: keys of a register that its operators send, sealed for one recipient."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind, PartyState, ResolutionAct
from support.drafts import envelope, govern, party_act, supersede
from support.world import DAY, FIRST, SEATLESS, SECOND, UNION, World, authority, found, key, operator, sign


@pytest.fixture
def world() -> World:
    return found()


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


def test_envelopes_have_a_counter_of_their_own(world: World) -> None:
    """So a thief's envelopes do not void the act that retires his key, and that act voids no envelope."""
    retirement, sent = (
        party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(operator(FIRST)).address),
        envelope(world),
    )
    for _ in range(3):
        world.do(envelope(world), operator(FIRST))
    world.do(retirement, authority(FIRST))
    assert world.refuses(sent, operator(FIRST, 1)) is Refusal.WRONG_SERIAL
    assert (world.consortium.offices[FIRST].serial, world.consortium.offices[FIRST].envelopes) == (1, 3)


def test_an_envelope_holds_4096_bytes_at_most(world: World) -> None:
    world.do(envelope(world, sealed=bytes(4096)), operator(FIRST))
    act = envelope(world, sealed=bytes(4097))
    assert world.misfits(act, sign(world.message(act), operator(FIRST)))


def test_an_envelope_has_a_known_recipient_and_a_deadline(world: World) -> None:
    assert world.refuses(envelope(world, recipient=9), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(envelope(world, 9), operator(FIRST)) is Refusal.NO_SUCH_PARTY
    assert world.refuses(envelope(world, deadline=world.now - 1), operator(FIRST)) is Refusal.TOO_LATE
    too_far = envelope(world, deadline=world.now + 366 * DAY + 1)
    assert world.refuses(too_far, operator(FIRST)) is Refusal.TOO_FAR


def test_a_suspended_party_receives_envelopes_and_sends_none(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, FIRST)
    assert world.consortium.parties[FIRST].state is PartyState.SUSPENDED
    assert world.refuses(envelope(world), operator(FIRST)) is Refusal.PARTY_SUSPENDED
    world.do(envelope(world, SEATLESS, recipient=FIRST), operator(SEATLESS))


def test_an_expelled_party_or_union_neither_sends_nor_receives_them(world: World) -> None:
    govern(world, ResolutionAct.EXPEL, UNION)
    assert world.refuses(envelope(world, recipient=UNION), operator(FIRST)) is Refusal.PARTY_EXPELLED
    assert world.refuses(envelope(world, UNION), operator(UNION)) is Refusal.PARTY_EXPELLED


def test_a_superseded_ledger_sends_no_envelopes(world: World) -> None:
    supersede(world)
    assert world.refuses(envelope(world), operator(FIRST)) is Refusal.SUPERSEDED
