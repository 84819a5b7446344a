from __future__ import annotations

import hashlib

from aeo_ledger.primitives.hashes import keccak256, keccak256_of


def test_the_hash_of_nothing_is_the_yellow_papers() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_it_is_keccak_and_not_the_standardised_sha3() -> None:
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert keccak256(b"abc") != hashlib.sha3_256(b"abc").digest()


def test_parts_have_the_hash_of_the_whole() -> None:
    assert keccak256_of([b"a", b"", b"bc"]) == keccak256(b"abc")
    assert keccak256_of([]) == keccak256(b"")
