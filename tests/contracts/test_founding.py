"""The genesis that everybody pins: the constructor takes no founder that admissions and acts could not have made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyState, RegisterMode
from aeo_ledger.ledger.bindings import encode_call
from aeo_ledger.protocol.layouts import PARTY, REGISTER
from aeo_ledger.protocol.tables import Contract, Table
from aeo_ledger.protocol.words import encode_party, encode_register
from support.evm import ADDRESSES, RELAY, Evm
from support.world import (
    DAY,
    FIRST,
    FOURTH,
    SEATLESS,
    SECOND,
    START,
    THIRD,
    UNION,
    Genesis,
    authority,
    found,
    founding,
    key,
    operator,
    refusal_of,
)

FOUNDERS = founding()
RIGHT = Genesis.of(FOUNDERS)


def deploy(genesis: Genesis, *, time: int = START) -> Refusal | None:
    return refusal_of(genesis.deploy(Evm(time=time)))


def with_founder(
    number: int, word: int | None = None, register: int | None = None, key: bytes | None = None
) -> Genesis:
    founders = list(RIGHT.founders)
    old_word, old_key, old_register = founders[number - 1]
    founders[number - 1] = (
        old_word if word is None else word,
        old_key if key is None else key,
        old_register if register is None else register,
    )
    return replace(RIGHT, founders=founders)


def altered(number: int, **fields: Any) -> Genesis:
    return with_founder(number, encode_party(replace(FOUNDERS.parties[number], **fields)))


def test_the_founders_of_these_tests_are_right() -> None:
    assert deploy(RIGHT) is None


# ---- a founder's word


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", PartyState.SUSPENDED),
        ("state", PartyState.EXPELLED),
        ("suspended_until", START + DAY),
        ("frozen", True),
        ("authority_keys", 0),
        ("authority_keys", 2),
        ("authority_threshold", 0),
        ("authority_threshold", 2),
        ("authority_threshold", 3),
        ("epoch", 1),
        ("changed_at", START - 1),
        ("changed_at", 0),
        ("changes", 1),
        ("threshold", 0),
        ("threshold", 17),
        ("threshold", 3),
    ],
)
def test_a_founder_s_word_is_as_an_admission_writes_it(field: str, value: int) -> None:
    """With a threshold of 0 anybody could publish. With one above the number of operators nobody could."""
    assert deploy(altered(SEATLESS, **{field: value})) is Refusal.WRONG_FOUNDING


@pytest.mark.parametrize("bit", [PARTY["kind"].at, PARTY["state"].at, 254, 255])
def test_no_other_bit_of_a_founder_s_word_may_be_set(bit: int) -> None:
    word = encode_party(FOUNDERS.parties[SEATLESS]) ^ 1 << bit
    assert deploy(with_founder(SEATLESS, word)) is Refusal.WRONG_FOUNDING
    assert deploy(with_founder(SEATLESS, 0)) is Refusal.WRONG_FOUNDING


@pytest.mark.parametrize("code", [b"B", b"b1", b"B\0R", b"BR\0A", b"B1", b"B[", b"B@", b"\0BR", b"", b"BRAZI\xff"])
def test_its_code_is_two_to_six_capitals(code: bytes) -> None:
    word = encode_party(FOUNDERS.parties[SEATLESS]) & ~PARTY["code"].mask | int.from_bytes(code.ljust(6, b"\0"), "big")
    assert deploy(with_founder(SEATLESS, word)) is Refusal.WRONG_FOUNDING


def test_no_two_founders_have_one_code() -> None:
    assert deploy(altered(SEATLESS, code="BY")) is Refusal.WRONG_FOUNDING
    assert deploy(altered(SECOND, code="BY")) is Refusal.WRONG_FOUNDING
    assert deploy(altered(SEATLESS, code="BYBYBY")) is None


@pytest.mark.parametrize("kind", [0, 3])
def test_it_is_an_administration_or_a_union(kind: int) -> None:
    assert deploy(altered(SEATLESS, kind=kind)) is Refusal.WRONG_FOUNDING


@pytest.mark.parametrize(
    "unions", [(SECOND,), (SEATLESS,), (9,), (UNION, UNION), (UNION, 0, 0, UNION), (0, FOURTH)], ids=str
)
def test_a_founder_belongs_to_existing_unions_and_once_to_each(unions: tuple[int, ...]) -> None:
    held = tuple(Membership(union=union) for union in (*unions, 0, 0, 0)[:4])
    assert deploy(altered(SEATLESS, memberships=held)) is Refusal.WRONG_FOUNDING


def test_a_union_does_not_belong_to_itself_and_places_need_not_be_filled_in_order() -> None:
    held = (Membership(), Membership(), Membership(), Membership(union=UNION))
    assert deploy(altered(UNION, memberships=held)) is Refusal.WRONG_FOUNDING
    assert deploy(altered(SEATLESS, memberships=held)) is None


@pytest.mark.parametrize("fields", [{"leaves": 30_000}, {"ejected": True}, {"leaves": 30_000, "ejected": True}])
@pytest.mark.parametrize("place", range(4))
def test_it_begins_without_notices(place: int, fields: dict[str, int]) -> None:
    held = [Membership()] * 4
    held[place] = replace(Membership(union=UNION), **fields)
    assert deploy(altered(SEATLESS, memberships=tuple(held))) is Refusal.WRONG_FOUNDING


# ---- its register


def test_a_founder_s_register_is_open_and_has_types() -> None:
    opened = encode_register(FOUNDERS.registers[FIRST])
    wrong = [
        encode_register(Register(mode=RegisterMode.KEYED, types=0b111, changed_at=START)),
        encode_register(Register(mode=RegisterMode.OPEN, types=0, changed_at=START)),
        encode_register(Register(mode=RegisterMode.OPEN, types=0b111, changed_at=START - 1)),
        encode_register(Register(mode=RegisterMode.OPEN, types=0b111, epoch=1, changed_at=START)),
        opened | 1 << REGISTER["changed_at"].at + 32,
        opened | 1 << 255,
    ]
    for register in wrong:
        assert deploy(with_founder(FIRST, register=register)) is Refusal.WRONG_FOUNDING
    every = encode_register(Register(mode=RegisterMode.OPEN, types=0xFFFF, changed_at=START))
    assert deploy(with_founder(FIRST, register=every)) is None


def test_a_register_that_is_opened_has_its_word_and_the_other_way_round() -> None:
    assert deploy(with_founder(FIRST, register=0)) is Refusal.WRONG_FOUNDING
    assert deploy(altered(FIRST, opened=False)) is Refusal.WRONG_FOUNDING
    opened = encode_register(FOUNDERS.registers[FIRST])
    assert deploy(with_founder(THIRD, register=opened)) is Refusal.WRONG_FOUNDING
    assert deploy(altered(FIRST, keeps_register=False)) is Refusal.WRONG_FOUNDING
    word = encode_party(replace(FOUNDERS.parties[THIRD], opened=True))
    assert deploy(with_founder(THIRD, word, opened)) is None


# ---- its keys and nodes


@pytest.mark.parametrize("name", [authority(FIRST), authority(SECOND)])
def test_every_authority_is_an_address_of_its_own(name: str) -> None:
    used = with_founder(SEATLESS, key=key(name).address)
    assert deploy(used) is Refusal.KEY_ALREADY_USED
    assert deploy(with_founder(SEATLESS, key=bytes(20))) is Refusal.KEY_ALREADY_USED


@pytest.mark.parametrize("name", [authority(FIRST), operator(FIRST), operator(SECOND)])
def test_every_operator_and_node_is_an_address_of_its_own(name: str) -> None:
    address = key(name).address
    operators = [*RIGHT.operators, (SEATLESS, address)]
    assert deploy(replace(RIGHT, operators=operators)) is Refusal.KEY_ALREADY_USED
    validators = [*RIGHT.validators, (SEATLESS, address)]
    assert deploy(replace(RIGHT, validators=validators)) is Refusal.KEY_ALREADY_USED
    assert deploy(replace(RIGHT, validators=[*RIGHT.validators, (SEATLESS, bytes(20))])) is Refusal.KEY_ALREADY_USED


@pytest.mark.parametrize("party", [0, 7, 255, 256, 0xFFFF])
def test_operators_and_nodes_are_founders(party: int) -> None:
    address = key("another").address
    assert deploy(replace(RIGHT, operators=[*RIGHT.operators, (party, address)])) is Refusal.WRONG_FOUNDING
    assert deploy(replace(RIGHT, validators=[*RIGHT.validators, (party, address)])) is Refusal.WRONG_FOUNDING


def test_somebody_holds_a_seat() -> None:
    """Without a seat nothing could ever be decided: no key replaced, no successor named."""
    seatless = [(word & ~(1 << PARTY["seat"].at), key, register) for word, key, register in RIGHT.founders]
    assert deploy(replace(RIGHT, founders=seatless)) is Refusal.WRONG_FOUNDING


def test_every_founder_has_as_many_operators_as_sign_for_it() -> None:
    one = [(party, address) for party, address in RIGHT.operators if address != key(operator(SECOND)).address]
    assert deploy(replace(RIGHT, operators=one)) is Refusal.WRONG_FOUNDING
    none = [(party, address) for party, address in RIGHT.operators if party != SEATLESS]
    assert deploy(replace(RIGHT, operators=none)) is Refusal.WRONG_FOUNDING


def test_a_founder_has_at_most_255_operators() -> None:
    others = [(party, address) for party, address in RIGHT.operators if party != SEATLESS]
    for count, refusal in ((255, None), (256, Refusal.WRONG_FOUNDING)):
        own = [(SEATLESS, (1000 + number).to_bytes(20, "big")) for number in range(count)]
        assert deploy(replace(RIGHT, operators=[*others, *own])) is refusal


def test_no_founder_has_more_nodes_than_its_share() -> None:
    second = [*RIGHT.validators, (FIRST, key("node a").address)]
    assert deploy(replace(RIGHT, validators=second)) is Refusal.TOO_MANY_NODES
    seven = [*RIGHT.validators, (SEATLESS, key("node a").address), (FIRST, key("node b").address)]
    assert deploy(replace(RIGHT, validators=seven)) is None
    alone = [(FIRST, key(f"node {letter}").address) for letter in "abcd"]
    assert deploy(replace(RIGHT, validators=alone)) is None


# ---- the network


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum_validators": 0},
        {"minimum_validators": 6},
        {"replacement_delay": 14 * DAY - 1},
        {"replacement_delay": 366 * DAY + 1},
        {"replacement_delay": 0},
        {"validators": []},
    ],
    ids=str,
)
def test_its_limits_lie_within_bounds(wrong: dict[str, Any]) -> None:
    assert deploy(replace(RIGHT, **wrong)) is Refusal.WRONG_FOUNDING


@pytest.mark.parametrize(
    "right",
    [{"minimum_validators": 1}, {"minimum_validators": 5}, {"replacement_delay": 366 * DAY}],
    ids=str,
)
def test_the_bounds_themselves_are_allowed(right: dict[str, Any]) -> None:
    assert deploy(replace(RIGHT, **right)) is None


def test_no_network_is_founded_in_a_time_that_no_word_holds() -> None:
    """The first such second would look like a change at 0."""
    parties = [replace(p, changed_at=0, changes=1, opened=False) for p in FOUNDERS.parties.values()]
    founders = [(encode_party(p), address, 0) for p, (_, address, _) in zip(parties, RIGHT.founders, strict=True)]
    assert deploy(replace(RIGHT, founders=founders), time=1 << 32) is Refusal.WRONG_FOUNDING


@pytest.mark.parametrize(("what", "most"), [("founders", 255), ("operators", 512), ("validators", 128)])
def test_a_genesis_has_a_largest_number_of_members(what: str, most: int) -> None:
    """The largest number is read, and refused only for its content: a zero key and an unknown party."""
    wrong = (1, bytes(20), 0) if what == "founders" else (9, key("another").address)
    reason = Refusal.KEY_ALREADY_USED if what == "founders" else Refusal.WRONG_FOUNDING
    assert deploy(replace(RIGHT, **{what: [wrong] * most})) is reason
    outcome = replace(RIGHT, **{what: [wrong] * (most + 1)}).deploy(Evm(time=START))
    assert (outcome.reverted, outcome.output) == (True, b"")


def test_a_genesis_without_founders_is_refused() -> None:
    assert deploy(replace(RIGHT, founders=[], operators=[], validators=[])) is Refusal.WRONG_FOUNDING


# ---- who writes


@pytest.mark.parametrize(
    "call",
    [
        ("put", Table.PARTY, FIRST, 1),
        ("put", Table.GOVERNANCE, 0, 0),
        ("extend", Table.PARTY_HEAD, FIRST, b"\x01" * 32),
        ("enlist", b"\x01" * 20, FIRST, 1),
    ],
    ids=lambda call: f"{call[0]} {call[1]!r}"[:30],
)
def test_only_governance_writes(call: tuple[Any, ...]) -> None:
    world = found()
    data = encode_call(Contract.CONSORTIUM, *call)
    strangers = (RELAY, key(authority(FIRST)).address, ADDRESSES[Contract.CONSORTIUM], ADDRESSES[Contract.REGISTERS])
    for stranger in (*strangers, bytes(20)):
        refused = refusal_of(world.evm.call(Contract.CONSORTIUM, data, relay=stranger))
        assert refused is Refusal.NOT_GOVERNANCE
    world.compare()
    assert refusal_of(world.evm.call(Contract.CONSORTIUM, data, relay=ADDRESSES[Contract.GOVERNANCE])) is None


def test_the_three_contracts_know_each_other() -> None:
    world = found()
    pairs: tuple[tuple[Contract, str, Contract], ...] = (
        (Contract.CONSORTIUM, "governance", Contract.GOVERNANCE),
        (Contract.GOVERNANCE, "consortium", Contract.CONSORTIUM),
        (Contract.REGISTERS, "consortium", Contract.CONSORTIUM),
    )
    for contract, getter, other in pairs:
        answer = world.evm.call(contract, encode_call(contract, getter))
        assert answer.output[12:] == ADDRESSES[other]


def test_every_founder_s_history_begins_with_what_was_pinned() -> None:
    world = found()
    other = found(founding(seats=(FIRST, SECOND, THIRD)))
    changed = {n for n, head in world.consortium.party_heads.items() if other.consortium.party_heads[n] != head}
    assert changed == {FOURTH}
    assert set(world.consortium.party_heads) == set(world.consortium.parties)
