"""The fast reader of trie nodes against the plain one: wherever it reads at all, both read the same."""

from __future__ import annotations

from functools import cache

import pytest
import rlp as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import trie as trie_module
from aeo_ledger.verify.fast_nodes import read_fast
from aeo_ledger.verify.nodes import Extension, Leaf, Node, read_node
from aeo_ledger.verify.trie import NodePool
from support.sealed_world import BY, CN, CustomsFacts, SealedWorld, question

HASHES = st.binary(min_size=32, max_size=32)
CHILDREN = st.one_of(st.just(b""), HASHES, st.binary(min_size=31, max_size=33))
BRANCHES = st.builds(
    lambda children, value: [*children, value],
    st.lists(CHILDREN, min_size=15, max_size=17),
    st.sampled_from([b"", b"", b"", b"v", b"value"]),
)
PATHS = st.builds(
    lambda flag, rest: bytes([flag]) + rest,
    st.sampled_from([0x20, 0x20, 0x30, 0x3F, 0x00, 0x1A, 0x21, 0x40]),
    st.binary(max_size=34),
)
LEAVES = st.tuples(PATHS, st.binary(max_size=260) | HASHES).map(list)


@cache
def ledger_nodes() -> tuple[bytes, ...]:
    """List nodes of tries like those of a ledger."""
    world = CustomsFacts().recognise(CN, BY)
    traders = [Tin(f"BY{number}") for number in range(200_000_000, 200_000_080)]
    for tin in traders:
        world.grant(tin, BY)
    return SealedWorld(world).prove(*(question(tin, CN) for tin in traders)).nodes


@cache
def crowded_nodes() -> tuple[bytes, ...]:
    """List nodes of a trie whose keys share nearly all nibbles: extensions, short paths, embedded children."""
    trie = HexaryTrie({}, prune=True)
    for number in range(40):
        trie[bytes(31) + bytes([number])] = bytes([number + 1]) * (1 + 8 * (number % 6))
    return tuple(trie.db.values())


REAL = st.deferred(lambda: st.sampled_from(ledger_nodes() + crowded_nodes()))
RAW = st.one_of(st.binary(max_size=600), BRANCHES.map(rlp.encode), LEAVES.map(rlp.encode), REAL)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Take a real or invented node and damage it: change bytes, cut it, or append bytes."""
    raw = bytearray(draw(RAW))
    for _ in range(draw(st.integers(0, 3))):
        if raw:
            raw[draw(st.integers(0, min(len(raw) - 1, 70)))] ^= draw(st.integers(1, 255))
    return bytes(raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) else raw + draw(st.binary(max_size=2)))


def read_plainly(raw: bytes) -> Node | str:
    """Read a node with the plain reader. A refusal becomes its reason."""
    try:
        return read_node(raw)
    except MalformedRlp as error:
        return error.reason


def is_in_grammar(raw: bytes, node: Node | str) -> bool:
    """Tell whether a node is in the fast reader's grammar, as its docstring gives it."""
    if isinstance(node, str | Extension):
        return False
    if isinstance(node, Leaf):
        path, _ = reference.decode(raw)
        return 32 <= len(raw) <= 257 and 2 <= len(path) <= 33 and len(node.value) >= 2
    return all(isinstance(child, bytes) for child in node)


@settings(max_examples=1_000)
@given(RAW | mutated())
def test_it_reads_what_its_grammar_says_and_reads_it_as_the_plain_reader_does(raw: bytes) -> None:
    plain = read_plainly(raw)
    assert read_fast(raw) == (plain if is_in_grammar(raw, plain) else None)


def walked(raw: bytes, key: bytes) -> bytes | str | None:
    """Walk a trie of one node to a key. A refusal becomes its class and words."""
    try:
        return NodePool([raw]).walk(keccak256(raw), key)
    except AeoLedgerError as error:
        return f"{type(error).__name__}: {error}"


@settings(max_examples=500)
@given(RAW | mutated(), HASHES)
def test_with_it_and_without_it_a_walk_ends_with_the_same_value_or_the_same_refusal(raw: bytes, key: bytes) -> None:
    with_it = walked(raw, key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trie_module, "read_fast", lambda _: None)
        assert walked(raw, key) == with_it


def test_nearly_all_nodes_of_a_ledger_are_read_by_it() -> None:
    """If the grammar no longer fitted the ledgers' nodes, nothing would break but time would be lost. This test detects it."""
    nodes = ledger_nodes()
    assert sum(read_fast(node) is not None for node in nodes) >= len(nodes) * 0.9
