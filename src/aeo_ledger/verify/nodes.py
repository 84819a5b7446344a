"""Trie nodes, and the plain reader: it accepts every form in an honest trie, and gives a reason against any other.

All keys of this project's tries are hashes, so no key ends within another and no branch holds a value. A trie has exactly one
form: what no insertion can produce is refused. `fast_nodes` reads the two most common forms with less work. This reader is
sufficient without it.

Source: Ethereum Yellow Paper, appendix D.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, Union

from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.primitives import rlp


class Leaf(NamedTuple):
    """The end of one key."""

    path: str
    """The rest of the key, one hexadecimal digit per nibble."""
    value: bytes


class Extension(NamedTuple):
    """Nibbles that several keys share."""

    path: str
    """The nibbles that all keys below share, one hexadecimal digit per nibble."""
    child: Child


Branch: TypeAlias = tuple["Child", ...]
"""Sixteen children, one per nibble; empty bytes where no key continues."""

Node: TypeAlias = Leaf | Extension | Branch

Child: TypeAlias = Union[bytes, "Node"]
"""The hash of a node, or a node of fewer than 32 bytes that is embedded in its parent."""


def read_node(raw: bytes) -> Node:
    """Read the RLP of a node.

    Raises:
        MalformedRlp: It is not canonical RLP, or no honest trie has such a node.
    """
    return _node(rlp.decode(raw))


def _node(item: rlp.Item) -> Node:
    if isinstance(item, list):
        if len(item) == 17:
            return _branch(item)
        if len(item) == 2:
            return _leaf_or_extension(item[0], item[1])
    raise MalformedRlp(reason="found another form, needed a list of 17 or 2 items")


def _branch(items: list[rlp.Item]) -> Branch:
    if items.pop() != b"":
        raise MalformedRlp(reason="a branch holds a value, although all keys have one length")
    if items.count(b"") > 14:
        raise MalformedRlp(reason="a branch has fewer than two children")
    return tuple([item if item == b"" else _child(item) for item in items])


def _leaf_or_extension(encoded: rlp.Item, item: rlp.Item) -> Leaf | Extension:
    """Read a flag and nibbles in hex-prefix encoding, and the value or child after them."""
    prefix = encoded.hex() if isinstance(encoded, bytes) else ""
    if prefix[:2] not in {"00", "20"} and prefix[:1] not in {"1", "3"}:
        raise MalformedRlp(reason="a path is not hex-prefix encoded")
    path = prefix[1:] if prefix[0] in "13" else prefix[2:]
    if prefix[0] in "23":
        if not isinstance(item, bytes) or not item:
            raise MalformedRlp(reason="a leaf holds no value")
        return Leaf(path, item)
    if not path:
        raise MalformedRlp(reason="an extension has no path")
    return Extension(path, _child(item))


def _child(item: rlp.Item) -> Child:
    if isinstance(item, bytes):
        if len(item) != 32:
            raise MalformedRlp(reason="a child is neither a hash nor a node")
        return item
    if len(rlp.encode(item)) >= 32:
        raise MalformedRlp(reason="a child of 32 bytes or more is embedded in its parent")
    return _node(item)
