"""The Merkle-Patricia trie: what stands under a key, proven by nodes that anybody may have collected.

Nodes come as one pool, looked up by hash, so a thousand proofs share the nodes near the root and pay for them once. A
walk follows hashes from a trusted root; a node that is not what its parent committed to cannot be found at all. What it
finds is judged as strictly as an honest trie is built: every trie has one form, and whatever no insertion would leave
behind is refused rather than interpreted.

Source: Ethereum Yellow Paper, appendix D.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias, Union

from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.errors.verify import MissingNode, OversizedPool, RepeatedNode, SurplusNodes, UnreadableNode
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256

EMPTY_ROOT = keccak256(rlp.encode(b""))
"""Root of a trie that holds nothing."""

MAX_NODE_BYTES = 1024
"""Longest node read: a branch has at most 532 bytes, an account's leaf fewer than 160."""

MAX_NODES = 1 << 18
"""Most nodes in one pool: a hundred thousand proofs share fewer."""

_KEY_NIBBLES = 64
"""Nibbles of a key: all keys are hashes."""


_HASHED_BRANCH = re.compile(rb"(?:\xa0(.{32})|\x80)" * 16 + rb"\x80", re.DOTALL)
"""The payload of a branch without a value whose children are hashes of 32 bytes, or none."""


class _Leaf(NamedTuple):
    path: str
    """The rest of the key, one hexadecimal digit a nibble."""
    value: bytes


class _Extension(NamedTuple):
    path: str
    """The nibbles that all keys below share."""
    child: _Child


class _Branch(NamedTuple):
    children: Sequence[_Child]
    """One for each nibble; empty bytes where no key goes on."""


_Node: TypeAlias = _Leaf | _Extension | _Branch
_Child: TypeAlias = Union[bytes, "_Node"]
"""A node's hash, or a node so short that it stands in its parent."""


class NodePool:
    """Trie nodes, looked up by hash; each is hashed once and decoded at most once.

    Args:
        nodes: RLP of the nodes, of any number of tries, in any order.

    Raises:
        OversizedPool: There are more than `MAX_NODES`, or one has more than `MAX_NODE_BYTES`.
        RepeatedNode: One is given twice.
    """

    __slots__ = ("_decoded", "_raw", "_short")

    def __init__(self, nodes: Iterable[bytes]) -> None:
        self._raw: dict[bytes, bytes] = {}
        self._decoded: dict[bytes, _Node] = {}
        self._short: set[bytes] = set()
        for node in nodes:
            if len(node) > MAX_NODE_BYTES:
                raise OversizedPool(what="bytes of a trie node", found=len(node), limit=MAX_NODE_BYTES)
            node_hash = keccak256(node)
            if node_hash in self._raw:
                raise RepeatedNode(node_hash=node_hash)
            if len(self._raw) == MAX_NODES:
                raise OversizedPool(what="trie nodes", found=MAX_NODES + 1, limit=MAX_NODES)
            self._raw[node_hash] = node
            if len(node) < 32:
                self._short.add(node_hash)

    def walk(self, root: bytes, key: bytes) -> bytes | None:
        """Find what a trie holds under a key.

        Args:
            root: The trie's root, 32 bytes, trusted.
            key: 32 bytes, already hashed.

        Returns:
            The value under the key, or None if the nodes prove that there is none.

        Raises:
            MissingNode: The pool lacks a node on the way.
            UnreadableNode: A node on the way has a form that no honest trie has.
        """
        nibbles = key.hex()
        if len(nibbles) != _KEY_NIBBLES:
            raise ValueError(f"a key has 32 bytes, not {len(key)}")
        if root == EMPTY_ROOT:
            return None
        within, depth = root, 0
        node = self._fetch(root)
        while not isinstance(node, _Leaf):
            if isinstance(node, _Branch):
                if depth == _KEY_NIBBLES:
                    raise UnreadableNode(node_hash=within, reason="a branch behind the key's last nibble")
                child = node.children[int(nibbles[depth], 16)]
                depth += 1
                if not child:
                    return None
            else:
                child = node.child
                if depth + len(node.path) >= _KEY_NIBBLES:
                    raise UnreadableNode(node_hash=within, reason="an extension that leaves the key no nibble")
                if not nibbles.startswith(node.path, depth):
                    return None
                depth += len(node.path)
            if isinstance(child, bytes):
                within, child = child, self._fetch_child(child)
            if isinstance(node, _Extension) and not isinstance(child, _Branch):
                raise UnreadableNode(node_hash=within, reason="an extension leads to no branch")
            node = child
        if len(node.path) != _KEY_NIBBLES - depth:
            raise UnreadableNode(node_hash=within, reason="a leaf ends elsewhere than the key")
        return node.value if nibbles.endswith(node.path) else None

    def unused(self) -> frozenset[bytes]:
        """Name the nodes, by hash, that no walk has come by."""
        return frozenset(self._raw.keys() - self._decoded.keys())

    def refuse_surplus(self) -> None:
        """Refuse a pool that holds more than what was asked for needed: evidence has one form, and no room for cargo.

        Raises:
            SurplusNodes: A node is left that no walk has come by.
        """
        if len(self._raw) > len(self._decoded):
            raise SurplusNodes(count=len(self._raw) - len(self._decoded))

    def _fetch_child(self, node_hash: bytes) -> _Node:
        if node_hash in self._short:
            raise UnreadableNode(node_hash=node_hash, reason="a node below 32 bytes stands outside its parent")
        return self._fetch(node_hash)

    def _fetch(self, node_hash: bytes) -> _Node:
        node = self._decoded.get(node_hash)
        if node is None:
            raw = self._raw.get(node_hash)
            if raw is None:
                raise MissingNode(node_hash=node_hash)
            try:
                node = self._decoded[node_hash] = _hashed_branch(raw) or _plain_leaf(raw) or _node(rlp.decode(raw))
            except MalformedRlp as error:
                raise UnreadableNode(node_hash=node_hash, reason=error.reason) from error
        return node


def _hashed_branch(raw: bytes) -> _Branch | None:
    """Read a branch of which every child is a hash, as nearly all are; None for any other node, which is read at length.

    One look of a regular expression takes a tenth of the time of decoding seventeen items.
    """
    size = 2 if raw[:1] == b"\xf8" else 3
    if size == 2:
        is_list = len(raw) > 57 and raw[1] == len(raw) - 2
    else:
        is_list = raw[:1] == b"\xf9" and len(raw) > 258 and int.from_bytes(raw[1:3], "big") == len(raw) - 3
    found = _HASHED_BRANCH.fullmatch(raw, size) if is_list else None
    if found is None:
        return None
    children = found.groups(b"")
    return _Branch(children) if children.count(b"") <= 14 else None


def _plain_leaf(raw: bytes) -> _Leaf | None:
    """Read a leaf in its commonest form; None for any other node, which is read at length and judged there."""
    if len(raw) < 32:
        return None
    at = 2 if raw[0] == 0xF8 else 1
    if (raw[1] != len(raw) - 2 or raw[1] < 56) if at == 2 else raw[0] != 0xBF + len(raw) or len(raw) > 56:
        return None
    middle = at + 1 + raw[at] - 0x80
    if not at + 3 <= middle < len(raw) - 2 or middle > at + 34:
        return None
    long = raw[middle] == 0xB8
    start = middle + 2 if long else middle + 1
    found = raw[middle + 1] if long else raw[middle] - 0x80
    if found != len(raw) - start or (found < 56 if long else not 2 <= found <= 55):
        return None
    prefix = raw[at + 1 : middle].hex()
    if prefix[0] == "3":
        return _Leaf(prefix[1:], raw[start:])
    return _Leaf(prefix[2:], raw[start:]) if prefix[:2] == "20" else None


def _node(item: rlp.Item) -> _Node:
    """Give a decoded item its meaning as a node, and refuse every form that an honest trie cannot have."""
    if isinstance(item, list):
        if len(item) == 17:
            return _branch(item)
        if len(item) == 2:
            return _short(item[0], item[1])
    raise MalformedRlp(reason="a node is a list of 17 or of 2")


def _branch(items: list[rlp.Item]) -> _Branch:
    if items.pop() != b"":
        raise MalformedRlp(reason="a branch holds a value, though all keys are of one length")
    if items.count(b"") > 14:
        raise MalformedRlp(reason="a branch has fewer than two children")
    return _Branch([item if item == b"" else _child(item) for item in items])


def _short(encoded: rlp.Item, item: rlp.Item) -> _Leaf | _Extension:
    """Read a leaf or an extension: flag and nibbles, hex-prefix encoded, then value or child."""
    prefix = encoded.hex() if isinstance(encoded, bytes) else ""
    if prefix[:2] not in {"00", "20"} and prefix[:1] not in {"1", "3"}:
        raise MalformedRlp(reason="a path is not hex-prefix encoded")
    path = prefix[1:] if prefix[0] in "13" else prefix[2:]
    if prefix[0] in "23":
        if not isinstance(item, bytes) or not item:
            raise MalformedRlp(reason="a leaf holds no value")
        return _Leaf(path, item)
    if not path:
        raise MalformedRlp(reason="an extension has no path")
    return _Extension(path, _child(item))


def _child(item: rlp.Item) -> _Child:
    if isinstance(item, bytes):
        if len(item) != 32:
            raise MalformedRlp(reason="a child is neither a hash nor a node")
        return item
    if len(rlp.encode(item)) >= 32:
        raise MalformedRlp(reason="a child of 32 bytes or more stands in its parent")
    return _node(item)
