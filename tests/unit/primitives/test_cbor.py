from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor
from aeo_ledger.primitives.documents import MAX_DEPTH, Value

VALUES = st.recursive(
    st.integers(0, 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes) -> Value:
    return parse_cbor(data, document="it", max_bytes=100_000)


@given(VALUES)
def test_what_cbor2_writes_is_read_as_cbor2_reads_it(value: Value) -> None:
    assert read(encode_cbor(value)) == value == cbor2.loads(encode_cbor(value))


@given(st.binary(max_size=60))
def test_only_the_one_encoding_of_a_value_is_read(data: bytes) -> None:
    try:
        value = read(data)
    except MalformedDocument:
        return
    assert encode_cbor(value) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "cut short"),
        ("0101", "bytes follow the end of the document"),
        ("18", "cut short"),
        ("1817", "a number that is not in its shortest form"),
        ("1900ff", "a number that is not in its shortest form"),
        ("1a0000ffff", "a number that is not in its shortest form"),
        ("1b00000000ffffffff", "a number that is not in its shortest form"),
        ("1c", "an item of indefinite length"),
        ("5f4100ff", "an item of indefinite length"),
        ("9fff", "an item of indefinite length"),
        ("4200", "it announces 2, but fewer bytes are left"),
        ("9bffffffffffffffff", "it announces 18446744073709551615, but fewer bytes are left"),
        ("61ff", "a text that is not UTF-8"),
        ("20", "a kind of value that these documents do not have"),
        ("f4", "a kind of value that these documents do not have"),
        ("c001", "a kind of value that these documents do not have"),
        ("d81c81d81d00", "a kind of value that these documents do not have"),
        ("a10101", "a key that is not a text"),
        ("a2616101616101", "keys that are repeated or not in ascending order"),
        ("a2616201616101", "keys that are repeated or not in ascending order"),
        ("a262616101616202", "keys that are repeated or not in ascending order"),
        ("81" * 17 + "00", f"nested deeper than {MAX_DEPTH}"),
    ],
)
def test_other_encodings_and_kinds_are_refused(data: str, reason: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read(bytes.fromhex(data))
    assert refusal.value.reason == reason


def test_the_deepest_allowed_nesting_is_read_and_one_more_refused() -> None:
    assert read(bytes.fromhex("81" * MAX_DEPTH + "00"))


def test_length_has_a_bound() -> None:
    with pytest.raises(MalformedDocument) as refusal:
        parse_cbor(bytes(11), document="it", max_bytes=10)
    assert refusal.value.reason == "11 bytes, at most 10 are read"
