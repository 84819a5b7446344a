from __future__ import annotations

from typing import Any

import pytest

from aeo_ledger.errors.verify import AbsentAccount, MissingNode, SurplusNodes
from aeo_ledger.evidence import decode_header
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.verify import NodePool, ProvenAccount, verify_account, verify_word
from conformance.recorded import NETWORKS, load, number, raw


def proofs(*, of_accounts: bool) -> list[Any]:
    return [
        pytest.param(name, proof, id=f"{name}-{proof['block']}")
        for name in NETWORKS
        for proof in load(name)["proofs"]
        if proof["account_exists"] == of_accounts
    ]


def state_root(name: str, block: int) -> bytes:
    return decode_header(raw(load(name)["headers"][block]["rlp"])).state_root


def nodes_of(response: dict[str, Any]) -> list[bytes]:
    """List all nodes of an answer, each once. The engines repeat those near the root in every proof."""
    proofs = [response["accountProof"], *(entry["proof"] for entry in response["storageProof"])]
    return list(dict.fromkeys(raw(node) for proof in proofs for node in proof))


def verify_recorded(name: str, proof: dict[str, Any], nodes: list[bytes]) -> tuple[ProvenAccount, dict[int, int]]:
    pool = NodePool(nodes)
    account = verify_account(pool, state_root(name, proof["block"]), raw(proof["address"]))
    slots = [number(entry["key"]) for entry in proof["response"]["storageProof"]]
    words = {slot: verify_word(pool, account, slot) for slot in slots}
    pool.refuse_surplus()
    return account, words


@pytest.mark.parametrize(("name", "proof"), proofs(of_accounts=True))
def test_account_and_words_are_proven_as_the_engine_answered(name: str, proof: dict[str, Any]) -> None:
    response = proof["response"]
    account, words = verify_recorded(name, proof, nodes_of(response))
    assert account.address == raw(proof["address"])
    assert account.nonce == number(response["nonce"])
    assert account.balance == number(response["balance"])
    assert account.storage_root == raw(response["storageHash"])
    assert account.code_hash == raw(response["codeHash"]) == raw(load(name)["code_hash"])
    assert words == {number(entry["key"]): number(entry["value"]) for entry in response["storageProof"]}


@pytest.mark.parametrize(("name", "proof"), proofs(of_accounts=True))
def test_each_proof_alone_is_whole_and_holds_nothing_else(name: str, proof: dict[str, Any]) -> None:
    account, _ = verify_recorded(name, proof, nodes_of(proof["response"]))
    for entry in proof["response"]["storageProof"]:
        pool = NodePool(map(raw, entry["proof"]))
        assert verify_word(pool, account, number(entry["key"]).to_bytes(32, "big")) == number(entry["value"])
        assert not pool.unused()
        if not entry["proof"]:
            assert account.storage_root == EMPTY_ROOT


@pytest.mark.parametrize(("name", "proof"), proofs(of_accounts=False))
def test_an_account_that_does_not_exist_is_proven_absent(name: str, proof: dict[str, Any]) -> None:
    with pytest.raises(AbsentAccount) as refusal:
        verify_recorded(name, proof, nodes_of(proof["response"]))
    assert refusal.value.address == raw(proof["address"])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_last_proof_shows_the_words_that_were_put(name: str) -> None:
    slot_to_word = {
        int.from_bytes(keccak256((1).to_bytes(32, "big") + raw(key))): number(word)
        for key, word in load(name)["words"].items()
    }
    last = [proof for proof in load(name)["proofs"] if proof["account_exists"]][-1]
    _, words = verify_recorded(name, last, nodes_of(last["response"]))
    compared = {slot: word for slot, word in words.items() if slot in slot_to_word}
    assert len(compared) >= 5
    assert compared == {slot: slot_to_word[slot] for slot in compared}


@pytest.mark.parametrize("name", ["besu-contract-4"])
def test_the_contract_named_the_validators_in_its_storage(name: str) -> None:
    """Slot 2 holds the length of the list, and its elements follow. A hand-over of trust reads these."""
    for proof in load(name)["proofs"]:
        if proof["account_exists"]:
            _, words = verify_recorded(name, proof, nodes_of(proof["response"]))
            named = [words[3 + at].to_bytes(20, "big") for at in range(words[2])]
            assert sorted(named) == sorted(map(raw, load(name)["headers"][proof["block"]]["validators_after"]))


SAMPLES = proofs(of_accounts=True)[2::7]
"""A few of the proofs: forging all of them would show nothing more."""


@pytest.mark.parametrize(("name", "proof"), SAMPLES)
def test_without_any_one_node_nothing_is_assumed(name: str, proof: dict[str, Any]) -> None:
    nodes = nodes_of(proof["response"])
    for at, node in enumerate(nodes):
        with pytest.raises(MissingNode) as refusal:
            verify_recorded(name, proof, nodes[:at] + nodes[at + 1 :])
        assert refusal.value.node_hash == keccak256(node)


@pytest.mark.parametrize(("name", "proof"), SAMPLES)
def test_any_byte_flipped_in_a_node_makes_it_another_node(name: str, proof: dict[str, Any]) -> None:
    nodes = nodes_of(proof["response"])
    for at, node in enumerate(nodes):
        place = at * 7 % len(node)
        flipped = node[:place] + bytes([node[place] ^ 1 << at % 8]) + node[place + 1 :]
        with pytest.raises(MissingNode) as refusal:
            verify_recorded(name, proof, [*nodes[:at], flipped, *nodes[at + 1 :]])
        assert refusal.value.node_hash == keccak256(node)


@pytest.mark.parametrize(("name", "proof"), SAMPLES)
def test_a_node_that_proves_nothing_asked_for_is_refused(name: str, proof: dict[str, Any]) -> None:
    with pytest.raises(SurplusNodes) as refusal:
        verify_recorded(name, proof, [*nodes_of(proof["response"]), b"cargo"])
    assert refusal.value.count == 1
