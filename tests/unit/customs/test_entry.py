from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.customs.entry import holder_of, make_entry, register_of, type_of


def test_an_entry_begins_with_register_and_type() -> None:
    assert make_entry(0x0102, 3, b"h" * 29) == b"\x01\x02\x03" + b"h" * 29
    for length in (28, 30):
        with pytest.raises(ValueError, match="29 bytes"):
            make_entry(1, 1, bytes(length))


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFF), st.binary(min_size=29, max_size=29))
def test_an_entry_is_read_as_it_was_joined(register: int, certificate_type: int, holder: bytes) -> None:
    entry = make_entry(register, certificate_type, holder)
    assert (register_of(entry), type_of(entry), holder_of(entry)) == (register, certificate_type, holder)
