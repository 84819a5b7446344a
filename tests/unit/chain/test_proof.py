"""A proof leads from a header's state root to an account and its words, and an independent library verifies it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.db.atomic import AtomicDB
from trie import HexaryTrie

from aeo_ledger.chain import EmbeddedLedger, Genesis
from aeo_ledger.chain.proof import prove_account
from support.chain_world import BOARD, ServedHeader, keccak, put, transaction

_VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"


def _bytes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text[2:]) for text in texts]


def _follow(root: bytes, path: bytes, nodes: list[str]) -> bytes:
    return HexaryTrie.get_from_proof(root, path, [rlp.decode(node) for node in _bytes(nodes)])


def _proof(ledger: EmbeddedLedger, address: bytes, keys: list[str], block: str) -> dict[str, Any]:
    proof: dict[str, Any] = ledger.rpc.request("eth_getProof", ["0x" + address.hex(), keys, block])
    return proof


def _slot(key: bytes) -> bytes:
    return keccak((1).to_bytes(32, "big") + key)


def test_words_present_and_absent_are_proven_under_each_blocks_root(ledger: EmbeddedLedger) -> None:
    for nonce in range(3):
        ledger.submit(transaction(nonce, put([n.to_bytes(32, "big") for n in range(100)], [100 + nonce] * 100)))
        ledger.seal_pending()
    present, absent = _slot((7).to_bytes(32, "big")), _slot(b"\xff" * 32)
    for block in range(4):
        root = ServedHeader.read(ledger.header_rlp(block)).fields[3]
        proof = _proof(ledger, BOARD, ["0x" + present.hex(), "0x" + absent.hex()], hex(block))
        account = rlp.decode(_follow(root, keccak(BOARD), proof["accountProof"]))
        assert account[2:] == _bytes([proof["storageHash"], proof["codeHash"]])
        words = [
            int.from_bytes(rlp.decode(word), "big") if word else 0
            for word in (
                _follow(account[2], keccak(slot), one["proof"])
                for slot, one in zip((present, absent), proof["storageProof"], strict=True)
            )
        ]
        assert words == [99 + block if block else 0, 0]
        assert [int(one["value"], 16) for one in proof["storageProof"]] == words


def test_an_account_that_does_not_exist_is_proven_absent(ledger: EmbeddedLedger) -> None:
    root = ServedHeader.read(ledger.header_rlp(0)).fields[3]
    proof = _proof(ledger, b"\x99" * 20, ["0x1"], "latest")
    assert _follow(root, keccak(b"\x99" * 20), proof["accountProof"]) == b""
    assert (proof["nonce"], proof["balance"], proof["codeHash"]) == ("0x0", "0x0", "0x" + keccak(b"").hex())
    assert proof["storageProof"] == [{"key": "0x1", "value": "0x0", "proof": []}]


def test_every_node_is_named_by_its_parent_or_by_the_root(ledger: EmbeddedLedger) -> None:
    ledger.submit(transaction(0, put([n.to_bytes(32, "big") for n in range(300)], [1] * 300), gas=10_000_000))
    ledger.seal_pending()
    proof = _proof(ledger, BOARD, ["0x" + _slot(n.to_bytes(32, "big")).hex() for n in range(20)], "latest")
    for one in proof["storageProof"]:
        nodes = _bytes(one["proof"])
        assert len(nodes) > 1
        assert keccak(nodes[0]).hex() == proof["storageHash"][2:]
        assert all(keccak(child) in parent for parent, child in pairwise(nodes))


@pytest.mark.parametrize("network", ["besu-contract-4", "goquorum-contract-4"])
def test_it_proves_what_a_real_networks_node_proved_of_the_same_state(network: str) -> None:
    vector = json.loads((_VECTORS / f"{network}.json").read_text())
    db = AtomicDB()
    header = Genesis.from_json(vector["genesis"]).write_to(db)
    before_any_change = [one for one in vector["proofs"] if one["block"] == vector["proofs"][0]["block"]]
    assert [one["account_exists"] for one in before_any_change] == [True, False]
    for one in before_any_change:
        theirs = one["response"]
        slots = {word["key"]: int(word["key"], 16) for word in theirs["storageProof"]}
        ours = prove_account(db, header, bytes.fromhex(one["address"][2:]), slots)
        assert set(ours) == set(theirs)
        for part in ("accountProof", "balance", "codeHash", "nonce", "storageHash"):
            assert ours[part] == theirs[part]
        for our_word, their_word in zip(ours["storageProof"], theirs["storageProof"], strict=True):
            assert our_word["proof"] == their_word["proof"]
            assert int(our_word["value"], 16) == int(their_word["value"], 16)
