from __future__ import annotations

import pytest
import rlp as reference
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.verify import NodePool, ProvenAccount, verify_word

WORDS = st.integers(1, 2**256 - 1) | st.integers(1, 255)
SLOTS = st.integers(0, 2**256 - 1) | st.integers(0, 9)


def contract(values: dict[int, bytes]) -> tuple[NodePool, ProvenAccount]:
    trie = HexaryTrie({}, prune=True)
    for slot, value in values.items():
        trie[keccak256(slot.to_bytes(32, "big"))] = value
    account = ProvenAccount(
        address=bytes(20), nonce=0, balance=0, storage_root=trie.root_hash, code_hash=keccak256(b"code")
    )
    return NodePool(node for node in trie.db.values() if node != b"\x80"), account


@given(words=st.dictionaries(SLOTS, WORDS, max_size=12), absent=SLOTS)
def test_words_are_proven_and_absent_ones_are_zero(words: dict[int, int], absent: int) -> None:
    pool, account = contract({slot: reference.encode(word) for slot, word in words.items()})
    for slot in [*words, absent]:
        assert verify_word(pool, account, slot) == words.get(slot, 0)
        assert verify_word(pool, account, slot.to_bytes(32, "big")) == words.get(slot, 0)


def test_an_empty_storage_holds_zeros_and_needs_no_node() -> None:
    pool, account = contract({})
    assert account.storage_root == EMPTY_ROOT
    assert verify_word(pool, account, 3) == 0


def test_a_word_without_its_nodes_is_not_zero_but_unproven() -> None:
    _, account = contract({1: b"\1", 2: b"\2"})
    with pytest.raises(MissingNode) as refusal:
        verify_word(NodePool([]), account, 1)
    assert refusal.value.node_hash == account.storage_root


NUMBER = "needed a number of at most 32 bytes without leading zeros"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\x80", "a zero is stored, which the EVM never does"),
        (b"\x00", NUMBER),
        (b"\x82\x00\x07", NUMBER),
        (b"\xa1" + b"\1" * 33, NUMBER),
        (b"\xc0", NUMBER),
        (b"\xc1\x07", NUMBER),
        (b"\x81\x07", "a single byte below 128 has a length prefix"),
        (b"\x07\x07", "found 2 items, needed 1"),
    ],
)
def test_a_value_that_is_not_a_word_is_refused(value: bytes, reason: str) -> None:
    pool, account = contract({1: value, 2: b"\2"})
    with pytest.raises(UnreadableValue) as refusal:
        verify_word(pool, account, 1)
    assert refusal.value.what == f"word at slot 0x{1:064x}"
    assert refusal.value.reason == reason


@pytest.mark.parametrize("slot", [b"", b"\1", bytes(33)])
def test_a_slot_of_another_length_is_the_callers_mistake(slot: bytes) -> None:
    pool, account = contract({})
    with pytest.raises(ValueError, match="32 bytes"):
        verify_word(pool, account, slot)
