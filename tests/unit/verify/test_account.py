from __future__ import annotations

import pytest
import rlp as reference
from trie import HexaryTrie

from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.verify import AbsentAccount, MissingNode
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.verify import NodePool, ProvenAccount, verify_account

ADDRESS = bytes(range(20))
CODE_HASH = keccak256(b"code")
GOOD = [b"\1", b"\2\0", EMPTY_ROOT, CODE_HASH]


def state(value: bytes) -> tuple[NodePool, bytes]:
    """Make a state with a value under the address and another value beside it."""
    trie = HexaryTrie({}, prune=True)
    trie[keccak256(ADDRESS)] = value
    trie[keccak256(b"another")] = value
    return NodePool(trie.db.values()), trie.root_hash


def test_an_account_is_read_as_it_stands() -> None:
    pool, root = state(reference.encode(GOOD))
    assert verify_account(pool, root, ADDRESS) == ProvenAccount(
        address=ADDRESS, nonce=1, balance=512, storage_root=EMPTY_ROOT, code_hash=CODE_HASH
    )


def test_an_account_that_is_not_there_is_proven_absent() -> None:
    pool, root = state(reference.encode(GOOD))
    with pytest.raises(AbsentAccount) as refusal:
        verify_account(pool, root, bytes(20))
    assert refusal.value.address == bytes(20)
    with pytest.raises(AbsentAccount):
        verify_account(NodePool([]), EMPTY_ROOT, ADDRESS)


def test_an_account_of_another_state_is_not_assumed() -> None:
    pool, _ = state(reference.encode(GOOD))
    with pytest.raises(MissingNode) as refusal:
        verify_account(pool, bytes(32), ADDRESS)
    assert refusal.value.node_hash == bytes(32)


NUMBER = "needed a number of at most {} bytes without leading zeros"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (rlp.encode(b"x" * 70), "needed a list of nonce, balance, storage root and code hash"),
        (rlp.encode(GOOD[:3]), "needed a list of nonce, balance, storage root and code hash"),
        (rlp.encode([*GOOD, b""]), "needed a list of nonce, balance, storage root and code hash"),
        (rlp.encode(GOOD) + b"\0", "found 2 items, needed 1"),
        (rlp.encode([b"\0", *GOOD[1:]]), NUMBER.format(8)),
        (rlp.encode([b"\1" * 9, *GOOD[1:]]), NUMBER.format(8)),
        (rlp.encode([GOOD[0], b"\0\1", *GOOD[2:]]), NUMBER.format(32)),
        (rlp.encode([*GOOD[:2], b"", CODE_HASH]), "storage root: needed 32 bytes"),
        (rlp.encode([*GOOD[:3], CODE_HASH[1:]]), "code hash: needed 32 bytes"),
        (rlp.encode([*GOOD[:3], [CODE_HASH]]), "code hash: needed 32 bytes"),
    ],
)
def test_a_value_that_is_not_an_account_is_refused(value: bytes, reason: str) -> None:
    pool, root = state(value)
    with pytest.raises(UnreadableValue) as refusal:
        verify_account(pool, root, ADDRESS)
    assert refusal.value.what == "account 0x000102030405060708090a0b0c0d0e0f10111213"
    assert refusal.value.reason == reason
