from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.hexadecimal import parse_hex, parse_quantity, to_hex


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


@pytest.mark.parametrize(
    ("text", "number"), [("0x0", 0), ("0x00ff", 255), ("0xFf", 255), ("0x" + "0" * 63 + "1", 1), ("0x" + "f" * 64, 2**256 - 1)]
)  # fmt: skip
def test_a_number_of_json_rpc_is_read(text: str, number: int) -> None:
    assert parse_quantity(text, what="gas") == number


@pytest.mark.parametrize(
    "found",
    ["", "0x", "5", "0X5", "-0x5", "+0x5", "0x-5", "0x_5", "0x5_5", " 0x5", "0x5\n", "0x\u0665", "0x" + "0" * 65, 5, None, True, [], {}, b"0x5"],
)  # fmt: skip
def test_what_only_python_reads_as_a_number_is_refused(found: object) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_quantity(found, what="gas")
    assert (refusal.value.what, refusal.value.needed) == ("gas", "0x and 1 to 64 hexadecimal digits")


def test_a_number_takes_no_more_bytes_than_it_may() -> None:
    assert parse_quantity("0x" + "f" * 16, what="block", max_bytes=8) == 2**64 - 1
    with pytest.raises(MalformedText, match="1 to 16 hexadecimal digits"):
        parse_quantity("0x" + "f" * 17, what="block", max_bytes=8)
