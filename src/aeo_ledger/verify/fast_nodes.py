"""The fast reader of trie nodes: the two forms that nearly all nodes have, without decoding their items one by one.

Its grammar, in which `list` and `string` are canonical RLP:

    node    = branch / leaf
    branch  = list(16 child, 0x80)           at least two children are hashes
    child   = 0xa0 32BYTE / 0x80             a hash, or no child
    leaf    = list(path, value)              32 to 257 bytes in total
    path    = string(0x20 nibbles) / string(0x3N nibbles), of 2 to 33 bytes
    value   = string                         of at least 2 bytes

It refuses nothing. For a node outside this grammar, honest or not, it returns None, and the plain reader (`nodes`) reads and
judges the node. For a node inside the grammar both return the same. A test compares them on arbitrary bytes.

The gain, measured with CPython 3.11 over 50,000 standings: a branch is read in a quarter of the time (2.4 us, not 10), a leaf in
half. One recognition of a batch of 1,000 is verified in 27 us instead of 37 us, one alone in 165 us instead of 240 us. Tests also
verify whole batches and all vectors without this module.

Source: Ethereum Yellow Paper, appendices B and D.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from aeo_ledger.primitives import rlp
from aeo_ledger.verify.nodes import Branch, Leaf


def _heads(encode: Callable[[bytes], bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """List the heads of encodings with payloads of these sizes, by the length of the whole encoding."""
    return {len(encoded): encoded[: len(encoded) - size] for size in sizes for encoded in (encode(bytes(size)),)}


_CHILDREN: Final = re.compile(rb"(?:\xa0(.{32})|\x80)" * 16 + rb"\x80", re.DOTALL)
"""The payload of a branch."""

_BRANCH_HEADS: Final = _heads(rlp.encode_list, range(17 + 2 * 32, 17 + 16 * 32 + 1, 32))
"""The head of a branch, by its length. Two to sixteen of its children are hashes."""

_LEAF_HEADS: Final = _heads(rlp.encode_list, range(31, 256))
"""The head of a leaf, by its length."""

_VALUE_HEADS: Final = _heads(rlp.encode_bytes, range(2, 256))
"""The head of an encoded value, by its length."""


def read_fast(raw: bytes) -> Branch | Leaf | None:
    """Read the RLP of a node in the grammar; None for any other node."""
    return _read_branch(raw) or _read_leaf(raw)


def _read_branch(raw: bytes) -> Branch | None:
    head = _BRANCH_HEADS.get(len(raw))
    if head is None or not raw.startswith(head):
        return None
    found = _CHILDREN.fullmatch(raw, len(head))
    return None if found is None else found.groups(b"")


def _read_leaf(raw: bytes) -> Leaf | None:
    head = _LEAF_HEADS.get(len(raw))
    if head is None or not raw.startswith(head):
        return None
    start = len(head) + 1
    end = start + raw[start - 1] - 0x80
    value_head = _VALUE_HEADS.get(len(raw) - end)
    if not start + 2 <= end <= start + 33 or value_head is None or not raw.startswith(value_head, end):
        return None
    prefix = raw[start:end].hex()
    if prefix[0] == "3":
        path = prefix[1:]
    elif prefix[:2] == "20":
        path = prefix[2:]
    else:
        return None
    return Leaf(path, raw[end + len(value_head) :])
