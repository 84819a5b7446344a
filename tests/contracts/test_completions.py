"""A completed replacement: a new epoch in which no key of before counts, and what else begins anew with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.party import DAY_S, Membership, Party
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, ResolutionAct
from support.drafts import (
    ENTRY,
    VOTERS,
    alias_binding,
    begin_replacement,
    change,
    complete_replacement,
    dual_control,
    entry_of,
    envelope,
    freeze,
    grant,
    party_act,
    publication,
    resolution,
    set_threshold,
    supersede,
    withholding,
)
from support.world import (
    FIRST,
    FOURTH,
    SEATLESS,
    SECOND,
    THIRD,
    UNION,
    World,
    authority,
    found,
    key,
    operator,
)

CANCEL = PartyActKind.CANCEL_REPLACEMENT
NEW = "new"


@pytest.fixture
def world() -> World:
    return found()


def begun(world: World, party: int = FOURTH, name: str = NEW) -> None:
    begin_replacement(world, party, name)


def party_of(world: World, party: int = FOURTH) -> Party:
    return world.consortium.parties[party]


def test_all_earlier_keys_of_the_party_cease_at_once_including_operators(world: World) -> None:
    names = dual_control(world, FIRST, 3, 2)
    world.do(publication(world, grant(world)), operator(FIRST))
    begun(world, FIRST)
    complete_replacement(world, FIRST)
    party, epoch_end = party_of(world, FIRST), world.consortium.epoch_ends
    assert (party.epoch, party.threshold, party.authority_keys, party.authority_threshold) == (1, 1, 1, 1)
    assert (world.consortium.offices[FIRST].operators, epoch_end) == (0, {(FIRST, 0): world.now})
    suspension = publication(world, change(world, EventKind.SUSPEND))
    card = party_act(world, FIRST, PartyActKind.SET_CARD, detail=1)
    for act, signers in (
        (suspension, (operator(FIRST),)),
        (freeze(world, FIRST), (operator(FIRST),)),
        (withholding(world, FIRST, entry_of(SECOND)), (operator(FIRST),)),
        (alias_binding(world, FIRST, b"\xa1" * 32), (operator(FIRST),)),
        (envelope(world), (operator(FIRST),)),
        (card, names[:2]),
        (card, (NEW, names[0])),
    ):
        assert world.refuses(act, *signers) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(suspension) is Refusal.TOO_FEW_SIGNATURES
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("op").address), NEW, "op")
    world.do(suspension, "op")
    world.do(envelope(world, SEATLESS), operator(SEATLESS))
    world.do(party_act(world, SECOND, PartyActKind.SET_CARD, detail=1), authority(SECOND))


def test_earlier_keys_do_not_return_and_are_not_retired_or_rotated(world: World) -> None:
    begun(world)
    complete_replacement(world, FOURTH)
    for kind, reason in (
        (PartyActKind.RETIRE_OPERATOR, Refusal.NOT_AN_OPERATOR),
        (PartyActKind.RETIRE_AUTHORITY_KEY, Refusal.NOT_AN_AUTHORITY),
    ):
        old = operator(FOURTH) if kind is PartyActKind.RETIRE_OPERATOR else authority(FOURTH)
        assert world.refuses(party_act(world, FOURTH, kind, key=key(old).address), NEW) is reason
    detail = int.from_bytes(key(authority(FOURTH)).address, "big")
    rotation = party_act(world, FOURTH, PartyActKind.ROTATE_AUTHORITY, key=key("x").address, detail=detail)
    assert world.refuses(rotation, NEW, "x") is Refusal.NOT_AN_AUTHORITY
    for kind, old in (
        (PartyActKind.ADD_OPERATOR, operator(FOURTH)),
        (PartyActKind.ADD_AUTHORITY_KEY, authority(FOURTH)),
    ):
        back = party_act(world, FOURTH, kind, key=key(old).address)
        assert world.refuses(back, NEW, old) is Refusal.KEY_ALREADY_USED


def test_the_new_key_is_the_last_and_never_goes(world: World) -> None:
    begun(world)
    complete_replacement(world, FOURTH)
    retire = party_act(world, FOURTH, PartyActKind.RETIRE_AUTHORITY_KEY, key=key(NEW).address)
    assert world.refuses(retire, NEW) is Refusal.NOT_AN_AUTHORITY


def test_the_party_votes_only_with_the_new_key(world: World) -> None:
    begun(world)
    complete_replacement(world, FOURTH)
    vote = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS)
    assert world.refuses(vote, *VOTERS[:2], authority(FOURTH)) is Refusal.SURPLUS_SIGNATURE
    world.do(vote, *VOTERS[:2], NEW)


def test_card_and_certificate_are_cleared_and_the_freeze_is_lifted(world: World) -> None:
    for kind in (PartyActKind.SET_CARD, PartyActKind.SET_CERTIFICATE):
        for party in (FOURTH, SECOND):
            world.do(party_act(world, party, kind, detail=5), authority(party))
    set_threshold(world, FOURTH, 2)
    world.do(freeze(world, FOURTH), operator(FOURTH))
    begun(world)
    complete_replacement(world, FOURTH)
    assert (world.consortium.cards, world.consortium.certificates) == ({SECOND: 5}, {SECOND: 5})
    assert not party_of(world).frozen


def test_its_own_notice_is_withdrawn_and_the_union_s_stands(world: World) -> None:
    far = (world.now // DAY_S + 100) * DAY_S
    world.do(party_act(world, FOURTH, PartyActKind.LEAVE_UNION, detail=UNION, effective=far), authority(FOURTH))
    begun(world)
    assert party_of(world).changes == 1
    complete_replacement(world, FOURTH)
    assert party_of(world).memberships[0].leaves == 0
    # The withdrawal is a change of the party: what it was at a time before now needs its history.
    assert (party_of(world).changed_at, party_of(world).changes) == (world.now, 2)
    world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=FOURTH, effective=far), authority(UNION))
    begun(world, name="newer")
    complete_replacement(world, FOURTH)
    assert (party_of(world).memberships[0].leaves, party_of(world).memberships[0].ejected) == (far // DAY_S, True)
    assert party_of(world).epoch == 2


def test_its_notices_are_withdrawn_in_every_place_and_its_unions_stay(world: World) -> None:
    far = world.now // DAY_S + 100
    unions = (FIRST, SECOND, THIRD, UNION)
    one, two, three, four = (Membership(union=union, leaves=far + union) for union in unions)
    parties = {**world.consortium.parties, FOURTH: replace(party_of(world), memberships=(one, two, three, four))}
    world.become(replace(world.consortium, parties=parties))
    begun(world)
    complete_replacement(world, FOURTH)
    assert party_of(world).memberships == tuple(Membership(union=union) for union in unions)


def test_a_notice_whose_day_has_come_is_not_withdrawn(world: World) -> None:
    soon = (world.now // DAY_S + 2) * DAY_S
    world.do(party_act(world, FOURTH, PartyActKind.LEAVE_UNION, detail=UNION, effective=soon), authority(FOURTH))
    begun(world)
    complete_replacement(world, FOURTH)
    assert party_of(world).memberships[0].leaves == soon // DAY_S
    assert party_of(world).unions_at(world.now) == ()


def test_a_party_s_serial_numbers_and_standing_go_on(world: World) -> None:
    world.do(publication(world, grant(world)), operator(FIRST))
    world.do(party_act(world, FIRST, PartyActKind.SET_CARD, detail=5), authority(FIRST))
    world.do(envelope(world), operator(FIRST))
    begun(world, FIRST)
    complete_replacement(world, FIRST)
    office = world.consortium.offices[FIRST]
    assert (office.serial, office.envelopes, office.resolutions) == (1, 1, 1)
    assert world.standings[ENTRY].record.issuer == FIRST
    party = party_of(world, FIRST)
    assert (party.seat, party.keeps_register, party.opened, party.changes) == (True, True, True, 0)


def test_a_superseded_ledger_still_replaces_authorities(world: World) -> None:
    supersede(world)
    begun(world)
    world.do(resolution(world, ResolutionAct.CANCEL_REPLACEMENT, party=FOURTH), *VOTERS)
    begun(world, name="newer")
    complete_replacement(world, FOURTH)
    assert party_of(world).epoch == 1
