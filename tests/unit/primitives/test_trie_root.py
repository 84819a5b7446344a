from __future__ import annotations

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from aeo_ledger.primitives.trie_root import EMPTY_ROOT, derive_root

close_keys = st.binary(max_size=2).map(lambda tail: bytes(32 - len(tail)) + tail)
"""Keys that share nearly all nibbles: extensions, and leaves so short that they stand in their parents."""
keys = st.binary(min_size=32, max_size=32) | close_keys
values = st.integers(1, (1 << 256) - 1).map(rlp.encode) | st.integers(1, 200).map(rlp.encode)


@given(st.dictionaries(keys, values, max_size=40))
def test_it_is_the_root_that_py_trie_has(items: dict[bytes, bytes]) -> None:
    trie = HexaryTrie({})
    for key, value in items.items():
        trie[key] = value
    assert derive_root(sorted(items.items())) == trie.root_hash


def test_nothing_has_the_empty_root() -> None:
    assert derive_root([]) == EMPTY_ROOT == HexaryTrie({}).root_hash


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_a_mistake(length: int) -> None:
    with pytest.raises(ValueError, match=f"not {length}"):
        derive_root([(bytes(length), b"\1")])


@pytest.mark.parametrize("second", [bytes([1] * 32), bytes(32)])
def test_keys_that_do_not_ascend_are_a_mistake(second: bytes) -> None:
    with pytest.raises(ValueError, match="ascend"):
        derive_root([(bytes([1] * 32), b"\1"), (second, b"\1")])


def test_it_keeps_no_more_than_one_path() -> None:
    """Keys come from a generator; nothing collects them."""
    alive = 0
    most = 0

    class Key(bytes):
        def __new__(cls, number: int) -> Key:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__new__(cls, number.to_bytes(32, "big"))

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    derive_root((Key(number), b"\1") for number in range(20_000))
    assert most <= 4
