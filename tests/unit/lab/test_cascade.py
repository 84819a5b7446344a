"""The compressed list: exact for its register, as small as the published one, and read strictly."""

from __future__ import annotations

import numpy as np
import pytest

from aeo_ledger.lab.cascade import (
    PUBLISHED_BYTES,
    PUBLISHED_REVOKED,
    PUBLISHED_VALID,
    build_cascade,
    decode_cascade,
)
from aeo_ledger.lab.signed_lists import keys_of


@pytest.mark.parametrize(("invalid", "count"), [(0, 50), (1, 50), (40, 50), (50, 50), (540, 18_090)])
def test_no_certificate_of_the_register_is_answered_wrongly(invalid: int, count: int) -> None:
    keys = keys_of("EU", count)
    found = decode_cascade(build_cascade(keys[:invalid], keys[invalid:]).encode()).says_invalid(keys)
    assert found.tolist() == [True] * invalid + [False] * (count - invalid)


def test_it_is_as_small_as_the_published_filter() -> None:
    """A hundredth of Mozilla's filter of July 2020, with the same share of revoked certificates: no straw man."""
    revoked, valid = PUBLISHED_REVOKED // 100, PUBLISHED_VALID // 100
    keys = np.random.default_rng(1).integers(0, 1 << 64, size=(revoked + valid, 2), dtype=np.uint64)
    built = build_cascade(keys[:revoked], keys[revoked:])
    assert 8 * len(built.encode()) / revoked == pytest.approx(8 * PUBLISHED_BYTES / PUBLISHED_REVOKED, rel=0.06)
    assert len(built.layers) == pytest.approx(27, abs=5)


def test_two_certificates_with_one_key_are_refused() -> None:
    keys = keys_of("BY", 4)
    with pytest.raises(ValueError, match="one key"):
        build_cascade(keys[:2], keys[1:])


@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_cut_cascade_is_refused(cut: int) -> None:
    keys = keys_of("BY", 50)
    data = build_cascade(keys[:9], keys[9:]).encode()
    with pytest.raises(ValueError, match="cut"):
        decode_cascade(data[:cut])
