"""Authorities: up to five cold keys with a threshold of three at most, which every act of an authority needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import Capacity, EventKind, LaneActKind, PartyActKind, ResolutionAct
from support.act_messages import Act
from support.drafts import (
    VOTERS,
    change,
    conclusion,
    dual_control,
    entry_of,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    succession,
)
from support.world import (
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
    sign,
)

ADD, RETIRE = PartyActKind.ADD_AUTHORITY_KEY, PartyActKind.RETIRE_AUTHORITY_KEY
ROTATE, SET_THRESHOLD = PartyActKind.ROTATE_AUTHORITY, PartyActKind.SET_AUTHORITY_THRESHOLD
SHARED = entry_of(UNION)


@pytest.fixture
def world() -> World:
    return found()


def add(world: World, name: str, party: int = FIRST) -> acts.PartyAct:
    return party_act(world, party, ADD, key=key(name).address)


def retire(world: World, name: str, party: int = FIRST) -> acts.PartyAct:
    return party_act(world, party, RETIRE, key=key(name).address)


def threshold(world: World, number: int, party: int = FIRST) -> acts.PartyAct:
    return party_act(world, party, SET_THRESHOLD, detail=number)


def rotate(world: World, old: str, new: str, party: int = FIRST) -> acts.PartyAct:
    detail = int.from_bytes(key(old).address, "big")
    return party_act(world, party, ROTATE, key=key(new).address, detail=detail)


def card(world: World, party: int = FIRST) -> acts.PartyAct:
    return party_act(world, party, PartyActKind.SET_CARD, detail=5)


# ---- keys


def test_founders_begin_with_one_key_and_a_threshold_of_one(world: World) -> None:
    for party in world.consortium.parties.values():
        assert (party.authority_keys, party.authority_threshold, party.epoch) == (1, 1, 0)


def test_an_authority_has_up_to_five_keys_each_of_which_signs_alone_under_a_threshold_of_one(world: World) -> None:
    names = dual_control(world, FIRST, 5, 1)
    assert world.refuses(add(world, "sixth"), authority(FIRST), "sixth") is Refusal.WRONG_THRESHOLD
    for name in names:
        world.do(card(world), name)


def test_a_new_key_signs_its_own_admission(world: World) -> None:
    assert world.refuses(add(world, "new"), authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(add(world, "new"), "new") is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(add(world, "new"), authority(FIRST), "new", OUTSIDER) is Refusal.SURPLUS_SIGNATURE
    world.do(add(world, "new"), authority(FIRST), "new")
    rotation = rotate(world, "new", "next")
    assert world.refuses(rotation, authority(FIRST)) is Refusal.TOO_FEW_SIGNATURES
    world.do(rotation, authority(FIRST), "next")


@pytest.mark.parametrize("name", [operator(FIRST), operator(SECOND), authority(SECOND), node(FIRST)])
def test_a_used_address_is_no_new_key(world: World, name: str) -> None:
    assert world.refuses(add(world, name), authority(FIRST), name) is Refusal.KEY_ALREADY_USED
    assert world.refuses(rotate(world, authority(FIRST), name), authority(FIRST), name) is Refusal.KEY_ALREADY_USED


def test_the_new_key_s_own_signature_is_not_one_of_the_threshold(world: World) -> None:
    names = dual_control(world, FIRST, 2, 2)
    assert world.refuses(add(world, "new"), names[0], "new") is Refusal.TOO_FEW_SIGNATURES
    world.do(add(world, "new"), *names, "new")


def test_a_retired_key_neither_signs_nor_comes_back(world: World) -> None:
    first, second = dual_control(world, FIRST, 2, 1)
    world.do(retire(world, first), second)
    assert world.refuses(card(world), first) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(card(world), first, second) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(retire(world, first), second) is Refusal.NOT_AN_AUTHORITY
    assert world.refuses(add(world, first), second, first) is Refusal.KEY_ALREADY_USED
    world.do(card(world), second)


@pytest.mark.parametrize("keys", [1, 2, 3])
def test_the_last_key_that_the_threshold_needs_never_goes(world: World, keys: int) -> None:
    names = dual_control(world, FIRST, keys, keys)
    assert world.refuses(retire(world, names[0]), *names) is Refusal.NOT_AN_AUTHORITY
    if keys > 1:
        world.do(threshold(world, keys - 1), *names)
        world.do(retire(world, names[0]), *names[: keys - 1])
        assert world.consortium.parties[FIRST].authority_keys == keys - 1


@pytest.mark.parametrize("name", [authority(SECOND), operator(FIRST), node(FIRST), "nobody"])
def test_only_a_key_of_the_party_s_own_authority_is_retired_or_rotated(world: World, name: str) -> None:
    names = dual_control(world, FIRST, 3, 1)
    assert world.refuses(retire(world, name), names[0]) is Refusal.NOT_AN_AUTHORITY
    assert world.refuses(rotate(world, name, "new"), names[0], "new") is Refusal.NOT_AN_AUTHORITY


@pytest.mark.parametrize("bit", [160, 200, 255])
def test_a_rotation_names_the_old_key_by_20_bytes_and_nothing_before_them(world: World, bit: int) -> None:
    detail = int.from_bytes(key(authority(FIRST)).address, "big") | 1 << bit
    act = party_act(world, FIRST, ROTATE, key=key("new").address, detail=detail)
    assert world.refuses(act, authority(FIRST), "new") is Refusal.NOT_AN_AUTHORITY


def test_a_rotation_puts_one_key_in_the_place_of_another_and_no_more(world: World) -> None:
    names = dual_control(world, FIRST, 3, 2)
    world.do(rotate(world, names[0], "new"), names[0], names[1], "new")
    party = world.consortium.parties[FIRST]
    assert (party.authority_keys, party.authority_threshold) == (3, 2)
    assert world.refuses(card(world), names[0], names[1]) is Refusal.SURPLUS_SIGNATURE
    world.do(card(world), "new", names[2])
    onto_itself = rotate(world, "new", "new")
    assert world.refuses(onto_itself, names[1], names[2], "new") is Refusal.KEY_ALREADY_USED


def test_five_keys_are_rotated_though_no_sixth_fits(world: World) -> None:
    names = dual_control(world, FIRST, 5, 1)
    world.do(rotate(world, names[4], "new"), names[0], "new")


# ---- threshold


def test_the_threshold_lies_between_one_and_the_keys_and_is_three_at_most(world: World) -> None:
    for number in (2, 3, 4, 256, 2**255):
        assert world.refuses(threshold(world, number), authority(FIRST)) is Refusal.WRONG_THRESHOLD
    assert world.refuses(threshold(world, 0), authority(FIRST)) is Refusal.WRONG_MEMBERS
    names = dual_control(world, FIRST, 5, 3)
    for number in (4, 5):
        assert world.refuses(threshold(world, number), *names[:3]) is Refusal.WRONG_THRESHOLD
    world.do(threshold(world, 1), *names[2:])
    world.do(card(world), names[4])


def test_the_old_threshold_decides_how_many_keys_change_it(world: World) -> None:
    names = dual_control(world, FIRST, 3, 2)
    for number in (1, 3):
        assert world.refuses(threshold(world, number), names[0]) is Refusal.TOO_FEW_SIGNATURES
    world.do(threshold(world, 3), *names[:2])
    assert world.refuses(threshold(world, 1), *names[:2]) is Refusal.TOO_FEW_SIGNATURES
    world.do(threshold(world, 1), *names)


Draft = Callable[[World], tuple[Act, tuple[str, ...]]]
"""An act that an authority signs, and who signs beside it."""
EVERY_ACT: dict[str, tuple[int, Draft, Refusal]] = {
    "a lone act": (FIRST, lambda w: (card(w), ()), Refusal.TOO_FEW_SIGNATURES),
    "an operator admitted": (
        FIRST,
        lambda w: (party_act(w, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address), ("new",)),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a vote": (
        FIRST,
        lambda w: (resolution(w, ResolutionAct.GIVE_SEAT, party=SEATLESS), VOTERS[1:]),
        Refusal.SURPLUS_SIGNATURE,
    ),
    "a vote on a successor": (FIRST, lambda w: (succession(w), VOTERS[1:]), Refusal.SURPLUS_SIGNATURE),
    "a recogniser's arrangement": (
        FIRST,
        lambda w: (conclusion(w, recognition(w, FIRST, SECOND)), (authority(SECOND),)),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a register's arrangement": (
        FIRST,
        lambda w: (conclusion(w, recognition(w, SECOND, FIRST)), (authority(SECOND),)),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a union's arrangement for a member": (
        UNION,
        lambda w: (
            conclusion(w, recognition(w, FIRST, THIRD), signatories=frozenset({FIRST, UNION})),
            (authority(FIRST),),
        ),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a lane's suspension": (
        SECOND,
        lambda w: (lane_act(w, SECOND, LaneActKind.SUSPEND, (SECOND, FIRST)), ()),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a lane's end": (
        FIRST,
        lambda w: (lane_act(w, FIRST, LaneActKind.END, (SECOND, FIRST)), ()),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a restoration": (
        FIRST,
        lambda w: (publication(w, change(w, EventKind.RESTORE), capacity=Capacity.AUTHORITY), ()),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a suspension by the union": (
        UNION,
        lambda w: (
            publication(
                w,
                change(w, EventKind.SUSPEND, SHARED),
                register=UNION,
                issuer=THIRD,
                capacity=Capacity.UNION,
            ),
            (),
        ),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a transfer by the union": (
        UNION,
        lambda w: (
            publication(
                w,
                change(w, EventKind.TRANSFER, SHARED, issuer=FOURTH),
                register=UNION,
                issuer=FOURTH,
                former=THIRD,
                capacity=Capacity.TRANSFER,
            ),
            (operator(FOURTH),),
        ),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "joining a union": (
        FIRST,
        lambda w: (party_act(w, FIRST, PartyActKind.JOIN_UNION, detail=UNION), (authority(UNION),)),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "a union's consent to that": (
        UNION,
        lambda w: (party_act(w, FIRST, PartyActKind.JOIN_UNION, detail=UNION), (authority(FIRST),)),
        Refusal.TOO_FEW_SIGNATURES,
    ),
    "an ejection": (
        UNION,
        lambda w: (party_act(w, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), ()),
        Refusal.TOO_FEW_SIGNATURES,
    ),
}


@pytest.fixture(scope="module")
def busy() -> World:
    """Prepare subjects for acts: a lane, a revoked certificate, a certificate in the union's register."""
    world = found()
    world.do(conclusion(world, recognition(world, SECOND, FIRST)), authority(FIRST), authority(SECOND))
    world.do(publication(world, grant(world)), operator(FIRST))
    world.do(publication(world, change(world, EventKind.REVOKE)), operator(FIRST))
    world.do(publication(world, grant(world, SHARED, issuer=THIRD), register=UNION, issuer=THIRD), operator(THIRD))
    return world


@pytest.mark.parametrize("needed", [2, 3])
@pytest.mark.parametrize("what", EVERY_ACT)
def test_every_act_of_an_authority_needs_as_many_keys_as_its_threshold_says(
    busy: World, what: str, needed: int
) -> None:
    party, draft, refusal = EVERY_ACT[what]
    world = busy.fork()
    names = dual_control(world, party, needed + 1, needed)
    act, beside = draft(world)
    assert world.refuses(act, *names[: needed - 1], *beside) is refusal
    for stranger in (operator(party, 1), OUTSIDER):
        assert world.refuses(act, *names[: needed - 1], stranger, *beside) is Refusal.SURPLUS_SIGNATURE
    world.fork().do(act, *names[1:], *beside)
    world.do(act, *names, *beside)  # more than needed are welcome


def test_a_vote_counts_once_however_many_keys_sign(world: World) -> None:
    names = dual_control(world, FIRST, 5, 2)
    act = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS)
    assert world.refuses(act, *names, authority(SECOND)) is Refusal.TOO_FEW_SIGNATURES
    world.do(act, *names, authority(SECOND), authority(THIRD))


def test_keys_of_one_authority_do_not_make_up_for_another_s(world: World) -> None:
    names, other = dual_control(world, FIRST, 3, 2), dual_control(world, SECOND, 3, 2)
    act = conclusion(world, recognition(world, FIRST, SECOND))
    assert world.refuses(act, *names, other[0]) is Refusal.TOO_FEW_SIGNATURES
    vote = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS)
    assert world.refuses(vote, *names, other[0], authority(THIRD)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, *names, *other[:2])


def test_one_key_counts_once(world: World) -> None:
    (name, _) = dual_control(world, FIRST, 2, 2)
    act = card(world)
    assert world.refuses_signed(act, sign(world.message(act), name) * 2) is Refusal.NOT_ASCENDING
