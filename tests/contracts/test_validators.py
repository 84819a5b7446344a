"""Validators: which nodes are seated, unseated and replaced, when, and how many one party may have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import Consortium, Validator
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.validators import most_nodes
from aeo_ledger.customs.vocabulary import KeyRole, ResolutionAct
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.tables import Contract
from support.drafts import VOTERS, govern, resolution, supersede
from support.world import (
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
    SECOND,
    START,
    THIRD,
    UNION,
    World,
    authority,
    found,
    founding,
    key,
    node,
    operator,
)


@pytest.fixture
def world() -> World:
    return found()


def seat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.SEAT_VALIDATOR, party=party, key=key(name).address)


def unseat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.UNSEAT_VALIDATOR, party=party, key=key(name).address)


def swap(world: World, party: int, old: str, new: str) -> acts.Resolution:
    """Draft a replacement of any party's old node by a party's new node."""
    detail = key(old).address.rjust(32, b"\0")
    return resolution(world, ResolutionAct.REPLACE_VALIDATOR, party=party, key=key(new).address, detail=detail)


def seated(world: World) -> list[tuple[str, int]]:
    names = {key(name).address: name for name in (*map(node, range(1, 7)), *(f"node {x}" for x in "abcdefgh"))}
    return [(names[validator.node], validator.party) for validator in world.consortium.validators]


def owned(*owners: int) -> Consortium:
    """Make founders. Each name in the list gives that party one node; the nodes are `node a` and so on."""
    consortium = founding(minimum_validators=1)
    names = [f"node {letter}" for letter, _ in zip("abcdefgh", owners, strict=False)]
    nodes = {
        key(name).address: Key(party=owner, role=KeyRole.NODE, added_at=START)
        for name, owner in zip(names, owners, strict=True)
    }
    keys = {address: k for address, k in consortium.keys.items() if k.role is not KeyRole.NODE}
    validators = tuple(Validator(node=address, party=k.party) for address, k in nodes.items())
    return replace(consortium, validators=validators, keys={**keys, **nodes})


def test_validators_change_two_blocks_apart(world: World) -> None:
    world.do(seat(world, SEATLESS, "node a"), *VOTERS, "node a")
    for _ in range(2):
        assert world.refuses(seat(world, SECOND, "node b"), *VOTERS, "node b") is Refusal.VALIDATORS_TOO_SOON
        world.wait(1)
    world.do(seat(world, SECOND, "node b"), *VOTERS, "node b")


def test_every_change_of_validators_waits_for_the_one_before(world: World) -> None:
    world.do(swap(world, FIRST, node(FIRST), "node a"), *VOTERS, "node a")
    world.wait(1)
    for act, names in (
        (seat(world, SEATLESS, "node b"), ("node b",)),
        (unseat(world, FIRST, "node a"), ()),
        (swap(world, FIRST, "node a", "node b"), ("node b",)),
    ):
        assert world.refuses(act, *VOTERS, *names) is Refusal.VALIDATORS_TOO_SOON
    world.wait(1)
    world.do(unseat(world, FIRST, "node a"), *VOTERS)


def test_the_seated_node_signs(world: World) -> None:
    assert world.refuses(seat(world, SEATLESS, "node a"), *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(seat(world, SEATLESS, "node a"), *VOTERS, OUTSIDER) is Refusal.TOO_FEW_SIGNATURES
    stranger = world.refuses(seat(world, SEATLESS, "node a"), *VOTERS, "node a", OUTSIDER)
    assert stranger is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(seat(world, SEATLESS, "node a"), *VOTERS[:2], "node a") is Refusal.TOO_FEW_SIGNATURES
    world.do(seat(world, SEATLESS, "node a"), *VOTERS, "node a")


def test_a_node_has_one_seat(world: World) -> None:
    assert world.refuses(seat(world, SECOND, node(FIRST)), *VOTERS, node(FIRST)) is Refusal.VALIDATOR_SET
    assert world.refuses(seat(world, FIRST, node(FIRST)), *VOTERS, node(FIRST)) is Refusal.VALIDATOR_SET
    onto_seated = swap(world, SECOND, node(SECOND), node(FIRST))
    assert world.refuses(onto_seated, *VOTERS, node(FIRST)) is Refusal.VALIDATOR_SET
    onto_itself = swap(world, FIRST, node(FIRST), node(FIRST))
    assert world.refuses(onto_itself, *VOTERS, node(FIRST)) is Refusal.VALIDATOR_SET


def test_a_node_comes_back_only_for_its_own_party(world: World) -> None:
    world.do(unseat(world, UNION, node(UNION)), *VOTERS)
    world.wait(2, 2)
    assert world.refuses(seat(world, SECOND, node(UNION)), *VOTERS, node(UNION)) is Refusal.KEY_ALREADY_USED
    assert world.refuses(seat(world, UNION, "operator 5 0"), *VOTERS, "operator 5 0") is Refusal.KEY_ALREADY_USED
    world.do(seat(world, UNION, node(UNION)), *VOTERS, node(UNION))
    assert world.consortium.keys[key(node(UNION)).address].retired_at == 0


def test_never_fewer_validators_than_the_genesis_fixed(world: World) -> None:
    world.do(unseat(world, FIRST, node(FIRST)), *VOTERS)
    world.wait(2, 2)
    assert world.refuses(unseat(world, SECOND, node(SECOND)), *VOTERS) is Refusal.TOO_FEW_VALIDATORS


def test_never_an_empty_set() -> None:
    world = found(owned(FIRST))
    assert world.refuses(unseat(world, FIRST, "node a"), *VOTERS) is Refusal.TOO_FEW_VALIDATORS
    world.do(swap(world, FIRST, "node a", "node b"), *VOTERS, "node b")


def test_a_validator_is_unseated_with_its_own_party(world: World) -> None:
    assert world.refuses(unseat(world, SECOND, node(FIRST)), *VOTERS) is Refusal.VALIDATOR_SET
    assert world.refuses(unseat(world, FIRST, "node a"), *VOTERS) is Refusal.VALIDATOR_SET


def test_an_expelled_party_s_validator_is_unseated(world: World) -> None:
    world.do(resolution(world, ResolutionAct.EXPEL, party=FOURTH), *VOTERS)
    assert world.refuses(seat(world, FOURTH, "node a"), *VOTERS, "node a") is Refusal.PARTY_EXPELLED
    world.do(unseat(world, FOURTH, node(FOURTH)), *VOTERS)


def test_get_validators_names_the_nodes_in_their_places(world: World) -> None:
    world.do(unseat(world, SECOND, node(SECOND)), *VOTERS)
    answer = world.evm.call(Contract.CONSORTIUM, encode_call(Contract.CONSORTIUM, "getValidators")).output
    nodes = [answer[place + 12 : place + 32] for place in range(64, len(answer), 32)]
    assert nodes == [key(node(party)).address for party in (FIRST, UNION, THIRD, FOURTH)]


def test_there_are_at_most_128_validators() -> None:
    consortium = founding()
    keys, validators = dict(consortium.keys), list(consortium.validators)
    while len(validators) < 128:
        address, party = (1000 + len(validators)).to_bytes(20, "big"), len(validators) % 5 + 1
        keys[address] = Key(party=party, role=KeyRole.NODE, added_at=START)
        validators.append(Validator(node=address, party=party))
    world = found(replace(consortium, keys=keys, validators=tuple(validators)))
    assert world.refuses(seat(world, SEATLESS, "node a"), *VOTERS, "node a") is Refusal.TOO_MANY_VALIDATORS
    world.do(swap(world, SEATLESS, node(FIRST), "node a"), *VOTERS, "node a")


# ---- one node for another


def test_a_new_node_takes_the_old_one_s_place_at_once(world: World) -> None:
    before = seated(world)
    world.do(swap(world, SECOND, node(SECOND), "node a"), *VOTERS, "node a")
    assert seated(world) == [("node a", SECOND) if seat == (node(SECOND), SECOND) else seat for seat in before]
    assert world.consortium.keys[key(node(SECOND)).address].retired_at == world.now


def test_the_new_node_may_be_another_party_s(world: World) -> None:
    world.do(swap(world, SEATLESS, node(SECOND), "node a"), *VOTERS, "node a")
    assert ("node a", SEATLESS) in seated(world)


def test_the_new_node_signs(world: World) -> None:
    act = swap(world, SECOND, node(SECOND), "node a")
    assert world.refuses(act, *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(act, *VOTERS, "node a", node(SECOND)) is Refusal.SURPLUS_SIGNATURE
    world.do(act, *VOTERS, "node a")


@pytest.mark.parametrize("name", ["node a", OUTSIDER, operator(SECOND), authority(SECOND)])
def test_only_a_seated_node_goes(world: World, name: str) -> None:
    assert world.refuses(swap(world, SECOND, name, "node b"), *VOTERS, "node b") is Refusal.VALIDATOR_SET


@pytest.mark.parametrize("bit", [160, 161, 175, 176, 255])
def test_the_old_node_is_named_by_20_bytes_and_nothing_before_them(world: World, bit: int) -> None:
    act = swap(world, SECOND, node(SECOND), "node a")
    assert isinstance(act.detail, bytes)
    detail = (int.from_bytes(act.detail, "big") | 1 << bit).to_bytes(32, "big")
    assert world.refuses(replace(act, detail=detail), *VOTERS, "node a") is Refusal.VALIDATOR_SET


@pytest.mark.parametrize("name", [operator(SECOND), authority(SEATLESS), operator(FIRST)])
def test_a_key_of_another_role_is_not_a_node(world: World, name: str) -> None:
    assert world.refuses(swap(world, SECOND, node(SECOND), name), *VOTERS, name) is Refusal.KEY_ALREADY_USED


def test_a_node_that_was_replaced_comes_back_for_its_own_party_only(world: World) -> None:
    world.do(swap(world, SEATLESS, node(SECOND), "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    foreign = swap(world, SEATLESS, "node a", node(SECOND))
    assert world.refuses(foreign, *VOTERS, node(SECOND)) is Refusal.KEY_ALREADY_USED
    world.do(swap(world, SECOND, "node a", node(SECOND)), *VOTERS, node(SECOND))
    assert world.consortium.keys[key(node(SECOND)).address].retired_at == 0


def test_a_swap_needs_no_node_more_than_the_minimum() -> None:
    world = found(founding(minimum_validators=5))
    assert world.refuses(unseat(world, FIRST, node(FIRST)), *VOTERS) is Refusal.TOO_FEW_VALIDATORS
    world.do(swap(world, FIRST, node(FIRST), "node a"), *VOTERS, "node a")


def test_an_expelled_party_s_node_is_replaced_and_it_takes_nobody_s_place(world: World) -> None:
    govern(world, ResolutionAct.EXPEL, FOURTH)
    for party, old in ((FOURTH, FOURTH), (FOURTH, FIRST)):
        act = swap(world, party, node(old), "node a")
        assert world.refuses(act, *VOTERS, "node a") is Refusal.PARTY_EXPELLED
    world.do(swap(world, SEATLESS, node(FOURTH), "node a"), *VOTERS, "node a")


def test_a_superseded_ledger_still_changes_its_validators(world: World) -> None:
    supersede(world)
    world.do(swap(world, FIRST, node(FIRST), "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    world.do(seat(world, SEATLESS, "node b"), *VOTERS, "node b")
    world.wait(2, 2)
    world.do(unseat(world, SEATLESS, "node b"), *VOTERS)


def test_a_resolution_on_validators_stands_in_the_history_of_the_party_it_names(world: World) -> None:
    before = world.consortium.party_heads
    world.do(swap(world, SEATLESS, node(SECOND), "node a"), *VOTERS, "node a")
    after = world.consortium.party_heads
    assert {number for number in after if after[number] != before[number]} == {SEATLESS}


# ---- how many one party may have


@pytest.mark.parametrize(("nodes", "most"), [(1, 1), (2, 1), (4, 1), (6, 1), (7, 2), (9, 2), (10, 3), (128, 42)])
def test_a_party_has_fewer_nodes_than_could_halt_the_network(nodes: int, most: int) -> None:
    assert most_nodes(nodes) == most


def test_no_party_gets_a_node_more_than_that(world: World) -> None:
    assert world.refuses(seat(world, FIRST, "node a"), *VOTERS, "node a") is Refusal.TOO_MANY_NODES
    assert world.refuses(swap(world, FIRST, node(SECOND), "node a"), *VOTERS, "node a") is Refusal.TOO_MANY_NODES
    world.do(seat(world, SEATLESS, "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    world.do(seat(world, FIRST, "node b"), *VOTERS, "node b")  # the seventh: two of seven
    world.wait(2, 2)
    assert world.refuses(seat(world, FIRST, "node c"), *VOTERS, "node c") is Refusal.TOO_MANY_NODES


def test_no_node_goes_if_that_leaves_another_party_too_many(world: World) -> None:
    world.do(seat(world, SEATLESS, "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    world.do(seat(world, FIRST, "node b"), *VOTERS, "node b")
    world.wait(2, 2)
    assert world.refuses(unseat(world, SECOND, node(SECOND)), *VOTERS) is Refusal.TOO_MANY_NODES
    world.do(unseat(world, FIRST, "node b"), *VOTERS)


def test_a_party_that_is_alone_has_as_many_as_it_likes() -> None:
    world = found(owned(FIRST, FIRST, FIRST))
    world.do(seat(world, FIRST, "node d"), *VOTERS, "node d")
    world.wait(2, 2)
    world.do(unseat(world, FIRST, "node a"), *VOTERS)


def test_a_change_that_reduces_an_excess_is_allowed_and_one_that_keeps_it_is_not() -> None:
    """A party that founded the network alone hands over node by node."""
    world = found(owned(FIRST, FIRST, FIRST, FIRST))
    for name, party in (("node e", SECOND), ("node f", THIRD)):
        old = next(name for name, owner in seated(world) if owner == FIRST)
        world.do(swap(world, party, old, name), *VOTERS, name)
        world.wait(2, 2)
    excess = [owner for _, owner in seated(world)].count(FIRST) - 1
    assert excess == 1
    old = next(name for name, owner in seated(world) if owner == FIRST)
    same = swap(world, FIRST, old, "node g")
    assert world.refuses(same, *VOTERS, "node g") is Refusal.TOO_MANY_NODES
    worse = swap(world, FIRST, "node e", "node g")
    assert world.refuses(worse, *VOTERS, "node g") is Refusal.TOO_MANY_NODES
    elsewhere = swap(world, SECOND, "node f", "node g")
    assert world.refuses(elsewhere, *VOTERS, "node g") is Refusal.TOO_MANY_NODES
    world.do(swap(world, FOURTH, old, "node g"), *VOTERS, "node g")


def test_a_party_may_swap_a_node_within_its_limit(world: World) -> None:
    for name in ("node a", "node b"):
        world.do(swap(world, FIRST, seated(world)[0][0], name), *VOTERS, name)
        world.wait(2, 2)
    assert seated(world)[0] == ("node b", FIRST)
