from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex


@given(st.binary(max_size=64))
def test_what_is_written_is_read_back(data: bytes) -> None:
    assert to_hex(data) == "0x" + data.hex()
    assert parse_hex(to_hex(data), what="bytes", length=len(data)) == data


def test_digits_of_either_case_are_read() -> None:
    assert parse_hex("0xAbCd", what="bytes") == b"\xab\xcd"


@pytest.mark.parametrize(
    "text", ["", "0", "abcd", "0Xabcd", "0xabc", "0xgg", "0xab cd", " 0xab", "0xab\n", "0x\u0661\u0662", "0x-1"]
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_hex(text, what="state root")
    assert refusal.value.what == "state root"
    assert refusal.value.found == repr(text)


@pytest.mark.parametrize("text", ["0x", "0x" + "00" * 19, "0x" + "00" * 21])
def test_another_length_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_hex(text, what="address", length=20)
    assert refusal.value.needed == "0x and 40 hexadecimal digits"


def test_a_refusal_quotes_no_more_than_a_line() -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_hex("0x" + "z" * 10_000, what="address")
    assert len(str(refusal.value)) < 200
