"""A whole contract's words: every one is found, one that is not there is zero, and they come out as they went in."""

from __future__ import annotations

import pytest

from aeo_ledger.errors.verify import RepeatedSlot, WrongStorageRoot
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import ProvenAccount
from aeo_ledger.verify.word_table import WordTable, verify_words

WORDS = {slot: slot * 7 + 1 for slot in range(40)}
ROWS = sorted(keccak256(slot.to_bytes(32, "big")) + word.to_bytes(32, "big") for slot, word in WORDS.items())
ACCOUNT = ProvenAccount(
    address=bytes(20),
    nonce=0,
    balance=0,
    storage_root=derive_root((row[:32], rlp.encode(row[32:].lstrip(b"\0"))) for row in ROWS),
    code_hash=bytes(32),
)


def test_every_word_is_found_and_another_is_zero() -> None:
    table = verify_words(Contract.REGISTERS, ACCOUNT, reversed(ROWS))
    assert {slot: table.read(slot) for slot in range(45)} == {slot: WORDS.get(slot, 0) for slot in range(45)}
    assert (len(table), list(table.rows())) == (len(WORDS), ROWS)


def test_a_slot_whose_first_bytes_are_another_s_is_told_apart() -> None:
    key = keccak256((3).to_bytes(32, "big"))
    other = key[:8] + bytes(24)
    table = WordTable([other + bytes(31) + b"\1", key + bytes(31) + b"\2"])
    assert table.read(3) == 2
    assert WordTable([other + bytes(31) + b"\1"]).read(3) == 0


def test_a_word_too_few_or_twice_is_refused() -> None:
    with pytest.raises(WrongStorageRoot) as lacking:
        verify_words(Contract.REGISTERS, ACCOUNT, ROWS[1:])
    assert (lacking.value.words, lacking.value.needed) == (len(ROWS) - 1, ACCOUNT.storage_root)
    with pytest.raises(RepeatedSlot) as twice:
        verify_words(Contract.REGISTERS, ACCOUNT, [*ROWS, ROWS[0]])
    assert twice.value.hashed_slot == ROWS[0][:32]
