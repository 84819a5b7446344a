"""All words of one contract, proven at once: the storage trie is rebuilt, so no word can be missing or added."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from aeo_ledger.errors.verify import RepeatedSlot, WrongStorageRoot
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.account import ProvenAccount

_ROW = 64
"""Bytes of a hashed slot with its word."""


class WordTable:
    """All words by slot. A word that is not listed is 0. Only `verify_words` makes one.

    Rows follow each other in order. The first eight bytes of each key are kept apart for the search. A word takes about 72 bytes,
    where a dict takes three times as much.
    """

    __slots__ = ("_heads", "_rows")

    def __init__(self, rows: list[bytes]) -> None:
        self._heads = array("Q", (int.from_bytes(row[:8], "big") for row in rows))
        self._rows = b"".join(rows)

    def __len__(self) -> int:
        """Count the words."""
        return len(self._heads)

    def read(self, slot: int) -> int:
        """Read the word at a slot, given by its number and not hashed; 0 means proven absent."""
        key = keccak256(slot.to_bytes(32, "big"))
        head = int.from_bytes(key[:8], "big")
        at = bisect_left(self._heads, head)
        while at < len(self._heads) and self._heads[at] == head:
            start = at * _ROW
            if self._rows[start : start + 32] == key:
                return int.from_bytes(self._rows[start + 32 : start + _ROW], "big")
            at += 1
        return 0

    def rows(self) -> Iterator[bytes]:
        """Yield each word as (hashed slot, word), 64 bytes each, by hashed slot."""
        return (self._rows[at : at + _ROW] for at in range(0, len(self._rows), _ROW))


def verify_words(contract: Contract, account: ProvenAccount, rows: Iterable[bytes]) -> WordTable:
    """Prove that these words are the whole storage of a contract.

    Args:
        contract: Name for the error.
        account: Account whose storage root the words must have.
        rows: Hashed slot and word, 64 bytes each, in any order.

    Raises:
        RepeatedSlot: A slot is repeated.
        WrongStorageRoot: A word is missing, added or altered.

    Source: Ethereum Yellow Paper, section 4.1.
    """
    ordered = sorted(rows)
    for one, other in pairwise(ordered):
        if one[:32] == other[:32]:
            raise RepeatedSlot(contract=contract, hashed_slot=one[:32])
    root = derive_root((row[:32], rlp.encode_bytes(row[32:].lstrip(b"\0"))) for row in ordered)
    if root != account.storage_root:
        raise WrongStorageRoot(contract=contract, words=len(ordered), found=root, needed=account.storage_root)
    return WordTable(ordered)
