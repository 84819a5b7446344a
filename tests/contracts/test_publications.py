"""Publications: who signs them, in which capacity, how large they may be, and what happens when an issuer is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    PartyActKind,
    ReasonClass,
    ResolutionAct,
    Status,
)
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Contract
from support.act_messages import name_of, write
from support.drafts import ENTRY, change, entry_of, govern, grant, party_act, publication
from support.world import (
    DAY,
    FIRST,
    FOURTH,
    OUTSIDER,
    SECOND,
    THIRD,
    UNION,
    World,
    authority,
    found,
    operator,
    refusal_of,
    sign,
)

BY = operator(FIRST)
SHARED = entry_of(UNION)
"""An entry of the union's register."""


@pytest.fixture
def world() -> World:
    return found()


@pytest.fixture
def shared() -> World:
    """A member has granted a certificate in the union's register."""
    world = found()
    world.do(in_union(world, grant(world, SHARED, issuer=THIRD)), operator(THIRD))
    return world


def in_union(world: World, *events: acts.StatusEvent, issuer: int = THIRD, **members: object) -> acts.Publication:
    return publication(world, *events, register=UNION, issuer=issuer, **members)


def transfer(world: World, issuer: int, former: int) -> acts.Publication:
    drafted = change(world, EventKind.TRANSFER, SHARED, issuer=issuer)
    return in_union(world, drafted, issuer=issuer, former=former, capacity=Capacity.TRANSFER)


def leave(world: World, party: int) -> None:
    world.do(party_act(world, party, PartyActKind.LEAVE_UNION, detail=UNION), authority(party))


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


def test_the_capacity_is_one_of_three_and_names_a_former_issuer_only_to_transfer(world: World) -> None:
    act = publication(world, grant(world))
    for capacity in (0, 4, 255):
        assert world.refuses(replace(act, capacity=capacity), BY) is Refusal.WRONG_CAPACITY  # type: ignore[arg-type]
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
    assert _call(world, publication(world, *events)) == "reverted without a reason"
    world.do(publication(world, *events[:100]), BY)


def test_a_publication_carries_32_kb_of_details_as_they_are(world: World) -> None:
    details = bytes(range(256)) * 128
    act = publication(world, grant(world), details=details + b"x")
    assert _call(world, act) == "reverted without a reason"
    world.do(publication(world, grant(world), details=details), BY)
    assert details in [log.data for log in world.evm.logs]


def test_a_publication_has_at_most_16_signers(world: World) -> None:
    act = publication(world, grant(world))
    assert world.refuses_signed(act, sign(world.message(act), BY) * 16) is Refusal.NOT_ASCENDING
    assert _call(world, act, copies=17) == "reverted without a reason"


def test_a_publication_is_at_most_60_kb(world: World) -> None:
    act = publication(world, grant(world))
    signed = SignedAct(name=name_of(act), values=write(act), signatures=tuple(sign(world.message(act), BY)))
    call = encode_act(signed)
    outcome = world.evm.fork().call(Contract.REGISTERS, call.ljust(61_441, b"\0"))
    assert refusal_of(outcome) is Refusal.TOO_LARGE
    assert refusal_of(world.evm.fork().call(Contract.REGISTERS, call.ljust(61_440, b"\0"))) is None


def _call(world: World, act: acts.Publication, copies: int = 1) -> str:
    """Submit what does not fit the contract's types; the model has no say in it."""
    signatures = tuple(sign(world.message(act), BY) * copies)
    outcome = world.evm.call(
        Contract.REGISTERS, encode_act(SignedAct(name=name_of(act), values=write(act), signatures=signatures))
    )
    world.compare()
    return "reverted without a reason" if outcome.reverted and outcome.output == b"" else repr(outcome)


# ---- a union's register


def test_members_publish_in_their_union_s_register_and_others_do_not(shared: World) -> None:
    entry = entry_of(UNION, 0, 2)
    act = in_union(shared, grant(shared, entry, issuer=FIRST), issuer=FIRST)
    assert shared.refuses(act, BY) is Refusal.PARTY_GONE
    shared.do(in_union(shared, grant(shared, entry, issuer=UNION), issuer=UNION), operator(UNION))


@pytest.mark.parametrize("how", ["left", "expelled"])
def test_when_an_issuer_is_gone_the_union_s_authority_restricts(shared: World, how: str) -> None:
    leave(shared, THIRD) if how == "left" else govern(shared, ResolutionAct.EXPEL, THIRD)
    suspension = in_union(shared, change(shared, EventKind.SUSPEND, SHARED))
    assert shared.refuses(suspension, operator(THIRD)) is Refusal.PARTY_GONE
    by_union = replace(suspension, capacity=Capacity.AUTHORITY)
    for stranger in (authority(THIRD), operator(UNION), authority(FIRST)):
        assert shared.refuses(by_union, stranger) is Refusal.SURPLUS_SIGNATURE
    shared.do(by_union, authority(UNION))
    favour = in_union(shared, change(shared, EventKind.REINSTATE, SHARED), capacity=Capacity.AUTHORITY)
    assert shared.refuses(favour, authority(UNION)) is Refusal.WRONG_CAPACITY


def test_while_an_issuer_is_there_the_union_s_authority_has_no_say(shared: World) -> None:
    act = in_union(shared, change(shared, EventKind.SUSPEND, SHARED), capacity=Capacity.AUTHORITY)
    assert shared.refuses(act, authority(UNION)) is Refusal.SURPLUS_SIGNATURE


def test_when_the_register_s_party_is_expelled_nothing_is_published(world: World) -> None:
    world.do(publication(world, grant(world)), BY)
    govern(world, ResolutionAct.EXPEL, FIRST)
    assert world.refuses(publication(world, change(world, EventKind.SUSPEND)), BY) is Refusal.PARTY_GONE


def test_a_transfer_is_signed_by_both_sides(shared: World) -> None:
    act = transfer(shared, FOURTH, THIRD)
    for one in (operator(FOURTH), operator(THIRD)):
        assert shared.refuses(act, one) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(UNION), authority(THIRD), OUTSIDER):
        assert shared.refuses(act, operator(FOURTH), operator(THIRD), stranger) is Refusal.SURPLUS_SIGNATURE
    shared.do(act, operator(FOURTH), operator(THIRD))
    assert shared.standings[SHARED].record.issuer == FOURTH
    assert shared.standings[SHARED].record.status is Status.ACTIVE


def test_a_transfer_changes_the_issuer_and_nothing_else(shared: World) -> None:
    act = transfer(shared, FOURTH, THIRD)
    signers = (operator(FOURTH), operator(THIRD))
    changes: tuple[dict[str, Any], ...] = (
        {"roles": 1},
        {"since": shared.now - 1},
        {"hold_until": 5},
        {"review_day": 5},
    )
    for members in changes:
        (drafted,) = act.events
        wrong = replace(drafted, record=replace(drafted.record, **members))
        assert shared.refuses(replace(act, events=(wrong,)), *signers) is Refusal.FIELD_CHANGED
    wrong = replace(drafted, record=replace(drafted.record, status=Status.SUSPENDED))
    assert shared.refuses(replace(act, events=(wrong,)), *signers) is Refusal.WRONG_TRANSITION
    nothing = replace(act, events=(replace(drafted, entry=entry_of(UNION, 0, 9)),))
    first = replace(nothing.events[0], record=replace(drafted.record, sequence=1))
    assert shared.refuses(replace(nothing, events=(first,)), *signers) is Refusal.WRONG_TRANSITION


@pytest.mark.parametrize("ended", [EventKind.REVOKE, EventKind.WITHDRAW, EventKind.ANNUL])
def test_an_ended_certificate_is_transferred_too(shared: World, ended: EventKind) -> None:
    shared.do(in_union(shared, change(shared, ended, SHARED)), operator(THIRD))
    shared.do(transfer(shared, FOURTH, THIRD), operator(FOURTH), operator(THIRD))


def test_a_transfer_takes_from_the_party_it_names(shared: World) -> None:
    act = transfer(shared, FOURTH, UNION)
    assert shared.refuses(act, operator(FOURTH), operator(UNION)) is Refusal.WRONG_ISSUER
    act = transfer(shared, THIRD, THIRD)
    assert shared.refuses(act, operator(THIRD)) is Refusal.WRONG_MEMBERS
    act = transfer(shared, FOURTH, 9)
    assert shared.refuses(act, operator(FOURTH)) is Refusal.NO_SUCH_PARTY


@pytest.mark.parametrize("how", ["left", "expelled"])
def test_from_a_gone_issuer_the_union_s_authority_transfers(shared: World, how: str) -> None:
    leave(shared, THIRD) if how == "left" else govern(shared, ResolutionAct.EXPEL, THIRD)
    act = transfer(shared, FOURTH, THIRD)
    assert shared.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.SURPLUS_SIGNATURE
    assert shared.refuses(act, operator(FOURTH)) is Refusal.TOO_FEW_SIGNATURES
    assert shared.refuses(act, authority(UNION)) is Refusal.TOO_FEW_SIGNATURES
    shared.do(act, operator(FOURTH), authority(UNION))


def test_a_suspended_union_transfers_nothing_from_a_gone_issuer_and_still_restricts(shared: World) -> None:
    govern(shared, ResolutionAct.EXPEL, THIRD)
    govern(shared, ResolutionAct.SUSPEND, UNION)
    act = transfer(shared, FOURTH, THIRD)
    assert shared.refuses(act, operator(FOURTH), authority(UNION)) is Refusal.PARTY_SUSPENDED
    revocation = in_union(shared, change(shared, EventKind.REVOKE, SHARED), capacity=Capacity.AUTHORITY)
    shared.do(revocation, authority(UNION))


def test_to_a_gone_issuer_nothing_is_transferred(shared: World) -> None:
    leave(shared, FOURTH)
    assert shared.refuses(transfer(shared, FOURTH, THIRD), operator(FOURTH), operator(THIRD)) is Refusal.PARTY_GONE


@pytest.mark.parametrize("party", [THIRD, FOURTH])
def test_a_suspended_party_transfers_on_neither_side(shared: World, party: int) -> None:
    govern(shared, ResolutionAct.SUSPEND, party)
    act = transfer(shared, FOURTH, THIRD)
    assert shared.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.PARTY_SUSPENDED


def test_a_transfer_is_no_way_to_do_anything_else(shared: World) -> None:
    drafted = change(shared, EventKind.SUSPEND, SHARED, issuer=FOURTH)
    act = in_union(shared, drafted, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    assert shared.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.WRONG_CAPACITY
    act = in_union(shared, change(shared, EventKind.TRANSFER, SHARED))
    assert shared.refuses(act, operator(THIRD)) is Refusal.WRONG_CAPACITY
