from __future__ import annotations

import copy
import pickle
import sys
from dataclasses import replace

import pytest

from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.signing import EnvelopeClosed, MalformedDisclosureKey
from aeo_ledger.evidence.disclosure_key import Algorithm, DisclosureKey
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing.hpke import Opener, Purpose, seal

PURPOSE = Purpose(chain=712, contract=b"\x0c" * 20, register=1, epoch=3, recipient=2)
SECRETS = b"the lookup key of type 3"
SEED = bytes(range(32))
BOTH = pytest.mark.parametrize("algorithm", Algorithm)


@BOTH
def test_the_recipient_alone_opens_an_envelope(algorithm: Algorithm) -> None:
    opener = Opener(algorithm, SEED)
    sealed = seal(opener.public, SECRETS, PURPOSE)
    assert SECRETS not in sealed
    assert opener.open(sealed, PURPOSE) == SECRETS
    assert seal(opener.public, SECRETS, PURPOSE) != sealed
    with pytest.raises(EnvelopeClosed) as refused:
        Opener(algorithm, SEED[::-1]).open(sealed, PURPOSE)
    assert refused.value.facts() == {"register": 1, "epoch": 3, "recipient": 2}


@BOTH
@pytest.mark.parametrize(
    "other", [{"chain": 713}, {"contract": b"\x0d" * 20}, {"register": 2}, {"epoch": 4}, {"recipient": 3}], ids=str
)
def test_an_envelope_for_another_purpose_stays_closed(algorithm: Algorithm, other: dict[str, int]) -> None:
    opener = Opener(algorithm, SEED)
    sealed = seal(opener.public, SECRETS, replace(PURPOSE, **other))  # type: ignore[arg-type]
    with pytest.raises(EnvelopeClosed):
        opener.open(sealed, PURPOSE)


@BOTH
def test_no_byte_of_an_envelope_can_be_altered(algorithm: Algorithm) -> None:
    opener = Opener(algorithm, SEED)
    sealed = seal(opener.public, SECRETS, PURPOSE)
    for place in {0, 31, len(sealed) // 2, len(sealed) - 1}:
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(EnvelopeClosed):
            opener.open(altered, PURPOSE)
    for cut in (b"", sealed[:10], sealed[:-1], sealed + b"\0"):
        with pytest.raises(EnvelopeClosed):
            opener.open(cut, PURPOSE)


def test_one_algorithm_does_not_open_the_envelopes_of_the_other() -> None:
    sealed = seal(Opener(Algorithm.X25519, SEED).public, SECRETS, PURPOSE)
    with pytest.raises(EnvelopeClosed):
        Opener(Algorithm.MLKEM768_X25519, SEED).open(sealed, PURPOSE)


def test_the_hybrid_key_is_derived_as_its_standard_says() -> None:
    """The first vector of draft-connolly-cfrg-xwing-kem-08, appendix C: its public key, and its length."""
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    public = Opener(Algorithm.MLKEM768_X25519, seed).public.public_key
    assert len(public) == 1216
    assert public[:32].hex() == "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"
    assert public[-32:].hex() == "859edb06eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"


@BOTH
def test_a_public_key_is_written_as_one_word(algorithm: Algorithm) -> None:
    public = Opener(algorithm, SEED).public
    assert str(public).startswith(f"{algorithm}:0x")
    assert DisclosureKey.parse(str(public)) == public


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "''"),
        ("0x00", "'0x00'"),
        ("P256:0x00", "'P256'"),
        ("X25519:0x00", "1 bytes of X25519"),
        ("X25519:0x" + "00" * 1216, "1216 bytes of X25519"),
        ("MLKEM768_X25519:0x" + "00" * 32, "32 bytes of MLKEM768_X25519"),
    ],
)
def test_what_is_no_public_key_is_refused(text: str, found: str) -> None:
    with pytest.raises(MalformedDisclosureKey) as refused:
        DisclosureKey.parse(text)
    assert refused.value.found == found


def test_digits_that_are_none_are_refused() -> None:
    with pytest.raises(MalformedText):
        DisclosureKey.parse("X25519:zz")


@pytest.mark.parametrize(
    "public",
    [
        DisclosureKey(Algorithm.X25519, bytes(32)),
        DisclosureKey(Algorithm.MLKEM768_X25519, b"\xff" * 1216),
    ],
    ids=["the point zero", "coefficients out of range"],
)
def test_bytes_that_are_no_key_seal_nothing(public: DisclosureKey) -> None:
    with pytest.raises(MalformedDisclosureKey):
        seal(public, SECRETS, PURPOSE)


def test_a_private_key_is_never_shown() -> None:
    opener = Opener(Algorithm.X25519, SEED)
    assert SEED.hex() not in repr(opener)
    assert repr(opener).startswith("Opener(X25519, 0x")
    for steal in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            steal(opener)


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography.hazmat.primitives")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(ExtraMissing) as missing:
        Opener(Algorithm.X25519, SEED)
    assert missing.value.facts() == {"extra": "ledger", "module": "cryptography"}


def test_a_purpose_is_written_with_fixed_lengths() -> None:
    assert len(PURPOSE.info()) == len("aeo-ledger/envelope/1") + 20 + 32 + 2 + 4 + 2
    assert keccak256(PURPOSE.info()).hex() == "032adc8308717a88e125d76a5e850ab4d444b7bb03a89ee2df76b0f3a12ff624"
