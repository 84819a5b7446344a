"""HKDF against the vectors of RFC 5869, appendix A, and against another implementation."""

from __future__ import annotations

import random

import pytest

from aeo_ledger.primitives.hkdf import derive_key

RFC: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "A.1": (
        b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    "A.2": (
        bytes(range(0x50)), bytes(range(0x60, 0xB0)), bytes(range(0xB0, 0x100)),
        ("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
    ),
    "A.3": (
        b"\x0b" * 22, b"", b"",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RFC)
def test_keys_are_those_of_the_standard(case: str) -> None:
    secret, salt, info, expected = RFC[case]
    assert derive_key(secret, info, salt=salt, length=len(expected) // 2).hex() == expected


def test_no_salt_is_a_salt_of_zeros() -> None:
    secret, _, info, expected = RFC["A.3"]
    assert derive_key(secret, info, length=42).hex() == expected


def test_keys_are_those_of_another_implementation() -> None:
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    hkdf = pytest.importorskip("cryptography.hazmat.primitives.kdf.hkdf")
    draw = random.Random(5869)  # noqa: S311
    for length in (1, 31, 32, 33, 64, 255 * 32):
        secret, salt, info = (draw.randbytes(draw.randrange(1, 90)) for _ in range(3))
        theirs = hkdf.HKDF(hashes.SHA256(), length, salt, info).derive(secret)
        assert derive_key(secret, info, salt=salt, length=length) == theirs


@pytest.mark.parametrize("length", [-1, 0, 255 * 32 + 1])
def test_a_length_that_the_standard_does_not_give_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="1 to 8160 bytes"):
        derive_key(bytes(32), b"", length=length)
