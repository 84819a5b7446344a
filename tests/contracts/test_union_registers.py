"""A union's register: what its members publish there, and what the union's authority may do about it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.status_events import RESTRICTING
from aeo_ledger.customs.vocabulary import Capacity, EventKind, PartyActKind, ResolutionAct, Status
from support.drafts import (
    change,
    dual_control,
    entry_of,
    freeze,
    govern,
    grant,
    party_act,
    publication,
    set_threshold,
    supersede,
)
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
    key,
    operator,
)

SHARED = entry_of(UNION)
GONE = pytest.mark.parametrize("how", ["left", "left by notice", "ejected", "expelled"])


@cache
def prepared() -> World:
    """A member has granted a certificate in the union's register."""
    world = found()
    world.do(publish(world, grant(world, SHARED, issuer=THIRD)), operator(THIRD))
    return world


@pytest.fixture
def world() -> World:
    return prepared().fork()


def publish(world: World, *events: acts.StatusEvent, issuer: int = THIRD, **members: object) -> acts.Publication:
    return publication(world, *events, register=UNION, issuer=issuer, **members)


def by_union(world: World, kind: EventKind = EventKind.SUSPEND) -> acts.Publication:
    return publish(world, change(world, kind, SHARED), capacity=Capacity.UNION)


def transfer(world: World, issuer: int, former: int) -> acts.Publication:
    drafted = change(world, EventKind.TRANSFER, SHARED, issuer=issuer)
    return publish(world, drafted, issuer=issuer, former=former, capacity=Capacity.TRANSFER)


def part(world: World, party: int, how: str) -> None:
    """Let a member be gone in one of the possible ways."""
    if how == "expelled":
        govern(world, ResolutionAct.EXPEL, party)
    elif how == "ejected":
        world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=party), authority(UNION))
    else:
        midnight = (world.now // DAY + 1) * DAY if how == "left by notice" else 0
        leave = party_act(world, party, PartyActKind.LEAVE_UNION, detail=UNION, effective=midnight)
        world.do(leave, authority(party))
        world.wait(max(0, midnight - world.now))


# ---- members


def test_members_publish_in_their_union_s_register_and_others_do_not(world: World) -> None:
    entry = entry_of(UNION, 0, 2)
    for party, names in ((FIRST, (operator(FIRST),)), (SECOND, (operator(SECOND), operator(SECOND, 1)))):
        act = publish(world, grant(world, entry, issuer=party), issuer=party)
        assert world.refuses(act, *names) is Refusal.PARTY_GONE
    world.do(publish(world, grant(world, entry, issuer=UNION), issuer=UNION), operator(UNION))


def test_in_an_expelled_union_s_register_no_member_publishes_anything(world: World) -> None:
    govern(world, ResolutionAct.EXPEL, UNION)
    for kind in RESTRICTING:
        act = publish(world, change(world, kind, SHARED))
        assert world.refuses(act, operator(THIRD)) is Refusal.PARTY_GONE
    assert world.refuses(by_union(world), authority(UNION)) is Refusal.PARTY_GONE


def test_a_suspended_union_s_members_go_on(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, UNION)
    world.do(publish(world, change(world, EventKind.AMEND, SHARED, roles=0b110)), operator(THIRD))
    act = publish(world, grant(world, entry_of(UNION, 0, 2), issuer=UNION), issuer=UNION)
    assert world.refuses(act, operator(UNION)) is Refusal.PARTY_SUSPENDED


def test_a_member_restores_what_it_issued_and_the_union_does_not(world: World) -> None:
    world.do(publish(world, change(world, EventKind.REVOKE, SHARED)), operator(THIRD))
    restoration = publish(world, change(world, EventKind.RESTORE, SHARED), capacity=Capacity.AUTHORITY)
    assert world.refuses(restoration, authority(UNION)) is Refusal.SURPLUS_SIGNATURE
    as_union = replace(restoration, capacity=Capacity.UNION)
    assert world.refuses(as_union, authority(UNION)) is Refusal.WRONG_CAPACITY
    world.do(restoration, authority(THIRD))


# ---- the union's authority over a member that is there


def test_the_union_s_authority_suspends_a_present_member_s_standing_and_the_member_reinstates_it(world: World) -> None:
    names = dual_control(world, UNION)
    act = by_union(world)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, names[0]) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(THIRD), operator(UNION), operator(THIRD), authority(FIRST), OUTSIDER):
        assert world.refuses(act, *names, stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, *names)
    assert world.standings[SHARED].record.status is Status.SUSPENDED
    world.do(publish(world, change(world, EventKind.REINSTATE, SHARED)), operator(THIRD))


@pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.SUSPEND, EventKind.GRANT}))
def test_over_a_present_member_s_standing_it_does_nothing_else(world: World, kind: EventKind) -> None:
    assert world.refuses(by_union(world, kind), authority(UNION)) is Refusal.WRONG_CAPACITY


def test_it_grants_nothing(world: World) -> None:
    for party in (THIRD, UNION):
        act = publish(world, grant(world, entry_of(UNION, 0, 2), issuer=party), issuer=party, capacity=Capacity.UNION)
        assert world.refuses(act, authority(UNION)) is Refusal.WRONG_CAPACITY


def test_it_names_the_issuer_whose_standing_it_is(world: World) -> None:
    other = publish(world, change(world, EventKind.SUSPEND, SHARED, issuer=FOURTH), issuer=FOURTH)
    assert world.refuses(replace(other, capacity=Capacity.UNION), authority(UNION)) is Refusal.WRONG_ISSUER
    gone = publish(world, change(world, EventKind.SUSPEND, SHARED, issuer=FIRST), issuer=FIRST)
    assert world.refuses(replace(gone, capacity=Capacity.UNION), authority(UNION)) is Refusal.WRONG_ISSUER


def test_its_own_standings_are_its_operators_business(world: World) -> None:
    entry = entry_of(UNION, 0, 2)
    world.do(publish(world, grant(world, entry, issuer=UNION), issuer=UNION), operator(UNION))
    act = publish(world, change(world, EventKind.SUSPEND, entry), issuer=UNION, capacity=Capacity.UNION)
    assert world.refuses(act, authority(UNION)) is Refusal.WRONG_CAPACITY
    national = publication(world, grant(world), capacity=Capacity.UNION)
    assert world.refuses(national, authority(FIRST)) is Refusal.WRONG_CAPACITY


def test_it_suspends_whatever_state_the_member_or_itself_is_in(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, THIRD)
    world.do(freeze(world, THIRD), operator(THIRD))
    world.do(freeze(world, UNION), operator(UNION))
    world.do(by_union(world), authority(UNION))
    world.wait(9 * DAY)
    supersede(world)
    world.do(by_union(world), authority(UNION))


# ---- and over one that is gone


@GONE
def test_when_an_issuer_is_gone_the_union_s_authority_restricts(world: World, how: str) -> None:
    part(world, THIRD, how)
    suspension = publish(world, change(world, EventKind.SUSPEND, SHARED))
    assert world.refuses(suspension, operator(THIRD)) is Refusal.PARTY_GONE
    assert world.refuses(replace(suspension, capacity=Capacity.AUTHORITY), authority(THIRD)) is Refusal.PARTY_GONE
    for stranger in (authority(THIRD), operator(UNION), authority(FIRST)):
        assert world.refuses(by_union(world), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(by_union(world), authority(UNION))
    for kind in (EventKind.REINSTATE, EventKind.AMEND, EventKind.REASSESS):
        assert world.refuses(by_union(world, kind), authority(UNION)) is Refusal.WRONG_CAPACITY
    world.do(by_union(world, EventKind.REVOKE), authority(UNION))
    assert world.refuses(by_union(world, EventKind.RESTORE), authority(UNION)) is Refusal.WRONG_CAPACITY
    world.do(by_union(world, EventKind.ANNUL), authority(UNION))


def test_a_member_counts_until_the_second_in_which_its_day_begins(world: World) -> None:
    midnight = (world.now // DAY + 2) * DAY
    leave = party_act(world, THIRD, PartyActKind.LEAVE_UNION, detail=UNION, effective=midnight)
    world.do(leave, authority(THIRD))
    world.wait(midnight - 1 - world.now)
    world.do(publish(world, change(world, EventKind.AMEND, SHARED, roles=0b110)), operator(THIRD))
    assert world.refuses(by_union(world, EventKind.REVOKE), authority(UNION)) is Refusal.WRONG_CAPACITY
    world.wait(1)
    act = publish(world, change(world, EventKind.AMEND, SHARED, roles=0b10))
    assert world.refuses(act, operator(THIRD)) is Refusal.PARTY_GONE
    world.do(by_union(world, EventKind.REVOKE), authority(UNION))


# ---- transfers


def test_a_transfer_is_signed_by_both_sides(world: World) -> None:
    act = transfer(world, FOURTH, THIRD)
    for one in (operator(FOURTH), operator(THIRD)):
        assert world.refuses(act, one) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(UNION), authority(THIRD), operator(UNION), OUTSIDER):
        assert world.refuses(act, operator(FOURTH), operator(THIRD), stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, operator(FOURTH), operator(THIRD))
    assert world.standings[SHARED].record.issuer == FOURTH
    assert world.standings[SHARED].record.status is Status.ACTIVE


@pytest.mark.parametrize(("strict", "lax"), [(FOURTH, THIRD), (THIRD, FOURTH)])
def test_a_transfer_needs_as_many_operators_of_either_issuer_as_its_threshold_says(
    world: World, strict: int, lax: int
) -> None:
    set_threshold(world, strict, 2)
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(lax), operator(strict)) is Refusal.TOO_FEW_SIGNATURES
    both_of_other = (operator(lax), operator(lax, 1), operator(strict))
    assert world.refuses(act, *both_of_other) is Refusal.TOO_FEW_SIGNATURES
    world.do(act, operator(lax), operator(strict), operator(strict, 1))


@pytest.mark.parametrize(
    "how", ["there", "suspended", "frozen", "left", "left by notice", "ejected", "expelled", "the union frozen"]
)
def test_the_union_s_authority_transfers_with_the_new_issuer_whatever_the_old_one_s_state(
    world: World, how: str
) -> None:
    names = dual_control(world, UNION, 3, 2)
    set_threshold(world, THIRD, 2)
    if how == "suspended":
        govern(world, ResolutionAct.SUSPEND, THIRD)
    elif how == "frozen":
        world.do(freeze(world, THIRD), operator(THIRD))
    elif how == "the union frozen":
        world.do(freeze(world, UNION), operator(UNION))
    elif how == "ejected":
        world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), *names[:2])
    elif how != "there":
        part(world, THIRD, how)
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(FOURTH)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, *names[:2]) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, operator(FOURTH), names[0]) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (operator(THIRD), authority(THIRD), operator(UNION), authority(FIRST)):
        assert world.refuses(act, operator(FOURTH), *names[:2], stranger) is Refusal.SURPLUS_SIGNATURE
    world.do(act, operator(FOURTH), *names[1:])


def test_one_member_s_stolen_key_does_not_hold_another_member_s_trader() -> None:
    """A thief grants to the other member's trader and revokes with a bar of five years. The union's authority corrects this."""
    world = found()
    world.do(publish(world, grant(world, SHARED, issuer=THIRD)), operator(THIRD))
    bar = world.now + 1_827 * DAY
    world.do(publish(world, change(world, EventKind.REVOKE, SHARED, hold_until=bar)), operator(THIRD))
    granted = publish(world, grant(world, SHARED, issuer=FOURTH), issuer=FOURTH)
    assert world.refuses(granted, operator(FOURTH)) is Refusal.WRONG_ISSUER
    world.do(transfer(world, FOURTH, THIRD), operator(FOURTH), authority(UNION))
    assert (
        world.refuses(publish(world, grant(world, SHARED, issuer=FOURTH), issuer=FOURTH), operator(FOURTH))
        is Refusal.BARRED
    )
    restored = change(world, EventKind.RESTORE, SHARED)
    world.do(publish(world, restored, issuer=FOURTH, capacity=Capacity.AUTHORITY), authority(FOURTH))
    act = publish(world, change(world, EventKind.SUSPEND, SHARED), issuer=THIRD)
    assert world.refuses(act, operator(THIRD)) is Refusal.WRONG_ISSUER


def test_a_member_that_races_the_union_is_ejected_or_replaces_its_key_and_then_races_no_more(world: World) -> None:
    """Both change one standing, so the member's own event voids a transfer and a suspension that the union signed before."""
    acts = [
        (transfer(world, FOURTH, THIRD), (operator(FOURTH), authority(UNION))),
        (publish(world, change(world, EventKind.SUSPEND, SHARED), capacity=Capacity.UNION), (authority(UNION),)),
    ]
    world.do(publish(world, change(world, EventKind.REASSESS, SHARED, review_day=9)), operator(THIRD))
    for act, signers in acts:
        assert world.refuses(act, *signers) is Refusal.WRONG_SEQUENCE
    other = world.fork()
    world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), authority(UNION))
    stolen = party_act(other, THIRD, PartyActKind.RETIRE_OPERATOR, key=key(operator(THIRD)).address)
    other.do(stolen, authority(THIRD))
    for each in (world, other):
        late = publish(each, change(each, EventKind.REASSESS, SHARED, review_day=10))
        assert each.refuses(late, operator(THIRD)) is not None
        each.do(transfer(each, FOURTH, THIRD), operator(FOURTH), authority(UNION))


def test_a_union_takes_over_itself_and_hands_on_what_is_its_own(world: World) -> None:
    world.do(transfer(world, UNION, THIRD), operator(UNION), operator(THIRD))
    world.do(transfer(world, FOURTH, UNION), operator(FOURTH), operator(UNION))
    world.do(transfer(world, UNION, FOURTH), operator(UNION), authority(UNION))
    world.do(transfer(world, THIRD, UNION), operator(THIRD), authority(UNION))


def test_a_transfer_changes_the_issuer_and_nothing_else(world: World) -> None:
    act = transfer(world, FOURTH, THIRD)
    signers = (operator(FOURTH), operator(THIRD))
    changes: tuple[dict[str, Any], ...] = (
        {"roles": 1},
        {"since": world.now - 1},
        {"hold_until": 5},
        {"review_day": 5},
    )
    for members in changes:
        (drafted,) = act.events
        wrong = replace(drafted, record=replace(drafted.record, **members))
        assert world.refuses(replace(act, events=(wrong,)), *signers) is Refusal.FIELD_CHANGED
    wrong = replace(drafted, record=replace(drafted.record, status=Status.SUSPENDED))
    assert world.refuses(replace(act, events=(wrong,)), *signers) is Refusal.WRONG_TRANSITION
    nothing = replace(act, events=(replace(drafted, entry=entry_of(UNION, 0, 9)),))
    first = replace(nothing.events[0], record=replace(drafted.record, sequence=1))
    assert world.refuses(replace(nothing, events=(first,)), *signers) is Refusal.WRONG_TRANSITION


@pytest.mark.parametrize("ended", [EventKind.REVOKE, EventKind.WITHDRAW, EventKind.ANNUL])
def test_an_ended_certificate_is_transferred_too(world: World, ended: EventKind) -> None:
    world.do(publish(world, change(world, ended, SHARED)), operator(THIRD))
    world.do(transfer(world, FOURTH, THIRD), operator(FOURTH), operator(THIRD))


def test_a_transfer_takes_from_the_party_it_names(world: World) -> None:
    act = transfer(world, FOURTH, UNION)
    assert world.refuses(act, operator(FOURTH), operator(UNION)) is Refusal.WRONG_ISSUER
    act = transfer(world, THIRD, THIRD)
    assert world.refuses(act, operator(THIRD)) is Refusal.WRONG_MEMBERS
    act = transfer(world, FOURTH, 9)
    assert world.refuses(act, operator(FOURTH)) is Refusal.NO_SUCH_PARTY


@GONE
def test_a_gone_issuer_s_operators_transfer_nothing(world: World, how: str) -> None:
    part(world, THIRD, how)
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.TOO_FEW_SIGNATURES


def test_a_suspended_union_transfers_nothing_and_still_restricts(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, UNION)
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(FOURTH), authority(UNION)) is Refusal.PARTY_SUSPENDED
    govern(world, ResolutionAct.EXPEL, THIRD)
    assert world.refuses(act, operator(FOURTH), authority(UNION)) is Refusal.PARTY_SUSPENDED
    world.do(by_union(world, EventKind.REVOKE), authority(UNION))


@GONE
def test_to_a_gone_issuer_nothing_is_transferred(world: World, how: str) -> None:
    part(world, FOURTH, how)
    act = transfer(world, FOURTH, THIRD)
    for other in (operator(THIRD), authority(UNION)):
        assert world.refuses(act, operator(FOURTH), other) is Refusal.PARTY_GONE


@pytest.mark.parametrize("party", [THIRD, FOURTH])
def test_a_suspended_party_transfers_on_neither_side(world: World, party: int) -> None:
    govern(world, ResolutionAct.SUSPEND, party)
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.PARTY_SUSPENDED


@pytest.mark.parametrize("party", [THIRD, FOURTH])
def test_a_frozen_party_transfers_on_neither_side(world: World, party: int) -> None:
    world.do(freeze(world, party), operator(party, 1))
    act = transfer(world, FOURTH, THIRD)
    assert world.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.PARTY_FROZEN


def test_after_succession_and_where_no_register_is_kept_nothing_is_transferred(world: World) -> None:
    by_authority = (operator(FOURTH), authority(UNION))
    later = world.fork()
    govern(world, ResolutionAct.TAKE_REGISTER, UNION)
    assert world.refuses(transfer(world, FOURTH, THIRD), *by_authority) is Refusal.NO_REGISTER_KEPT
    supersede(later)
    assert later.refuses(transfer(later, FOURTH, THIRD), *by_authority) is Refusal.SUPERSEDED


def test_a_transfer_changes_nothing_else(world: World) -> None:
    drafted = change(world, EventKind.SUSPEND, SHARED, issuer=FOURTH)
    act = publish(world, drafted, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    assert world.refuses(act, operator(FOURTH), operator(THIRD)) is Refusal.WRONG_CAPACITY
    act = publish(world, change(world, EventKind.TRANSFER, SHARED))
    assert world.refuses(act, operator(THIRD)) is Refusal.WRONG_CAPACITY
