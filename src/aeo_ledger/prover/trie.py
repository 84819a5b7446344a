"""A contract's storage as a Merkle-Patricia trie in memory: it proves words, and takes the changes of a block.

A trie never changes. `changed` makes another one, which shares with the old one what is the same. So a reader of the old trie is not
disturbed and needs no lock, and old nodes disappear with their last reader.

A leaf is kept as its key and word, 64 bytes. Its node is encoded when a proof needs it; its hash is in its parent. A branch is kept as it
is encoded, together with the extension above it if there is one. 100,000 words take 30 MB.

Source: Ethereum Yellow Paper, appendix D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT, encode_path, refer

Row: TypeAlias = bytes
"""A hashed slot and its word, 32 bytes each."""

_NO_WORD: Final = bytes(32)
_NO_CHILD: Final = rlp.encode(b"")
_HASH_HEAD: Final = 0xA0
"""First byte of an encoded hash; of an encoded list that is shorter, it is `_LIST_HEAD` and the length."""
_LIST_HEAD: Final = 0xC0


class Fork:
    """Two or more rows: a branch where their keys part, and the extension above it for the nibbles that they share.

    Args:
        depth: Nibbles that the rows share, counted from the root.
        above: Nibbles that lead to this place of the trie; the extension covers those from `above` to `depth`.
        row: Any row of these, to know the shared nibbles.
        children: What is under each nibble.
        items: How the branch refers to each child.
    """

    __slots__ = ("children", "depth", "extension", "raw", "row")

    def __init__(self, depth: int, above: int, row: Row, children: Sequence[Node], items: Sequence[bytes]) -> None:
        self.depth, self.row, self.children = depth, row, tuple(children)
        self.raw = rlp.encode_list(b"".join(items) + _NO_CHILD)
        self.extension = self._extend(above)

    def placed(self, above: int) -> Fork:
        """Return the same rows at another place on their path."""
        return Fork(self.depth, above, self.row, self.children, self.items())

    def items(self) -> list[bytes]:
        """Split the encoded branch into its references to the children: hashes, or nodes shorter than 32 bytes."""
        raw, items = self.raw, []
        at = 1 if raw[0] <= 0xF7 else raw[0] - 0xF7 + 1
        for _ in self.children:
            head = raw[at]
            end = at + (33 if head == _HASH_HEAD else 1 + max(0, head - _LIST_HEAD))
            items.append(raw[at:end])
            at = end
        return items

    def _extend(self, above: int) -> bytes:
        if above == self.depth:
            return b""
        return rlp.encode_list(encode_path(self.row.hex()[above : self.depth], leaf=False) + refer(self.raw))


Node: TypeAlias = Fork | Row | None
"""What is at a place of a trie: several rows, one or none."""


class Trie:
    """The words of one contract by hashed slot. A word that is not there is 0."""

    __slots__ = ("_top", "root")

    def __init__(self, top: Node = None) -> None:
        self._top = top
        self.root: bytes = EMPTY_ROOT if top is None else keccak256(_encode(top, 0))
        """The storage root, 32 bytes."""

    def changed(self, rows: Sequence[Row]) -> Trie:
        """Make the trie in which some words are others.

        Args:
            rows: Ascending, each key once. A word of 0 removes what is there.
        """
        needed = [row for row in rows if row[32:] != _NO_WORD or self.read(row[:32]) != _NO_WORD]
        return Trie(_change(self._top, needed, 0)) if needed else self

    def read(self, key: bytes) -> bytes:
        """Read the word under a hashed slot, 32 bytes."""
        node = self._top
        while isinstance(node, Fork):
            node = node.children[_nibble(key, node.depth)]
        return node[32:] if node is not None and node.startswith(key) else _NO_WORD

    def prove(self, key: bytes) -> Iterator[bytes]:
        """Yield the nodes, root first, that prove the word under a hashed slot, or that there is none.

        A node shorter than 32 bytes is inside its parent, so it is not listed again, unless it is the root.
        """
        node, above, nibbles = self._top, 0, key.hex()
        while isinstance(node, Fork):
            if node.extension:
                if _is_listed(node.extension, above):
                    yield node.extension
                if node.row.hex()[above : node.depth] != nibbles[above : node.depth]:
                    return
                above = node.depth
            if _is_listed(node.raw, above):
                yield node.raw
            above = node.depth + 1
            node = node.children[_nibble(key, node.depth)]
        if node is not None and _is_listed(raw := _encode(node, above), above):
            yield raw

    def rows(self) -> Iterator[Row]:
        """Yield all rows, ascending."""
        waiting = [self._top]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Fork):
                waiting.extend(reversed(node.children))
            elif node is not None:
                yield node


EMPTY: Final = Trie()
"""The trie without words."""


def _change(node: Node, rows: list[Row], above: int) -> Node:
    """Change some rows at a place of the trie to which their first `above` nibbles lead; those to remove are there."""
    if node is None and len(rows) == 1:  # most of what a start builds
        return rows[0]
    children: list[Node] = [None] * 16
    items = [_NO_CHILD] * 16
    if isinstance(node, Fork):
        depth = min(node.depth, _shared(node.row, rows[0]), _shared(node.row, rows[-1]))
        if depth == node.depth:
            children, items = list(node.children), node.items()
        else:
            moved = node.placed(depth + 1)
            place = _nibble(node.row, depth)
            children[place], items[place] = moved, refer(_encode(moved, depth + 1))
    else:
        if node is not None:
            rows = _merge(node, rows)
        if len(rows) < 2:
            return rows[0] if rows else None
        depth = _shared(rows[0], rows[-1])
    for nibble, part in groupby(rows, lambda row: _nibble(row, depth)):
        child = children[nibble] = _change(children[nibble], list(part), depth + 1)
        items[nibble] = _NO_CHILD if child is None else refer(_encode(child, depth + 1))
    left = [child for child in children if child is not None]
    if len(left) > 1:
        return Fork(depth, above, rows[0], children, items)
    only = left[0] if left else None
    return only.placed(above) if isinstance(only, Fork) else only


def _merge(row: Row, rows: list[Row]) -> list[Row]:
    """Add a row to those that change, unless one of them replaces it; drop those that remove it."""
    if not any(other.startswith(row[:32]) for other in rows):
        rows = sorted([*rows, row])
    return [one for one in rows if one[32:] != _NO_WORD]


def _encode(node: Fork | Row, above: int) -> bytes:
    """Encode the node to which a parent refers, `above` nibbles below the root."""
    if isinstance(node, Fork):
        return node.extension or node.raw
    word = rlp.encode_bytes(node[32:].lstrip(b"\0"))
    return rlp.encode_list(encode_path(node[:32].hex()[above:], leaf=True) + rlp.encode_bytes(word))


def _is_listed(node: bytes, above: int) -> bool:
    return above == 0 or len(node) >= 32


def _nibble(key: bytes, place: int) -> int:
    return key[place >> 1] & 15 if place & 1 else key[place >> 1] >> 4


def _shared(one: Row, other: Row) -> int:
    """Count the nibbles that two different keys share."""
    differs = int.from_bytes(one[:32], "big") ^ int.from_bytes(other[:32], "big")
    return (256 - differs.bit_length()) >> 2
