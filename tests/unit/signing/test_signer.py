from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.errors.protocol import MalformedMessage
from aeo_ledger.errors.signing import MalformedKey, RepeatedSigner
from aeo_ledger.primitives.curve import HALF_ORDER, ORDER, recover_address
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import digest, to_json
from aeo_ledger.signing import Signer, sign_message
from support.messages import example_of

SECRET = keccak256(b"a key")
SIGNER = Signer.from_secret(SECRET)
DIGEST = keccak256(b"digest")
CONTRACT = bytes(range(20))
WITHHOLDING = example_of("Withholding")

secrets = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))


@settings(max_examples=25)
@given(secret=secrets, message=st.binary(min_size=32, max_size=32))
def test_a_signature_is_the_one_that_eth_account_makes(secret: bytes, message: bytes) -> None:
    signer, theirs = Signer.from_secret(secret), Account.from_key(secret)
    signature, other = signer.sign(message), theirs.unsafe_sign_hash(message)
    assert "0x" + signer.address.hex() == theirs.address.lower()
    assert (signature.v, signature.r, signature.s) == (other.v, other.r, other.s)
    assert signature.s <= HALF_ORDER
    assert signature.recover_signer(message) == signer.address


def test_a_seal_is_the_signature_as_qbft_writes_it() -> None:
    seal, signature = SIGNER.seal(DIGEST), SIGNER.sign(DIGEST)
    assert seal == signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + bytes([signature.v - 27])
    assert recover_address(DIGEST, signature.r, signature.s, seal[64]) == SIGNER.address


def test_a_digest_is_signed_alike_every_time() -> None:
    assert SIGNER.sign(DIGEST) == Signer.from_secret(SECRET).sign(DIGEST)
    assert SIGNER.sign(DIGEST) != SIGNER.sign(keccak256(DIGEST))


@pytest.mark.parametrize("length", [0, 20, 31, 33, 64])
def test_only_a_digest_is_signed(length: int) -> None:
    with pytest.raises(ValueError, match=f"a digest of {length} bytes"):
        SIGNER.sign(bytes(length))
    with pytest.raises(ValueError, match=f"a digest of {length} bytes"):
        SIGNER.seal(bytes(length))


@pytest.mark.parametrize(
    "secret", [b"", bytes(32), SECRET[1:], SECRET + b"\0", ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_what_is_no_private_key_is_refused(secret: bytes) -> None:
    with pytest.raises(MalformedKey):
        Signer.from_secret(secret)


def test_a_new_key_is_drawn_until_it_is_one() -> None:
    draws = iter([b"\xff" * 32, bytes(32), SECRET])
    assert Signer.generate(lambda length: next(draws)[:length]).address == SIGNER.address


def test_two_new_keys_differ(randomness: Callable[[int], bytes]) -> None:
    assert Signer.generate(randomness).address != Signer.generate(randomness).address


def test_a_signer_can_be_neither_copied_nor_pickled_nor_altered() -> None:
    copies: list[Callable[[Signer], object]] = [copy.copy, copy.deepcopy, pickle.dumps]
    for make in copies:
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            make(SIGNER)
    with pytest.raises(AttributeError):
        SIGNER.address = bytes(20)  # type: ignore[misc]


def test_two_signers_are_equal_only_if_they_are_one() -> None:
    assert SIGNER == SIGNER  # noqa: PLR0124
    assert Signer.from_secret(SECRET) != SIGNER


def test_no_attribute_gives_out_the_key() -> None:
    shown = {name: getattr(SIGNER, name) for name in dir(SIGNER) if name != "__dict__"}
    for value in shown.values():
        assert value != SECRET
        assert not hasattr(value, "secret")
        assert SECRET.hex() not in repr(value)
        assert repr(SECRET) not in repr(value)


def test_several_sign_in_ascending_order() -> None:
    signers = [Signer.from_secret(keccak256(bytes([place]))) for place in range(5)]
    signatures = sign_message(signers, "Withholding", WITHHOLDING, chain_id=5, contract=CONTRACT)
    message = digest("Withholding", WITHHOLDING, chain_id=5, contract=CONTRACT)
    recovered = [signature.recover_signer(message) for signature in signatures]
    assert recovered == sorted(signer.address for signer in signers)


def test_a_wallet_that_is_given_the_json_signs_alike() -> None:
    full = to_json("Withholding", WITHHOLDING, chain_id=5, contract=CONTRACT)
    theirs = Account.sign_message(encode_typed_data(full_message=full), SECRET)
    (ours,) = sign_message([SIGNER], "Withholding", WITHHOLDING, chain_id=5, contract=CONTRACT)
    assert (ours.v, ours.r, ours.s) == (theirs.v, theirs.r, theirs.s)


def test_nobody_signs_twice() -> None:
    with pytest.raises(RepeatedSigner) as caught:
        sign_message([SIGNER, Signer.from_secret(SECRET)], "Withholding", WITHHOLDING, chain_id=5, contract=CONTRACT)
    assert caught.value.address == SIGNER.address


def test_a_malformed_message_is_not_signed() -> None:
    with pytest.raises(MalformedMessage):
        sign_message([SIGNER], "Withholding", {}, chain_id=5, contract=CONTRACT)
