"""Publications: who signs them, in which capacity, how large they may be, and what stops them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    ReasonClass,
    ResolutionAct,
    Status,
)
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Contract
from support.act_messages import name_of, write
from support.drafts import ENTRY, change, entry_of, govern, grant, publication
from support.world import (
    DAY,
    FIRST,
    OUTSIDER,
    SECOND,
    THIRD,
    World,
    authority,
    found,
    operator,
    refusal_of,
    sign,
)

BY = operator(FIRST)


@pytest.fixture
def world() -> World:
    return found()


def misfits(world: World, act: acts.Publication, copies: int = 1) -> bool:
    return world.misfits(act, sign(world.message(act), BY) * copies)


# ---- who signs


def test_as_many_operators_sign_as_the_threshold_says_and_nobody_else(world: World) -> None:
    act = publication(world, grant(world, entry_of(SECOND), issuer=SECOND), register=SECOND, issuer=SECOND)
    one, two = operator(SECOND, 0), operator(SECOND, 1)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, one) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (OUTSIDER, BY, authority(SECOND)):
        assert world.refuses(act, one, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, one, two, stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, one, two)


def test_a_publication_is_late_after_its_deadline(world: World) -> None:
    act = publication(world, grant(world))
    assert world.refuses(replace(act, deadline=world.now - 1), BY) is Refusal.TOO_LATE
    world.do(replace(act, deadline=world.now), BY)


def test_a_publication_is_not_kept_for_more_than_a_year(world: World) -> None:
    act = publication(world, grant(world))
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), BY) is Refusal.TOO_FAR
    world.do(replace(act, deadline=world.now + 366 * DAY), BY)


def test_the_capacity_is_one_of_four_and_names_a_former_issuer_only_to_transfer(world: World) -> None:
    act = publication(world, grant(world))
    for capacity in (0, 5, 255):
        assert world.refuses(replace(act, capacity=capacity), BY) is Refusal.WRONG_CAPACITY
    assert world.refuses(replace(act, former=SECOND), BY) is Refusal.WRONG_MEMBERS
    assert world.refuses(replace(act, capacity=Capacity.TRANSFER), BY) is Refusal.WRONG_MEMBERS


def test_a_register_is_opened_before_its_first_publication(world: World) -> None:
    act = publication(world, grant(world, entry_of(THIRD), issuer=THIRD), register=THIRD, issuer=THIRD)
    assert world.refuses(act, operator(THIRD)) is Refusal.REGISTER_NOT_OPENED
    assert world.refuses(replace(act, register=0, issuer=0), operator(THIRD)) is Refusal.REGISTER_NOT_OPENED


def test_an_unknown_issuer_is_refused(world: World) -> None:
    assert world.refuses(replace(publication(world, grant(world)), issuer=9), BY) is Refusal.NO_SUCH_PARTY


def test_a_register_no_longer_kept_is_only_restricted(world: World) -> None:
    world.do(publication(world, grant(world)), BY)
    govern(world, ResolutionAct.TAKE_REGISTER, FIRST)
    act = publication(world, grant(world, entry_of(FIRST, 0, 2)))
    assert world.refuses(act, BY) is Refusal.NO_REGISTER_KEPT
    world.do(publication(world, change(world, EventKind.REVOKE)), BY)


@pytest.mark.parametrize("kind", [EventKind.SUSPEND, EventKind.REVOKE, EventKind.WITHDRAW, EventKind.ANNUL])
def test_a_suspended_party_restricts_and_does_not_favour(world: World, kind: EventKind) -> None:
    world.do(publication(world, grant(world)), BY)
    govern(world, ResolutionAct.SUSPEND, FIRST)
    for favour in (EventKind.AMEND, EventKind.REASSESS):
        assert world.refuses(publication(world, change(world, favour)), BY) is Refusal.PARTY_SUSPENDED
    act = publication(world, grant(world, entry_of(FIRST, 0, 2)))
    assert world.refuses(act, BY) is Refusal.PARTY_SUSPENDED
    world.do(publication(world, change(world, kind)), BY)
    back = EventKind.REINSTATE if kind is EventKind.SUSPEND else EventKind.RESTORE
    by_authority = back is EventKind.RESTORE
    act = publication(world, change(world, back), capacity=Capacity.AUTHORITY if by_authority else Capacity.OPERATORS)
    assert world.refuses(act, authority(FIRST) if by_authority else BY) is Refusal.PARTY_SUSPENDED
    world.wait(9 * DAY)
    world.do(replace(act, deadline=world.soon), authority(FIRST) if by_authority else BY)


# ---- all or nothing, and how much


def test_a_publication_is_all_or_nothing(world: World) -> None:
    good, bad = grant(world), grant(world, entry_of(FIRST, 0, 2), roles=0)
    assert world.refuses(publication(world, good, bad), BY) is Refusal.WRONG_ROLES
    assert world.standings == {}


def test_a_first_import_grants_and_suspends_at_once(world: World) -> None:
    granted = grant(world, reason=ReasonClass.TRANSCRIBED)
    suspended = change(world, EventKind.SUSPEND, of=granted.record, reason=ReasonClass.TRANSCRIBED)
    world.do(publication(world, granted, suspended), BY)
    assert world.standings[ENTRY].record.status is Status.SUSPENDED
    assert world.standings[ENTRY].record.sequence == 2


def test_a_publication_holds_1_to_100_events(world: World) -> None:
    assert world.refuses(publication(world), BY) is Refusal.NO_EVENTS
    events = [grant(world, entry_of(FIRST, 0, holder)) for holder in range(1, 102)]
    assert misfits(world, publication(world, *events))
    world.do(publication(world, *events[:100]), BY)


def test_a_publication_carries_32_kb_of_details_as_they_are(world: World) -> None:
    details = bytes(range(256)) * 128
    act = publication(world, grant(world), details=details + b"x")
    assert misfits(world, act)
    world.do(publication(world, grant(world), details=details), BY)
    assert details in [log.data for log in world.evm.logs]


def test_a_publication_has_at_most_16_signers(world: World) -> None:
    act = publication(world, grant(world))
    assert world.refuses_signed(act, sign(world.message(act), BY) * 16) is Refusal.NOT_ASCENDING
    assert misfits(world, act, copies=17)


def test_a_publication_is_at_most_60_kb(world: World) -> None:
    act = publication(world, grant(world))
    signed = SignedAct(name=name_of(act), values=write(act), signatures=tuple(sign(world.message(act), BY)))
    call = encode_act(signed)
    outcome = world.evm.fork().call(Contract.REGISTERS, call.ljust(61_441, b"\0"))
    assert refusal_of(outcome) is Refusal.TOO_LARGE
    assert refusal_of(world.evm.fork().call(Contract.REGISTERS, call.ljust(61_440, b"\0"))) is None


def test_when_the_register_s_party_is_expelled_nothing_is_published(world: World) -> None:
    world.do(publication(world, grant(world)), BY)
    govern(world, ResolutionAct.EXPEL, FIRST)
    assert world.refuses(publication(world, change(world, EventKind.SUSPEND)), BY) is Refusal.PARTY_GONE
