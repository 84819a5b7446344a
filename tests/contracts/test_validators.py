"""Validators: which nodes are seated and unseated, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import Validator
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import KeyRole, ResolutionAct
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.tables import Contract
from support.drafts import VOTERS, resolution
from support.world import (
    FIRST,
    FOURTH,
    OUTSIDER,
    SEATLESS,
    SECOND,
    THIRD,
    UNION,
    World,
    found,
    founding,
    key,
    node,
)


@pytest.fixture
def world() -> World:
    return found()


def seat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.SEAT_VALIDATOR, party=party, key=key(name).address)


def unseat(world: World, party: int, name: str) -> acts.Resolution:
    return resolution(world, ResolutionAct.UNSEAT_VALIDATOR, party=party, key=key(name).address)


def test_validators_change_two_blocks_apart(world: World) -> None:
    world.do(seat(world, FIRST, "node a"), *VOTERS, "node a")
    for _ in range(2):
        assert world.refuses(seat(world, SECOND, "node b"), *VOTERS, "node b") is Refusal.VALIDATORS_TOO_SOON
        world.wait(1)
    world.do(seat(world, SECOND, "node b"), *VOTERS, "node b")


def test_the_seated_node_signs(world: World) -> None:
    assert world.refuses(seat(world, FIRST, "node a"), *VOTERS) is Refusal.TOO_FEW_SIGNATURES
    assert world.refuses(seat(world, FIRST, "node a"), *VOTERS, OUTSIDER) is Refusal.SURPLUS_SIGNATURE


def test_a_party_has_two_nodes_at_most_and_each_once(world: World) -> None:
    assert world.refuses(seat(world, SECOND, node(FIRST)), *VOTERS, node(FIRST)) is Refusal.VALIDATOR_SET
    world.do(seat(world, FIRST, "node a"), *VOTERS, "node a")
    world.wait(2, 2)
    assert world.refuses(seat(world, FIRST, "node b"), *VOTERS, "node b") is Refusal.VALIDATOR_SET


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
    alone = founding(minimum_validators=0)
    world = found(replace(alone, validators=alone.validators[:1], keys=_without_nodes(alone.keys, 2, 3, 4, 5)))
    assert world.refuses(unseat(world, FIRST, node(FIRST)), *VOTERS) is Refusal.TOO_FEW_VALIDATORS


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
    added = consortium.parties[1].changed_at
    while len(validators) < 128:
        address = (1000 + len(validators)).to_bytes(20, "big")
        keys[address] = Key(party=SEATLESS, role=KeyRole.NODE, added_at=added)
        validators.append(Validator(node=address, party=SEATLESS))
    world = found(replace(consortium, keys=keys, validators=tuple(validators)))
    assert world.refuses(seat(world, FIRST, "node a"), *VOTERS, "node a") is Refusal.TOO_MANY_VALIDATORS


def _without_nodes(keys: object, *parties: int) -> dict[bytes, Key]:
    nodes = {key(node(party)).address for party in parties}
    return {address: k for address, k in dict(keys).items() if address not in nodes}  # type: ignore[call-overload]
