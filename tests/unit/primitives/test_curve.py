from __future__ import annotations

import coincurve
import pytest
from coincurve import PrivateKey
from eth_keys import keys
from eth_keys.backends import NativeECCBackend
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives import curve
from aeo_ledger.primitives.hashes import keccak256

DIGEST = keccak256(b"digest")
SIGNER = PrivateKey(keccak256(b"signer"))
PUBLIC_KEY = SIGNER.public_key.format(compressed=False)[1:]
ADDRESS = keccak256(PUBLIC_KEY)[12:]
SIGNATURE = SIGNER.sign_recoverable(DIGEST, hasher=None)
R, S, RECOVERY_ID = int.from_bytes(SIGNATURE[:32], "big"), int.from_bytes(SIGNATURE[32:64], "big"), SIGNATURE[64]


@settings(max_examples=10)
@given(secret=st.integers(1, curve.ORDER - 1), message=st.binary(max_size=40))
def test_the_signer_is_recovered_as_a_pure_python_curve_signs(secret: int, message: bytes) -> None:
    key = keys.PrivateKey(secret.to_bytes(32, "big"), backend=NativeECCBackend())
    signed = key.sign_msg_hash(keccak256(message))
    assert (
        curve.recover_address(keccak256(message), signed.r, signed.s, signed.v) == key.public_key.to_canonical_address()
    )
    assert curve.address_of_public_key(key.public_key.to_bytes()) == key.public_key.to_canonical_address()


def test_the_curve_in_use_is_the_library_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Watched:
        def __getattr__(self, name: str) -> object:
            calls.append(name)
            return getattr(coincurve._libsecp256k1.lib, name)

    monkeypatch.setattr("coincurve.ecdsa.lib", Watched())
    assert curve.recover_address(DIGEST, R, S, RECOVERY_ID) == ADDRESS
    assert "secp256k1_ecdsa_recover" in calls
    assert not coincurve._libsecp256k1.__file__.endswith(".py")


def test_half_the_order_divides_low_from_high() -> None:
    assert 2 * curve.HALF_ORDER + 1 == curve.ORDER


def test_high_s_names_the_same_signer() -> None:
    assert S <= curve.HALF_ORDER
    assert curve.recover_address(DIGEST, R, curve.ORDER - S, 1 - RECOVERY_ID) == ADDRESS


def test_the_other_recovery_id_names_another() -> None:
    assert curve.recover_address(DIGEST, R, S, 1 - RECOVERY_ID) != ADDRESS


@pytest.mark.parametrize(
    ("r", "s"), [(0, S), (R, 0), (curve.ORDER, S), (R, curve.ORDER), (2**256, S), (R, 2**256), (-1, S), (R, -1)]
)
def test_numbers_out_of_range_are_refused(r: int, s: int) -> None:
    with pytest.raises(MalformedSignature) as refusal:
        curve.recover_address(DIGEST, r, s, RECOVERY_ID)
    assert refusal.value.reason == "r and s must lie between 0 and the curve's order"


@pytest.mark.parametrize("recovery_id", [-1, 2, 3, 27, 28])
def test_other_recovery_ids_are_refused(recovery_id: int) -> None:
    with pytest.raises(MalformedSignature) as refusal:
        curve.recover_address(DIGEST, R, S, recovery_id)
    assert refusal.value.reason == f"recovery id is {recovery_id}, needed 0 or 1"


def test_an_r_that_is_not_on_the_curve_is_refused() -> None:
    with pytest.raises(MalformedSignature) as refusal:
        curve.recover_address(DIGEST, 5, S, RECOVERY_ID)
    assert refusal.value.reason == "no key can have made it"


def test_a_digest_of_another_length_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        curve.recover_address(DIGEST[1:], R, S, RECOVERY_ID)


@pytest.mark.parametrize(
    "public_key", [b"", PUBLIC_KEY[1:], PUBLIC_KEY + b"\0", bytes(64), PUBLIC_KEY[:-1] + bytes([PUBLIC_KEY[-1] ^ 1])]
)
def test_a_public_key_off_the_curve_has_no_address(public_key: bytes) -> None:
    with pytest.raises(MalformedSignature) as refusal:
        curve.address_of_public_key(public_key)
    assert refusal.value.reason == "the public key is not a point on the curve"
