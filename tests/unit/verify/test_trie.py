from __future__ import annotations

from typing import Any

import pytest
import rlp as reference
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from aeo_ledger.errors.verify import MissingNode, OversizedPool, RepeatedNode, SurplusNodes, UnreadableNode
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.verify import trie as trie_module
from aeo_ledger.verify.fast_nodes import read_fast
from aeo_ledger.verify.trie import MAX_NODE_BYTES, NodePool

pytestmark = pytest.mark.usefixtures("each_node_reader")

# --- against an independent implementation ----------------------------------------------------------------------------

STEMS = st.sampled_from([b"", b"\x12", b"\x12" * 16, b"\x12" * 29, b"\x12" * 31])
KEYS = st.builds(lambda stem, rest: stem + rest[len(stem) :], STEMS, st.binary(min_size=32, max_size=32))
"""Keys alike for long make extensions, and leaves so short that they stand in their parents."""
TRIES = st.dictionaries(KEYS, st.binary(min_size=1, max_size=40), max_size=40)


def built(content: dict[bytes, bytes]) -> HexaryTrie:
    trie = HexaryTrie({}, prune=True)
    for key, value in content.items():
        trie[key] = value
    return trie


def proof(trie: HexaryTrie, key: bytes) -> list[bytes]:
    """List the nodes on the path to a key, except those embedded in their parents."""
    encoded = [reference.encode(node) for node in trie.get_proof(key)]
    return [node for at, node in enumerate(encoded) if node != b"\x80" and (at == 0 or len(node) >= 32)]


@given(content=TRIES, absent=st.lists(KEYS, max_size=10))
def test_a_shared_pool_proves_what_the_reference_holds_and_what_it_lacks(
    content: dict[bytes, bytes], absent: list[bytes]
) -> None:
    trie = built(content)
    pool = NodePool(node for node in trie.db.values() if node != b"\x80")
    for key in [*content, *absent]:
        assert pool.walk(trie.root_hash, key) == content.get(key)
    for key, value in content.items():
        assert pool.walk(trie.root_hash, key) == value
    pool.refuse_surplus()


@given(content=TRIES, absent=st.lists(KEYS, max_size=3))
def test_a_single_proof_is_used_up_and_each_node_of_it_needed(content: dict[bytes, bytes], absent: list[bytes]) -> None:
    trie = built(content)
    for key in [*list(content)[:3], *absent]:
        nodes = proof(trie, key)
        pool = NodePool(nodes)
        assert pool.walk(trie.root_hash, key) == content.get(key)
        assert not pool.unused()
        for at, node in enumerate(nodes):
            with pytest.raises(MissingNode) as refusal:
                NodePool(nodes[:at] + nodes[at + 1 :]).walk(trie.root_hash, key)
            assert refusal.value.node_hash == keccak256(node)


@given(content=TRIES.filter(bool), data=st.data())
def test_any_altered_byte_leaves_the_claim_unproven(content: dict[bytes, bytes], data: st.DataObject) -> None:
    trie, key = built(content), next(iter(content))
    nodes = proof(trie, key)
    at = data.draw(st.integers(0, len(nodes) - 1))
    place = data.draw(st.integers(0, len(nodes[at]) - 1))
    altered = bytearray(nodes[at])
    altered[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(MissingNode) as refusal:
        NodePool([*nodes[:at], bytes(altered), *nodes[at + 1 :]]).walk(trie.root_hash, key)
    assert refusal.value.node_hash == keccak256(nodes[at])


# --- the pool ---------------------------------------------------------------------------------------------------------


def path(nibbles: str, *, leaf: bool) -> bytes:
    """Hex-prefix encode nibbles, given as hexadecimal digits."""
    flag = 2 * leaf + len(nibbles) % 2
    return bytes.fromhex(f"{flag}{'' if len(nibbles) % 2 else '0'}{nibbles}")


def branch(**children: rlp.Encodable) -> list[rlp.Encodable]:
    """Make a branch of children named by their nibbles: n0 to nf."""
    return [children.get(f"n{nibble:x}", b"") for nibble in range(16)] + [b""]


KEY = keccak256(b"key")
NIBBLES = KEY.hex()
VALUE = b"value of the key"
LEAF = rlp.encode([path(NIBBLES[1:], leaf=True), VALUE])
FORK = rlp.encode(branch(**{f"n{NIBBLES[0]}": keccak256(LEAF), f"n{int(NIBBLES[0], 16) ^ 1:x}": bytes([7] * 32)}))


def walk(*nodes: bytes, key: bytes = KEY) -> bytes | None:
    """Walk to a key from the first node given."""
    return NodePool(nodes).walk(keccak256(nodes[0]), key)


def test_the_empty_root_proves_absence_without_a_node() -> None:
    assert EMPTY_ROOT.hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert NodePool([]).walk(EMPTY_ROOT, KEY) is None


def test_the_node_of_an_empty_trie_is_surplus() -> None:
    pool = NodePool([b"\x80"])
    assert pool.walk(EMPTY_ROOT, KEY) is None
    with pytest.raises(SurplusNodes) as refusal:
        pool.refuse_surplus()
    assert refusal.value.count == 1


def test_no_node_proves_nothing_about_another_root() -> None:
    with pytest.raises(MissingNode) as refusal:
        NodePool([]).walk(bytes(32), KEY)
    assert refusal.value.node_hash == bytes(32)


def test_a_node_that_encodes_nothing_is_refused() -> None:
    with pytest.raises(UnreadableNode) as refusal:
        walk(b"\xc0")
    assert refusal.value.reason == "found another form, needed a list of 17 or 2 items"


def test_each_node_is_decoded_once_however_many_walks_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def noted(raw: bytes) -> Any:
        decoded.append(raw)
        return read_fast(raw)

    monkeypatch.setattr(trie_module, "read_fast", noted)
    pool = NodePool([LEAF, FORK])
    assert decoded == []
    for _ in range(3):
        assert pool.walk(keccak256(FORK), KEY) == VALUE
    assert decoded == [FORK, LEAF]


def test_surplus_nodes_are_named_and_refused() -> None:
    pool = NodePool([FORK, LEAF, b"cargo", b"more cargo"])
    assert pool.unused() == {keccak256(node) for node in (FORK, LEAF, b"cargo", b"more cargo")}
    pool.walk(keccak256(FORK), KEY)
    assert pool.unused() == {keccak256(b"cargo"), keccak256(b"more cargo")}
    with pytest.raises(SurplusNodes) as refusal:
        pool.refuse_surplus()
    assert refusal.value.count == 2


def test_a_node_given_twice_is_refused() -> None:
    with pytest.raises(RepeatedNode) as refusal:
        NodePool([FORK, LEAF, FORK])
    assert refusal.value.node_hash == keccak256(FORK)


def test_a_pool_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    NodePool([bytes(MAX_NODE_BYTES)])
    with pytest.raises(OversizedPool) as refusal:
        NodePool([bytes(MAX_NODE_BYTES + 1)])
    assert (refusal.value.found, refusal.value.limit) == (1025, 1024)
    monkeypatch.setattr("aeo_ledger.verify.trie.MAX_NODES", 2)
    NodePool([FORK, LEAF])
    with pytest.raises(OversizedPool) as refusal:
        NodePool([FORK, LEAF, b"a third"])
    assert (refusal.value.found, refusal.value.limit) == (3, 2)


@pytest.mark.parametrize("size", [0, 20, 31, 33, 64])
def test_a_key_of_another_length_is_the_callers_mistake(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        NodePool([LEAF]).walk(EMPTY_ROOT, bytes(size))


# --- forms that no honest trie has, each under a root that commits to it ----------------------------------------------


def extended(nibbles: str, child: rlp.Encodable) -> bytes:
    return rlp.encode([path(nibbles, leaf=False), child])


def test_the_forms_that_honest_tries_have_are_read() -> None:
    below = rlp.encode(branch(**{f"n{NIBBLES[5]}": keccak256(b"x" * 32), f"n{int(NIBBLES[5], 16) ^ 1:x}": bytes(32)}))
    alone = rlp.encode([path(NIBBLES, leaf=True), VALUE])
    assert walk(FORK, LEAF) == VALUE
    assert walk(alone) == VALUE
    assert walk(alone, key=keccak256(b"another")) is None
    assert walk(extended(NIBBLES[1:5], keccak256(below)), below, key=KEY) is None
    assert walk(rlp.encode(branch(**{f"n{int(NIBBLES[0], 16) ^ at:x}": bytes(32) for at in (1, 2)}))) is None


HASH = bytes([7] * 32)
SECOND = f"n{int(NIBBLES[0], 16) ^ 1:x}"
FIRST = f"n{NIBBLES[0]}"


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (b"", "found 0 items, needed 1"),
        (LEAF + b"\0", "found 2 items, needed 1"),
        (LEAF[:-1], "an item ends 1 bytes after the list that holds it"),
        (rlp.encode(b"x" * 40), "found another form, needed a list of 17 or 2 items"),
        (rlp.encode([b"", b"", b""]), "found another form, needed a list of 17 or 2 items"),
        (rlp.encode(branch(n1=HASH, n2=HASH)[:16]), "found another form, needed a list of 17 or 2 items"),
        (rlp.encode([*branch(n1=HASH, n2=HASH), b""]), "found another form, needed a list of 17 or 2 items"),
        (
            rlp.encode([*branch(n1=HASH, n2=HASH)[:16], b"value"]),
            "a branch holds a value, although all keys have one length",
        ),
        (rlp.encode([*branch(n1=HASH, n2=HASH)[:16], []]), "a branch holds a value, although all keys have one length"),
        (rlp.encode(branch()), "a branch has fewer than two children"),
        (rlp.encode(branch(n1=HASH)), "a branch has fewer than two children"),
        (rlp.encode(branch(n1=HASH, n2=HASH[1:])), "a child is neither a hash nor a node"),
        (rlp.encode(branch(n1=HASH, n2=HASH + b"\0")), "a child is neither a hash nor a node"),
        (rlp.encode(branch(n1=HASH, n2=[])), "found another form, needed a list of 17 or 2 items"),
        (
            rlp.encode(branch(n1=HASH, n2=[path("", leaf=True), HASH])),
            "a child of 32 bytes or more is embedded in its parent",
        ),
        (rlp.encode(branch(n1=HASH, n2=[b"\x40", b"v"])), "a path is not hex-prefix encoded"),
        (rlp.encode([b"", VALUE]), "a path is not hex-prefix encoded"),
        (rlp.encode([[b"\x20"], VALUE]), "a path is not hex-prefix encoded"),
        (rlp.encode([b"\x21" + KEY, VALUE]), "a path is not hex-prefix encoded"),
        (rlp.encode([b"\x01" + KEY, HASH]), "a path is not hex-prefix encoded"),
        (rlp.encode([b"\x40" + KEY, VALUE]), "a path is not hex-prefix encoded"),
        (rlp.encode([b"\xf0" + KEY, VALUE]), "a path is not hex-prefix encoded"),
        (rlp.encode([path(NIBBLES, leaf=True), b""]), "a leaf holds no value"),
        (rlp.encode([path(NIBBLES, leaf=True), [b"value"]]), "a leaf holds no value"),
        (extended("", HASH), "an extension has no path"),
        (extended("1", b""), "a child is neither a hash nor a node"),
        (extended("1", b"short"), "a child is neither a hash nor a node"),
        (rlp.encode([path(NIBBLES[1:], leaf=True), VALUE]), "a leaf does not end where the key ends"),
        (rlp.encode([path(NIBBLES + "0", leaf=True), VALUE]), "a leaf does not end where the key ends"),
        (rlp.encode([path("", leaf=True), VALUE]), "a leaf does not end where the key ends"),
        (extended(NIBBLES, HASH), "an extension leaves no nibble of the key"),
        (extended("00" * 40, HASH), "an extension leaves no nibble of the key"),
        (
            rlp.encode(branch(**{FIRST: [path("11", leaf=True), b"v"], SECOND: HASH})),
            "a leaf does not end where the key ends",
        ),
    ],
)
def test_an_odd_node_is_refused_though_the_root_commits_to_it(node: bytes, reason: str) -> None:
    with pytest.raises(UnreadableNode) as refusal:
        walk(node)
    assert refusal.value.node_hash == keccak256(node)
    assert refusal.value.reason == reason


def test_an_extension_leads_to_a_branch_alone() -> None:
    leaf = rlp.encode([path(NIBBLES[4:], leaf=True), VALUE])
    for child, nodes, at in (
        (keccak256(leaf), [leaf], leaf),
        (keccak256(extended(NIBBLES[4:6], HASH)), [extended(NIBBLES[4:6], HASH)], extended(NIBBLES[4:6], HASH)),
        ([path(NIBBLES[4:8], leaf=True), b"v"], [], None),
    ):
        root = extended(NIBBLES[:4], child)
        with pytest.raises(UnreadableNode) as refusal:
            walk(root, *nodes)
        assert refusal.value.reason == "an extension does not lead to a branch"
        assert refusal.value.node_hash == keccak256(at or root)


def test_a_branch_after_the_last_nibble_is_refused() -> None:
    end = branch(n1=HASH, n2=HASH)
    last = rlp.encode(branch(**{f"n{NIBBLES[63]}": keccak256(rlp.encode(end)), f"n{int(NIBBLES[63], 16) ^ 1:x}": HASH}))
    root = extended(NIBBLES[:63], keccak256(last))
    with pytest.raises(UnreadableNode) as refusal:
        walk(root, last, rlp.encode(end))
    assert refusal.value.reason == "a branch after the key's last nibble"


def leaf_at_the_end(size: int) -> list[rlp.Encodable]:
    """Make a leaf for the key's last nibble, of this length in bytes."""
    leaf: list[rlp.Encodable] = [path(NIBBLES[63:], leaf=True), bytes([7] * (size - 3))]
    assert len(rlp.encode(leaf)) == size
    return leaf


def above_the_end(child: rlp.Encodable) -> list[bytes]:
    """Make the nodes, root first, on the path to a child for the key's last nibble."""
    last = rlp.encode(branch(**{f"n{NIBBLES[62]}": child, f"n{int(NIBBLES[62], 16) ^ 1:x}": HASH}))
    return [extended(NIBBLES[:62], keccak256(last)), last]


def test_a_node_below_32_bytes_is_embedded_in_its_parent() -> None:
    assert walk(*above_the_end(leaf_at_the_end(31))) == bytes([7] * 28)
    outside = rlp.encode(leaf_at_the_end(31))
    with pytest.raises(UnreadableNode) as refusal:
        walk(*above_the_end(keccak256(outside)), outside)
    assert refusal.value.reason == "a node below 32 bytes is not embedded in its parent"
    assert refusal.value.node_hash == keccak256(outside)


def test_a_node_of_32_bytes_is_not_embedded_in_its_parent() -> None:
    outside = rlp.encode(leaf_at_the_end(32))
    assert walk(*above_the_end(keccak256(outside)), outside) == bytes([7] * 29)
    nodes = above_the_end(leaf_at_the_end(32))
    with pytest.raises(UnreadableNode) as refusal:
        walk(*nodes)
    assert refusal.value.reason == "a child of 32 bytes or more is embedded in its parent"
    assert refusal.value.node_hash == keccak256(nodes[1])
