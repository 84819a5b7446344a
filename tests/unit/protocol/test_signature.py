from __future__ import annotations

import pytest
from coincurve import PrivateKey

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives.curve import ORDER, address_of_public_key
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import Signature

DIGEST = keccak256(b"digest")
KEY = PrivateKey(keccak256(b"key"))
ADDRESS = address_of_public_key(KEY.public_key.format(compressed=False)[1:])
SIGNED = KEY.sign_recoverable(DIGEST, hasher=None)


@pytest.mark.parametrize("v", [SIGNED[64], SIGNED[64] + 27])
def test_both_ways_to_count_v_are_read(v: int) -> None:
    signature = Signature.parse(SIGNED[:64] + bytes([v]))
    assert signature.v == SIGNED[64] + 27
    assert signature.recover_signer(DIGEST) == ADDRESS


@pytest.mark.parametrize(
    "data", [b"", SIGNED[:64], SIGNED + b"\0", SIGNED[:64] + b"\2", SIGNED[:64] + b"\x1a", SIGNED[:64] + b"\x1d"]
)
def test_another_length_or_v_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedSignature):
        Signature.parse(data)


def test_the_upper_form_of_a_signature_is_refused() -> None:
    low = Signature.parse(SIGNED)
    high = Signature(v=55 - low.v, r=low.r, s=ORDER - low.s)
    with pytest.raises(MalformedSignature, match="upper half"):
        high.recover_signer(DIGEST)


@pytest.mark.parametrize("change", [{"r": 0}, {"s": 0}, {"r": ORDER}, {"v": 29}, {"v": 1}])
def test_numbers_out_of_range_are_refused(change: dict[str, int]) -> None:
    low = Signature.parse(SIGNED)
    with pytest.raises(MalformedSignature):
        Signature(**{"v": low.v, "r": low.r, "s": low.s} | change).recover_signer(DIGEST)
