"""The content of envelopes and of sealed details."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aeo_ledger.errors.signing import DetailsClosed, EnvelopeClosed, NoPayloadSecret, UnreadableEnvelope
from aeo_ledger.evidence.disclosure_key import Algorithm
from aeo_ledger.protocol.lookup_keys import derive_payload_key
from aeo_ledger.signing.details import open_details, seal_details
from aeo_ledger.signing.envelope import count_types, open_keys, seal_keys
from aeo_ledger.signing.hpke import Opener, Purpose, seal
from aeo_ledger.signing.register_file import RegisterSecrets, draw_register_secrets

PURPOSE = Purpose(chain=712, contract=b"\x0c" * 20, register=3, epoch=0, recipient=2)
Randomness = Callable[[int], bytes]


@pytest.fixture
def opener() -> Opener:
    return Opener(Algorithm.MLKEM768_X25519, bytes(range(32)))


@pytest.fixture
def secrets(randomness: Randomness) -> RegisterSecrets:
    return draw_register_secrets(712, 3, randomness=randomness)


def test_the_recipient_gets_the_keys_of_the_types_in_scope(opener: Opener, secrets: RegisterSecrets) -> None:
    sealed = seal_keys(secrets, [2, 0, 2], opener.public, PURPOSE)
    held = open_keys(opener, sealed, PURPOSE)
    assert list(held.lookup) == [secrets.lookup_key(0), secrets.lookup_key(2)]
    assert held.payload == {(3, kind, 0): secrets.payload_key(kind, 0) for kind in (0, 2)}
    assert len(seal_keys(secrets, range(16), opener.public, PURPOSE)) <= 4096, "more than the ledger takes"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_length_of_an_envelope_tells_how_many_types_it_is_about(
    algorithm: Algorithm, secrets: RegisterSecrets
) -> None:
    public = Opener(algorithm, bytes(range(32))).public
    assert [count_types(seal_keys(secrets, range(n), public, PURPOSE)) for n in range(1, 17)] == list(range(1, 17))
    assert [count_types(seal(public, bytes(n), PURPOSE)) for n in (1, 64, 66, 17 * 65)] == [0, 0, 0, 0]
    assert count_types(b"") == 0


def test_keys_of_an_epoch_without_a_secret_are_not_sealed(opener: Opener, secrets: RegisterSecrets) -> None:
    other = Purpose(chain=712, contract=b"\x0c" * 20, register=3, epoch=1, recipient=2)
    with pytest.raises(NoPayloadSecret):
        seal_keys(secrets, [2], opener.public, other)
    with pytest.raises(EnvelopeClosed):
        open_keys(opener, seal_keys(secrets, [2], opener.public, PURPOSE), other)


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        (b"", "0 bytes, needed a multiple of 65"),
        (bytes(64), "64 bytes, needed a multiple of 65"),
        (bytes(66), "66 bytes, needed a multiple of 65"),
        (bytes(130), "its types are not ascending, or out of range"),
        (b"\x02" + bytes(64) + b"\x01" + bytes(64), "its types are not ascending, or out of range"),
        (b"\x10" + bytes(64), "its types are not ascending, or out of range"),
    ],
)
def test_an_envelope_with_something_else_is_refused(opener: Opener, plain: bytes, reason: str) -> None:
    with pytest.raises(UnreadableEnvelope) as refused:
        open_keys(opener, seal(opener.public, plain, PURPOSE), PURPOSE)
    assert refused.value.facts() == {"register": 3, "reason": reason}


def test_details_open_with_their_key_and_about_what_they_were_sealed_for() -> None:
    key = derive_payload_key(b"\x07" * 32, 3, 2, 0)
    sealed = seal_details(b"a name", key, b"about this")
    assert sealed == seal_details(b"a name", key, b"about this")
    assert b"a name" not in sealed
    assert open_details(sealed, key, b"about this") == b"a name"
    others = [derive_payload_key(b"\x07" * 32, *place) for place in ((4, 2, 0), (3, 1, 0), (3, 2, 1))]
    for wrong in others:
        with pytest.raises(DetailsClosed) as refused:
            open_details(sealed, wrong, b"about this")
        assert refused.value.epoch == wrong.epoch
    for about in (b"", b"about that"):
        with pytest.raises(DetailsClosed):
            open_details(sealed, key, about)
    for altered in (b"", sealed[:-1], sealed + b"\0", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(DetailsClosed):
            open_details(altered, key, b"about this")
