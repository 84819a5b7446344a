"""HPKE envelopes: seal keys so that one party alone can open them, once for one purpose.

A lookup key serves for the life of a register, and a ledger keeps every envelope for ever. So an envelope that somebody stores today must
still be closed when there are quantum computers: the usual algorithm joins ML-KEM-768 with X25519 and is safe while one of the two is.
X25519 alone is for a recipient whose key store can do no other.

HPKE's `info` names the chain, the contract, the register, the payload epoch and the recipient. Whoever copies an envelope to another
chain, register, epoch or recipient has bytes that nobody can open. The sender is not authenticated here: the ledger's act is, which its
operators sign.

A private key of either algorithm is 32 random bytes. The public key follows from it: for the hybrid as X-Wing derives it.

Source: RFC 9180 (HPKE, base mode); draft-connolly-cfrg-xwing-kem, sections 5.2 and 5.4.1; FIPS 203; RFC 7748.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn, SupportsIndex, final

from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.signing import EnvelopeClosed, MalformedDisclosureKey
from aeo_ledger.evidence.disclosure_key import Algorithm, DisclosureKey
from aeo_ledger.primitives.hexadecimal import to_hex

if TYPE_CHECKING:  # the base install has it not
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives.asymmetric import x25519

SEED_BYTES: Final = 32
"""Length of a private key."""


OVERHEADS: Final = {Algorithm.MLKEM768_X25519: 1088 + 32 + 16, Algorithm.X25519: 32 + 16}
"""Bytes of an envelope beside what is sealed: the encapsulated keys, and the tag."""
_MLKEM_PUBLIC: Final = 1184
_MLKEM_SEED: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What an envelope is for. Another envelope's purpose does not open it."""

    chain: int
    """Id of the chain."""
    contract: bytes
    """Address of `Consortium`, 20 bytes."""
    register: int
    """Number of the register."""
    epoch: int
    """Payload epoch of the keys."""
    recipient: int
    """Number of the party that can open it."""

    def info(self) -> bytes:
        """Write HPKE's `info`: each number has a fixed length, big-endian."""
        numbers = ((self.chain, 32), (self.register, 2), (self.epoch, 4), (self.recipient, 2))
        return b"aeo-ledger/envelope/1" + self.contract + b"".join(n.to_bytes(size, "big") for n, size in numbers)


def seal(key: DisclosureKey, secrets: bytes, purpose: Purpose) -> bytes:
    """Seal secrets to a disclosure key: the encapsulated key and the ciphertext of RFC 9180, in this order.

    Raises:
        MalformedDisclosureKey: The bytes are no key of the algorithm.
        ExtraMissing: The library is not installed.
    """
    try:
        return _suite(key.algorithm).encrypt(secrets, _public(key), purpose.info())
    except ValueError as error:
        raise MalformedDisclosureKey(found=f"bytes that are no key of {key.algorithm}", needed="its key") from error


@final
class Opener:
    """Opens envelopes with one private key. The key stays in a closure: no attribute, text, copy or pickle shows it."""

    __slots__ = ("_decrypt", "public")

    def __init__(self, algorithm: Algorithm, seed: bytes) -> None:
        """Make the opener of a private key of 32 bytes.

        Raises:
            ExtraMissing: The library is not installed.
        """
        key, self.public = _private(algorithm, seed)
        suite = _suite(algorithm)
        self._decrypt: Callable[[bytes, bytes], bytes] = lambda sealed, info: suite.decrypt(sealed, key, info)

    def open(self, sealed: bytes, purpose: Purpose) -> bytes:
        """Open an envelope.

        Raises:
            EnvelopeClosed: It is for another recipient or purpose, or altered.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 (the key came from the same library)

        try:
            return self._decrypt(sealed, purpose.info())
        except (InvalidTag, ValueError):
            found = {"register": purpose.register, "epoch": purpose.epoch, "recipient": purpose.recipient}
        raise EnvelopeClosed(**found)

    def __repr__(self) -> str:
        """Show the public key's beginning only."""
        return f"Opener({self.public.algorithm}, {to_hex(self.public.public_key[:8])}...)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("an opener cannot be copied or pickled")


def _suite(algorithm: Algorithm) -> hpke.Suite:
    with demanding_cryptography():
        from cryptography.hazmat.primitives import hpke  # noqa: PLC0415 (the base install has it not)
    return hpke.Suite(getattr(hpke.KEM, algorithm), hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _public(key: DisclosureKey) -> x25519.X25519PublicKey | hpke.MLKEM768X25519PublicKey:
    with demanding_cryptography():
        from cryptography.hazmat.primitives import hpke  # noqa: PLC0415 (the same)
        from cryptography.hazmat.primitives.asymmetric import mlkem, x25519  # noqa: PLC0415 (the same)
    public_of = x25519.X25519PublicKey.from_public_bytes
    if key.algorithm is Algorithm.X25519:
        return public_of(key.public_key)
    lattice = mlkem.MLKEM768PublicKey.from_public_bytes(key.public_key[:_MLKEM_PUBLIC])
    return hpke.MLKEM768X25519PublicKey(lattice, public_of(key.public_key[_MLKEM_PUBLIC:]))


def _private(
    algorithm: Algorithm, seed: bytes
) -> tuple[x25519.X25519PrivateKey | hpke.MLKEM768X25519PrivateKey, DisclosureKey]:
    """Make the library's private key, and the public key."""
    with demanding_cryptography():
        from cryptography.hazmat.primitives import hpke  # noqa: PLC0415 (the same)
        from cryptography.hazmat.primitives.asymmetric import mlkem, x25519  # noqa: PLC0415 (the same)
    private_of = x25519.X25519PrivateKey.from_private_bytes
    if algorithm is Algorithm.X25519:
        alone = private_of(seed)
        return alone, DisclosureKey(algorithm, alone.public_key().public_bytes_raw())
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED + SEED_BYTES)
    lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED])
    curve = private_of(expanded[_MLKEM_SEED:])
    public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return hpke.MLKEM768X25519PrivateKey(lattice, curve), DisclosureKey(algorithm, public)


@contextmanager
def demanding_cryptography() -> Iterator[None]:
    """Name the extra that is needed, where the library is missing.

    Raises:
        ExtraMissing: It is.
    """
    try:
        yield
    except ImportError as error:
        raise ExtraMissing(extra="ledger", module="cryptography") from error
