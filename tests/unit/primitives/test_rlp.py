from __future__ import annotations

import io

import pytest
import rlp as reference
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.primitives import rlp

ITEMS = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=20), max_leaves=40)


@given(ITEMS)
def test_both_ways_agree_with_the_reference_library(item: rlp.Item) -> None:
    encoded = rlp.encode(item)
    assert encoded == reference.encode(item)
    assert rlp.decode(encoded) == item


@given(
    st.binary(max_size=80)
    | ITEMS.map(rlp.encode).flatmap(
        lambda good: st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)).map(
            lambda at: good[: at[0]] + bytes([at[1]]) + good[at[0] + 1 :]
        )
    )
)
def test_only_the_one_encoding_of_an_item_is_decoded(data: bytes) -> None:
    try:
        item = rlp.decode(data)
    except MalformedRlp:
        with pytest.raises(reference.DecodingError):
            reference.decode(data)
    else:
        assert rlp.encode(item) == data
        assert reference.decode(data) == item


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "found 0 items, needed 1"),
        ("0102", "found 2 items, needed 1"),
        ("c000", "found 2 items, needed 1"),
        ("8100", "a single byte below 128 has a length prefix"),
        ("817f", "a single byte below 128 has a length prefix"),
        ("81", "an item ends 1 bytes after the list that holds it"),
        ("83aabb", "an item ends 1 bytes after the list that holds it"),
        ("c3aabb", "an item ends 1 bytes after the list that holds it"),
        ("c28301", "an item ends 2 bytes after the list that holds it"),
        ("c5c183aabbcc", "an item ends 3 bytes after the list that holds it"),
        ("c481aac1", "an item ends 1 bytes after the list that holds it"),
        ("b8", "a length is not in its shortest form"),
        ("b800", "a length is not in its shortest form"),
        ("b837" + "11" * 55, "a length is not in its shortest form"),
        ("b90038" + "11" * 56, "a length is not in its shortest form"),
        ("f800", "a length is not in its shortest form"),
        ("f837" + "11" * 55, "a length is not in its shortest form"),
        ("b838" + "11" * 55, "an item ends 1 bytes after the list that holds it"),
        ("bf" + "ff" * 8, "an item ends 18446744073709551615 bytes after the list that holds it"),
    ],
)
def test_what_is_not_canonical_is_refused(data: str, reason: str) -> None:
    with pytest.raises(MalformedRlp) as refusal:
        rlp.decode(bytes.fromhex(data))
    assert refusal.value.reason == reason


def test_the_edges_of_every_form_are_read() -> None:
    for size in (0, 1, 2, 55, 56, 255, 256, 65_535, 65_536):
        assert rlp.decode(rlp.encode(b"\xff" * size)) == b"\xff" * size
        assert rlp.decode(rlp.encode([b"\x01"] * size)) == [b"\x01"] * size


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = reference.codec.length_prefix(len(data), 0xC0) + data
    return data


def test_nesting_is_bounded() -> None:
    assert rlp.encode(rlp.decode(nested(rlp.MAX_DEPTH))) == nested(rlp.MAX_DEPTH)
    for depth in (rlp.MAX_DEPTH + 1, 5_000):
        with pytest.raises(MalformedRlp) as refusal:
            rlp.decode(nested(depth))
        assert refusal.value.reason == f"nested deeper than {rlp.MAX_DEPTH} lists"


def test_size_is_bounded() -> None:
    with pytest.raises(MalformedRlp) as refusal:
        rlp.decode(bytes(rlp.MAX_SIZE + 1))
    assert refusal.value.reason == f"{rlp.MAX_SIZE + 1} bytes, at most {rlp.MAX_SIZE} are read"


@given(st.integers(0, 2**256 - 1))
def test_numbers_are_written_minimally_and_read_back(number: int) -> None:
    assert rlp.encode(rlp.minimal_bytes(number)) == reference.encode(number)
    assert rlp.parse_number(rlp.minimal_bytes(number)) == number


@pytest.mark.parametrize("item", [b"\0", b"\0\1", b"\1" * 33, [], [b"\1"]])
def test_numbers_of_another_form_are_refused(item: rlp.Item) -> None:
    with pytest.raises(MalformedRlp) as refusal:
        rlp.parse_number(item)
    assert refusal.value.reason == "needed a number of at most 32 bytes without leading zeros"


@given(st.lists(ITEMS, max_size=20), st.lists(ITEMS, max_size=20))
def test_lists_are_read_from_a_stream_one_after_the_other(one: list[rlp.Item], other: list[rlp.Item]) -> None:
    stream, found = io.BytesIO(rlp.encode(one) + rlp.encode(other)), []
    while head := rlp.read_list_head(stream.read):
        found.append(rlp.decode(head[0] + stream.read(head[1])))
    assert found == [one, other]


@pytest.mark.parametrize("first", [0x00, 0x7F, 0x80, 0xB7, 0xBF])
def test_a_stream_of_anything_but_lists_is_refused(first: int) -> None:
    with pytest.raises(MalformedRlp) as refusal:
        rlp.read_list_head(io.BytesIO(bytes([first])).read)
    assert refusal.value.reason == "not a list"


@given(ITEMS)
def test_a_list_can_be_made_of_items_that_are_encoded_already(item: rlp.Item) -> None:
    if isinstance(item, bytes):
        assert rlp.encode_bytes(item) == reference.encode(item)
    else:
        assert rlp.encode_list(b"".join(map(reference.encode, item))) == reference.encode(item)
