"""Prove an account and its words under a block's state root, in the form of `eth_getProof`.

Source: EIP-1186; the tries are the Yellow Paper's, appendix D.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rlp
from eth.abc import BlockHeaderAPI, DatabaseAPI
from eth.constants import BLANK_ROOT_HASH, EMPTY_SHA3
from eth.rlp.accounts import Account
from trie.hexary import HexaryTrie

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex


def prove_account(db: DatabaseAPI, header: BlockHeaderAPI, address: bytes, slots: Mapping[str, int]) -> dict[str, Any]:
    """Prove an account, present or absent, and its words.

    Args:
        db: The state database.
        header: The block's header; its state root is the root of the proof.
        address: 20 bytes.
        slots: Slots by their text in the request; the answer repeats that text.
    """
    trie, path = HexaryTrie(db, root_hash=header.state_root), keccak256(address)
    encoded = trie[path]
    account = rlp.decode(encoded, sedes=Account) if encoded else Account(0, 0, BLANK_ROOT_HASH, EMPTY_SHA3)
    storage = HexaryTrie(db, root_hash=account.storage_root)
    return {
        "address": to_hex(address),
        "accountProof": _nodes(trie, path),
        "balance": hex(account.balance),
        "codeHash": to_hex(account.code_hash),
        "nonce": hex(account.nonce),
        "storageHash": to_hex(account.storage_root),
        "storageProof": [_prove_word(storage, key, slot) for key, slot in slots.items()],
    }


def _prove_word(storage: HexaryTrie, key: str, slot: int) -> dict[str, Any]:
    path = keccak256(slot.to_bytes(32, "big"))
    encoded = storage[path]
    word = int.from_bytes(rlp.decode(encoded), "big") if encoded else 0
    return {"key": key, "value": hex(word), "proof": _nodes(storage, path)}


def _nodes(trie: HexaryTrie, path: bytes) -> list[str]:
    """List the nodes on a path, root first. A node shorter than 32 bytes is inside its parent, so it is not listed again."""
    encoded = [rlp.encode(node) for node in trie.get_proof(path)]  # type: ignore[no-untyped-call]
    return [to_hex(node) for index, node in enumerate(encoded) if index == 0 or len(node) >= 32]
