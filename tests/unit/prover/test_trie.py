"""The trie gives the roots and proofs of the `trie` library, whatever is put, replaced and removed."""

from __future__ import annotations

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.prover.trie import EMPTY, Trie
from support.told_ledger import throw

NO_WORD = bytes(32)
NEAR = st.sampled_from([b"\0", b"\1", b"\x10", b"\x11"])
"""Bytes of which keys are made that share many nibbles."""
KEYS = st.one_of(
    st.builds(lambda begin, end: (begin + NO_WORD)[:31] + end, st.binary(max_size=2), NEAR),
    st.builds(lambda at, end: (NO_WORD[:at] + end + NO_WORD)[:32], st.integers(0, 31), NEAR),
    st.binary(min_size=32, max_size=32),
)
WORDS = st.one_of(st.just(NO_WORD), st.just(NO_WORD[:31] + b"\1"), st.binary(min_size=32, max_size=32))


def changed(trie: Trie, words: dict[bytes, bytes]) -> Trie:
    return trie.changed(sorted(key + word for key, word in words.items()))


def put(peer: HexaryTrie, words: dict[bytes, bytes]) -> None:
    for key, word in words.items():
        if any(word):
            peer[key] = rlp.encode(word.lstrip(b"\0"))
        elif key in peer:
            del peer[key]


def proof(peer: HexaryTrie, key: bytes) -> list[bytes]:
    if peer.root_hash == EMPTY_ROOT:
        return []
    nodes = [rlp.encode(node) for node in peer.get_proof(key)]
    return [node for place, node in enumerate(nodes) if place == 0 or len(node) >= 32]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(KEYS, WORDS, max_size=12), max_size=5), st.lists(KEYS, max_size=4))
def test_roots_and_proofs_are_those_of_another_trie(steps: list[dict[bytes, bytes]], others: list[bytes]) -> None:
    trie, peer, words = EMPTY, HexaryTrie({}), dict[bytes, bytes]()
    for step in steps:
        trie = changed(trie, step)
        put(peer, step)
        words |= step
        assert trie.root == peer.root_hash
    assert list(trie.rows()) == sorted(key + word for key, word in words.items() if any(word))
    for key in [*words, *others]:
        assert trie.read(key) == words.get(key, NO_WORD)
        assert list(trie.prove(key)) == proof(peer, key)


def test_an_older_trie_stays_as_it_was() -> None:
    dice = throw(1)
    before = changed(EMPTY, {dice.randbytes(32): dice.randbytes(32) for _ in range(300)})
    rows, root = list(before.rows()), before.root
    after = changed(before, {row[:32]: NO_WORD for row in rows[::2]})
    assert (list(before.rows()), before.root) == (rows, root)
    assert list(after.rows()) == rows[1::2]
    assert changed(after, {row[:32]: row[32:] for row in rows[::2]}).root == root, "one form for the same words"


@pytest.mark.parametrize("words", [{}, {b"\7" * 32: NO_WORD}])
def test_removing_what_is_not_there_changes_nothing(words: dict[bytes, bytes]) -> None:
    trie = changed(EMPTY, {b"\1" * 32: b"\2" * 32})
    assert changed(trie, words) is trie
    assert changed(trie, {b"\1" * 32: NO_WORD}).root == EMPTY_ROOT
