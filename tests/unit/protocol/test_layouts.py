from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.protocol.layouts import WORDS, _layout, pack, unpack


@pytest.mark.parametrize("name", WORDS)
def test_fields_follow_each_other_without_gap_or_overlap_and_fit_a_word(name: str) -> None:
    fields = list(WORDS[name].values())
    assert fields[0].at == 0
    assert all(field.bits > 0 for field in fields)
    assert all(field.at + field.bits == following.at for field, following in pairwise(fields))
    assert fields[-1].at + fields[-1].bits <= 256


def test_a_layout_wider_than_a_word_cannot_be_written() -> None:
    assert len(_layout(a=255, b=1)) == 2
    with pytest.raises(AssertionError, match="257 bits"):
        _layout(a=256, b=1)


@pytest.mark.parametrize("name", WORDS)
@given(data=st.data())
def test_what_is_packed_is_unpacked(name: str, data: st.DataObject) -> None:
    layout = WORDS[name]
    values = {member: data.draw(st.integers(0, field.mask), member) for member, field in layout.items()}
    word = pack(layout, **values)
    assert 0 <= word < 1 << 256
    assert unpack(layout, word) == values


@pytest.mark.parametrize("name", WORDS)
def test_a_value_that_does_not_fit_is_refused(name: str) -> None:
    for member, field in WORDS[name].items():
        assert pack(WORDS[name], **{member: field.mask}) == field.mask << field.at
        for value in (field.mask + 1, -1):
            with pytest.raises(ValueError, match=member):
                pack(WORDS[name], **{member: value})
