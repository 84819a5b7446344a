from __future__ import annotations

import json
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.customs.vocabulary import Capacity
from aeo_ledger.errors.protocol import MalformedMessage
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import digest, domain_separator, struct_hash, to_json
from aeo_ledger.protocol.messages import DOMAIN, DOMAIN_NAME, DOMAIN_VERSION, MESSAGES, referred_structs
from support.messages import example_of, values_of

CONTRACT = bytes(range(20))
EVENT = example_of("StatusEvent")
PUBLICATION = example_of("Publication")
WITHHOLDING = example_of("Withholding")


def other_digest(name: str, values: dict[str, Any], chain_id: int, contract: bytes) -> bytes:
    """Compute a digest with eth-account, from native values and given types."""
    parts = [name, *referred_structs(name)]
    types = {part: [{"type": kind, "name": member} for kind, member in MESSAGES[part]] for part in parts}
    types["EIP712Domain"] = [{"type": kind, "name": member} for kind, member in DOMAIN]
    names = {"name": DOMAIN_NAME, "version": DOMAIN_VERSION}
    domain = {**names, "chainId": chain_id, "verifyingContract": "0x" + contract.hex()}
    full = {"types": types, "primaryType": name, "domain": domain, "message": values}
    return bytes(_hash_eip191_message(encode_typed_data(full_message=full)))


@pytest.mark.parametrize("name", MESSAGES)
@settings(max_examples=15)
@given(data=st.data(), chain_id=st.integers(0, 2**256 - 1), contract=st.binary(min_size=20, max_size=20))
def test_a_digest_is_the_one_that_eth_account_derives(
    name: str, data: st.DataObject, chain_id: int, contract: bytes
) -> None:
    values = data.draw(values_of(name))
    ours = digest(name, values, chain_id=chain_id, contract=contract)
    assert ours == other_digest(name, values, chain_id, contract)
    text = json.dumps(to_json(name, values, chain_id=chain_id, contract=contract))
    assert ours == bytes(_hash_eip191_message(encode_typed_data(full_message=json.loads(text))))


def test_a_digest_joins_the_domain_and_the_struct() -> None:
    joined = b"\x19\x01" + domain_separator(1, CONTRACT) + struct_hash("StatusEvent", EVENT)
    assert digest("StatusEvent", EVENT, chain_id=1, contract=CONTRACT) == keccak256(joined)


def test_another_chain_or_contract_is_another_digest() -> None:
    digests = {
        digest("StatusEvent", EVENT, chain_id=chain_id, contract=contract)
        for chain_id in (1, 2)
        for contract in (CONTRACT, bytes(20))
    }
    assert len(digests) == 4


def test_the_order_of_values_does_not_matter_but_that_of_events_does() -> None:
    assert struct_hash("StatusEvent", dict(reversed(EVENT.items()))) == struct_hash("StatusEvent", EVENT)
    events = [EVENT, EVENT | {"record": 0}]
    assert struct_hash("Publication", PUBLICATION | {"events": events}) != struct_hash(
        "Publication", PUBLICATION | {"events": events[::-1]}
    )


def test_a_number_of_the_vocabulary_is_a_number() -> None:
    values = PUBLICATION | {"capacity": Capacity.AUTHORITY}
    assert struct_hash("Publication", values) == struct_hash("Publication", PUBLICATION | {"capacity": 2})
    message: Any = to_json("Publication", values, chain_id=1, contract=CONTRACT)["message"]
    assert message["capacity"] == "2"


@pytest.mark.parametrize("name", MESSAGES)
def test_every_member_is_needed_and_no_other_is_taken(name: str) -> None:
    values = example_of(name)
    for member in values:
        without = {other: value for other, value in values.items() if other != member}
        with pytest.raises(MalformedMessage) as caught:
            struct_hash(name, without)
        assert (caught.value.where, caught.value.found) == (name, f"{member} missing, none too many")
    with pytest.raises(MalformedMessage, match="none missing, 'surplus' too many"):
        struct_hash(name, values | {"surplus": 1})


WRONG: dict[str, list[Any]] = {
    "uint": [-1, None, True, "1", 1.0, b"\1"],
    "bool": [0, 1, None, "true"],
    "bytes": [None, 1, "0x00", bytearray(32)],
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_value_of_another_form_or_range_is_refused(name: str) -> None:
    for kind, member in MESSAGES[name]:
        if kind.endswith("[]"):
            wrong: list[Any] = [None, {}, "events", [None], [{}]]
        elif kind.startswith("uint"):
            wrong = [*WRONG["uint"], 1 << int(kind[4:])]
        elif kind in ("bytes32", "address"):
            length = {"bytes32": 32, "address": 20}[kind]
            wrong = [*WRONG["bytes"], bytes(length - 1), bytes(length + 1)]
        else:
            wrong = WRONG[kind]
        for value in wrong:
            with pytest.raises(MalformedMessage) as caught:
                struct_hash(name, example_of(name) | {member: value})
            assert caught.value.where.startswith(f"{name}.{member}")


def test_a_refusal_names_the_path_and_not_the_bytes() -> None:
    with pytest.raises(MalformedMessage) as caught:
        struct_hash("Publication", PUBLICATION | {"events": [EVENT, EVENT | {"entry": b"secret"}]})
    assert str(caught.value) == "Publication.events[1].entry: found 6 bytes, needed 32 bytes"


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="found 'Grant', needed one of"):
        struct_hash("Grant", {})


@pytest.mark.parametrize(
    ("chain_id", "contract", "where"),
    [
        (-1, CONTRACT, "domain.chainId"),
        (1 << 256, CONTRACT, "domain.chainId"),
        (1, bytes(19), "domain.verifyingContract"),
        (1, bytes(32), "domain.verifyingContract"),
    ],
)
def test_a_domain_of_another_form_is_refused(chain_id: int, contract: bytes, where: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        digest("Withholding", WITHHOLDING, chain_id=chain_id, contract=contract)
    assert caught.value.where == where


def test_a_chain_id_that_is_a_bool_is_refused_even_after_its_number_was_taken() -> None:
    domain_separator(1, CONTRACT)
    with pytest.raises(MalformedMessage):
        domain_separator(True, CONTRACT)


def test_what_cannot_be_signed_cannot_be_written_for_a_wallet() -> None:
    with pytest.raises(MalformedMessage):
        to_json("Withholding", WITHHOLDING | {"serial": 1 << 32}, chain_id=1, contract=CONTRACT)
