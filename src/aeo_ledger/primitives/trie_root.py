"""Compute the root of a Merkle-Patricia trie from all its items, without storing the trie.

Keys arrive in ascending order, so a node is complete when the next key leaves it. Memory holds the branches of one path
only, however large the trie.

Source: Ethereum Yellow Paper, appendix D.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256

EMPTY_ROOT: Final = keccak256(rlp.encode(b""))
"""Root of an empty trie."""

_KEY_BYTES: Final = 32
_HASH_HEAD: Final = rlp.encode(bytes(32))[:1]
"""First byte of an encoded hash that refers to a node."""
_EMPTY: Final = (rlp.encode(b""),) * 17
"""Items of a branch without children: sixteen children and a value."""


def derive_root(items: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Compute the root, 32 bytes.

    Args:
        items: Keys of 32 bytes (already hashed), strictly ascending, each with a value that is not empty.

    Raises:
        ValueError: A key does not have 32 bytes, or does not ascend. This is a programming error: claims are checked before.
    """
    root = EMPTY_ROOT
    open_branches: list[tuple[int, list[bytes]]] = []  # depth in nibbles, items; each deeper than the one before
    for path, value, shared in _with_next(items):
        top = open_branches[-1][0] if open_branches else -1
        if shared > top:
            top = shared
            open_branches.append((top, list(_EMPTY)))
        node = rlp.encode_list(encode_path(path[top + 1 :], leaf=True) + rlp.encode_bytes(value))
        if top < 0:
            return keccak256(node)
        open_branches[-1][1][int(path[top], 16)] = refer(node)
        while open_branches and open_branches[-1][0] > shared:
            depth, children = open_branches.pop()
            node = rlp.encode_list(b"".join(children))
            above = max(shared, open_branches[-1][0] if open_branches else -1)
            if depth > above + 1:
                node = rlp.encode_list(encode_path(path[above + 1 : depth], leaf=False) + refer(node))
            if above < 0:
                root = keccak256(node)
                break
            if not open_branches or open_branches[-1][0] < above:
                open_branches.append((above, list(_EMPTY)))
            open_branches[-1][1][int(path[above], 16)] = refer(node)
    return root


def _with_next(items: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, bytes, int]]:
    """Yield each key's nibbles, its value, and how many nibbles the next key shares with it; -1 after the last key."""
    path, kept, previous = "", b"", -1
    for key, value in items:
        if len(key) != _KEY_BYTES:
            raise ValueError(f"a key has 32 bytes, not {len(key)}")
        number = int.from_bytes(key, "big")
        if number <= previous:
            raise ValueError("keys do not ascend")
        if previous >= 0:
            yield path, kept, (256 - (number ^ previous).bit_length()) >> 2
        path, kept, previous = key.hex(), value, number
    if previous >= 0:
        yield path, kept, -1


def encode_path(nibbles: str, *, leaf: bool) -> bytes:
    """Encode nibbles with their flag (hex prefix), as RLP bytes."""
    is_odd = len(nibbles) & 1
    flag = ("3" if is_odd else "20") if leaf else ("1" if is_odd else "00")
    return rlp.encode_bytes(bytes.fromhex(flag + nibbles))


def refer(node: bytes) -> bytes:
    """Refer to a node as its parent does: by its hash, or by the node itself if that is shorter."""
    return node if len(node) < 32 else _HASH_HEAD + keccak256(node)
