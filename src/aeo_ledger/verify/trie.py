"""The Merkle-Patricia trie: the value under a key, proven by nodes from any source.

The nodes are one pool, looked up by hash, so a thousand proofs share the nodes near the root. A walk follows hashes from a
trusted root, so it can only find nodes that their parents committed to. `nodes` says which forms a node can have. The walk
refuses forms that are wrong only because of the path to the node.

Source: Ethereum Yellow Paper, appendix D.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.errors.verify import MissingNode, OversizedPool, RepeatedNode, SurplusNodes, UnreadableNode
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.verify.fast_nodes import read_fast
from aeo_ledger.verify.nodes import Extension, Leaf, Node, read_node

MAX_NODE_BYTES: Final = 1024
"""Longest node that is read: a branch has at most 532 bytes, an account's leaf fewer than 160."""

MAX_NODES: Final = 1 << 18
"""Most nodes in one pool. A hundred thousand proofs share fewer."""

_KEY_NIBBLES: Final = 64
"""Nibbles of a key. All keys are hashes."""


class NodePool:
    """Trie nodes, looked up by hash. Each is hashed once and decoded at most once.

    Args:
        nodes: RLP of the nodes, of any number of tries, in any order.

    Raises:
        OversizedPool: There are more than `MAX_NODES`, or one has more than `MAX_NODE_BYTES`.
        RepeatedNode: A node is given twice.
    """

    __slots__ = ("_decoded", "_raw", "_short")

    def __init__(self, nodes: Iterable[bytes]) -> None:
        self._raw: dict[bytes, bytes] = {}
        self._decoded: dict[bytes, Node] = {}
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
        """Find the value under a key of a trie.

        Args:
            root: The trie's root, 32 bytes, trusted.
            key: 32 bytes, already hashed.

        Returns:
            The value under the key, or None if the nodes prove that there is none.

        Raises:
            MissingNode: The pool lacks a node on the path.
            UnreadableNode: A node on the path has a form that no honest trie has.
        """
        nibbles = key.hex()
        if len(nibbles) != _KEY_NIBBLES:
            raise ValueError(f"a key has 32 bytes, not {len(key)}")
        if root == EMPTY_ROOT:
            return None
        within, depth = root, 0
        node = self._fetch(root)
        while not isinstance(node, Leaf):
            if isinstance(node, Extension):
                child = node.child
                if depth + len(node.path) >= _KEY_NIBBLES:
                    raise UnreadableNode(node_hash=within, reason="an extension leaves no nibble of the key")
                if not nibbles.startswith(node.path, depth):
                    return None
                depth += len(node.path)
            else:
                if depth == _KEY_NIBBLES:
                    raise UnreadableNode(node_hash=within, reason="a branch after the key's last nibble")
                child = node[int(nibbles[depth], 16)]
                depth += 1
                if not child:
                    return None
            if isinstance(child, bytes):
                within, child = child, self._fetch_child(child)
            if isinstance(node, Extension) and isinstance(child, Leaf | Extension):
                raise UnreadableNode(node_hash=within, reason="an extension does not lead to a branch")
            node = child
        if len(node.path) != _KEY_NIBBLES - depth:
            raise UnreadableNode(node_hash=within, reason="a leaf does not end where the key ends")
        return node.value if nibbles.endswith(node.path) else None

    def unused(self) -> frozenset[bytes]:
        """List the nodes, by hash, that no walk has reached."""
        return frozenset(self._raw.keys() - self._decoded.keys())

    def refuse_surplus(self) -> None:
        """Refuse a pool with nodes that were not needed. Evidence has one form, without room for other data.

        Raises:
            SurplusNodes: No walk has reached one of the nodes.
        """
        if len(self._raw) > len(self._decoded):
            raise SurplusNodes(count=len(self._raw) - len(self._decoded))

    def _fetch_child(self, node_hash: bytes) -> Node:
        if node_hash in self._short:
            raise UnreadableNode(node_hash=node_hash, reason="a node below 32 bytes is not embedded in its parent")
        return self._decoded.get(node_hash) or self._fetch(node_hash)

    def _fetch(self, node_hash: bytes) -> Node:
        node = self._decoded.get(node_hash)
        if node is None:
            raw = self._raw.get(node_hash)
            if raw is None:
                raise MissingNode(node_hash=node_hash)
            try:
                node = self._decoded[node_hash] = read_fast(raw) or read_node(raw)
            except MalformedRlp as error:
                raise UnreadableNode(node_hash=node_hash, reason=error.reason) from error
        return node
