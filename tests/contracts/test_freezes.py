"""The brake: any one operator freezes its party's publications, restricting ones go on, and only the authority lifts it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.status_events import RESTRICTING
from aeo_ledger.customs.vocabulary import Capacity, EventKind, LaneActKind, PartyActKind, ResolutionAct
from support.drafts import (
    VOTERS,
    alias_binding,
    change,
    conclusion,
    dual_control,
    entry_of,
    envelope,
    freeze,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    supersede,
    withholding,
)
from support.world import (
    DAY,
    DELAY,
    FIRST,
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
)

BY = operator(FIRST)
ALIAS = b"\xa1" * 32
UNFREEZE = PartyActKind.UNFREEZE


@cache
def prepared() -> World:
    """Prepare one certificate, one alias, one withholding and one lane. Then freeze."""
    world = found()
    world.do(publication(world, grant(world)), BY)
    world.do(alias_binding(world, FIRST, ALIAS), BY)
    world.do(withholding(world, FIRST, entry_of(SECOND)), BY)
    world.do(conclusion(world, recognition(world, FIRST, SECOND)), authority(FIRST), authority(SECOND))
    world.wait(DAY)
    world.do(freeze(world, FIRST), BY)
    return world


@pytest.fixture
def world() -> World:
    return prepared().fork()


# ---- who freezes and who lifts


def test_any_one_operator_freezes_whatever_the_threshold(world: World) -> None:
    assert world.consortium.parties[SECOND].threshold == 2
    act = freeze(world, SECOND)
    assert world.refuses(act) is Refusal.TOO_FEW_SIGNATURES
    for stranger in (authority(SECOND), BY, node(SECOND), OUTSIDER):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE
        assert world.refuses(act, operator(SECOND), stranger) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(act, operator(SECOND), operator(SECOND, 1)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, operator(SECOND, 1))


def test_a_retired_operator_freezes_nothing(world: World) -> None:
    retired = operator(SECOND, 1)
    act = party_act(world, SECOND, PartyActKind.RETIRE_OPERATOR, key=key(retired).address)
    world.do(act, authority(SECOND))
    assert world.refuses(freeze(world, SECOND), retired) is Refusal.SURPLUS_SIGNATURE


def test_a_freeze_has_its_form(world: World) -> None:
    act = freeze(world, SECOND)
    one = operator(SECOND)
    assert world.refuses(replace(act, deadline=world.now - 1), one) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), one) is Refusal.TOO_FAR
    assert world.refuses(replace(act, party=9), one) is Refusal.NO_SUCH_PARTY
    for lifts in (1, 2**32 - 1):
        assert world.refuses(replace(act, lifts=lifts), one) is Refusal.WRONG_FREEZE
    govern(world, ResolutionAct.EXPEL, SEATLESS)
    assert world.refuses(freeze(world, SEATLESS), operator(SEATLESS)) is Refusal.PARTY_EXPELLED


def test_a_frozen_party_is_not_frozen_again(world: World) -> None:
    assert world.refuses(freeze(world, FIRST), operator(FIRST, 1)) is Refusal.WRONG_FREEZE


def test_only_the_authority_lifts_it_by_its_threshold(world: World) -> None:
    names = dual_control(world, FIRST)
    lift = party_act(world, FIRST, UNFREEZE)
    for stranger in (BY, authority(SECOND), OUTSIDER):
        assert world.refuses(lift, *names, stranger) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(lift, names[0]) is Refusal.TOO_FEW_SIGNATURES
    world.do(lift, *names)
    world.do(publication(world, change(world, EventKind.REASSESS)), BY)
    again = party_act(world, FIRST, UNFREEZE)
    assert world.refuses(again, *names) is Refusal.WRONG_FREEZE
    assert world.consortium.offices[FIRST].lifts == 1


def test_a_freeze_uses_no_serial_and_does_not_move_changed_at(world: World) -> None:
    before = world.consortium
    world.do(freeze(world, SECOND), operator(SECOND))
    assert world.consortium.offices == before.offices
    changed = replace(world.consortium.parties[SECOND], frozen=False)
    assert changed == before.parties[SECOND]
    world.do(party_act(world, SECOND, UNFREEZE), authority(SECOND))
    assert world.consortium.parties[SECOND] == before.parties[SECOND]


def test_a_freeze_and_its_lifting_stand_in_the_party_s_history(world: World) -> None:
    heads = [world.consortium.party_heads[SECOND]]
    world.do(freeze(world, SECOND), operator(SECOND))
    heads.append(world.consortium.party_heads[SECOND])
    world.do(party_act(world, SECOND, UNFREEZE), authority(SECOND))
    heads.append(world.consortium.party_heads[SECOND])
    assert len(set(heads)) == 3


# ---- what stops and what goes on


@pytest.mark.parametrize("kind", sorted(RESTRICTING))
def test_restricting_publications_go_on(world: World, kind: EventKind) -> None:
    world.do(publication(world, change(world, kind)), BY)


def test_a_freeze_stops_publications_that_favour(world: World) -> None:
    granted = publication(world, grant(world, entry_of(FIRST, 0, 2)))
    assert world.refuses(granted, BY) is Refusal.PARTY_FROZEN
    for kind in (EventKind.AMEND, EventKind.REASSESS):
        assert world.refuses(publication(world, change(world, kind)), BY) is Refusal.PARTY_FROZEN
    world.do(publication(world, change(world, EventKind.SUSPEND)), BY)
    assert world.refuses(publication(world, change(world, EventKind.REINSTATE)), BY) is Refusal.PARTY_FROZEN
    world.do(publication(world, change(world, EventKind.REVOKE)), BY)
    restored = publication(world, change(world, EventKind.RESTORE), capacity=Capacity.AUTHORITY)
    assert world.refuses(restored, authority(FIRST)) is Refusal.PARTY_FROZEN
    world.do(party_act(world, FIRST, UNFREEZE), authority(FIRST))
    world.do(restored, authority(FIRST))


def test_envelopes_and_bindings_and_the_lifting_of_withholdings_stop_too(world: World) -> None:
    back = withholding(world, FIRST, entry_of(SECOND), withheld=False)
    for act in (envelope(world), alias_binding(world, FIRST, ALIAS), back):
        assert world.refuses(act, BY) is Refusal.PARTY_FROZEN
    world.do(alias_binding(world, FIRST, ALIAS, binding=0, entry=bytes(32)), BY)
    world.do(withholding(world, FIRST, entry_of(SECOND, 0, 2)), BY)
    world.do(party_act(world, FIRST, UNFREEZE), authority(FIRST))
    for act in (envelope(world), alias_binding(world, FIRST, ALIAS), back):
        world.do(act, BY)


def test_a_frozen_party_still_receives_envelopes(world: World) -> None:
    world.do(envelope(world, SEATLESS, recipient=FIRST), operator(SEATLESS))


def test_a_freeze_does_not_affect_the_party_s_authority(world: World) -> None:
    """Votes, arrangements, lanes, keys: a hot key cannot stop them."""
    world.do(resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS), *VOTERS)
    world.do(conclusion(world, recognition(world, FIRST, SECOND)), authority(FIRST), authority(SECOND))
    for kind in LaneActKind:
        world.do(lane_act(world, FIRST, kind, (FIRST, SECOND)), authority(FIRST))
    retire = party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(BY).address)
    world.do(retire, authority(FIRST))
    admit = party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address)
    world.do(admit, authority(FIRST), "new")


def test_a_freeze_does_not_affect_other_parties(world: World) -> None:
    two = (operator(SECOND), operator(SECOND, 1))
    entry = entry_of(SECOND)
    world.do(publication(world, grant(world, entry, issuer=SECOND), register=SECOND, issuer=SECOND), *two)
    world.do(freeze(world, UNION), operator(UNION))
    shared = publication(world, grant(world, entry_of(UNION), issuer=THIRD), register=UNION, issuer=THIRD)
    world.do(shared, operator(THIRD))
    own = publication(world, grant(world, entry_of(UNION, 0, 2), issuer=UNION), register=UNION, issuer=UNION)
    assert world.refuses(own, operator(UNION)) is Refusal.PARTY_FROZEN


# ---- suspension, succession, replacement


def test_a_suspended_party_is_frozen_and_lifts_it_when_it_acts_again(world: World) -> None:
    govern(world, ResolutionAct.SUSPEND, SECOND)
    world.do(freeze(world, SECOND), operator(SECOND))
    lift = party_act(world, SECOND, UNFREEZE)
    assert world.refuses(lift, authority(SECOND)) is Refusal.PARTY_SUSPENDED
    world.wait(9 * DAY)
    world.do(replace(lift, deadline=world.soon), authority(SECOND))


def test_on_a_superseded_ledger_it_is_frozen_and_lifted_too(world: World) -> None:
    world.do(publication(world, change(world, EventKind.REVOKE)), BY)
    supersede(world)
    world.do(freeze(world, SECOND), operator(SECOND))
    restored = publication(world, change(world, EventKind.RESTORE), capacity=Capacity.AUTHORITY)
    assert world.refuses(restored, authority(FIRST)) is Refusal.SUPERSEDED
    world.do(party_act(world, FIRST, UNFREEZE), authority(FIRST))
    world.do(restored, authority(FIRST))


def test_a_completed_replacement_lifts_it_and_counts_as_a_lift(world: World) -> None:
    act = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key("new").address)
    world.do(act, *VOTERS, "new")
    world.wait(DELAY)
    assert world.complete_replacement(FIRST) is None
    assert not world.consortium.parties[FIRST].frozen
    assert world.consortium.offices[FIRST].lifts == 1
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("op").address), "new", "op")
    assert world.refuses(freeze(world, FIRST, lifts=0), "op") is Refusal.WRONG_FREEZE
    world.do(publication(world, change(world, EventKind.REASSESS)), "op")


def test_a_completed_replacement_of_a_party_that_is_not_frozen_counts_no_lift(world: World) -> None:
    act = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=SECOND, key=key("new").address)
    world.do(act, *VOTERS, "new")
    world.wait(DELAY)
    assert world.complete_replacement(SECOND) is None
    assert world.consortium.offices[SECOND].lifts == 0
