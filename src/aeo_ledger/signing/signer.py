"""A signer: it uses a private key and never shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn, SupportsIndex, final

from coincurve import PrivateKey

from aeo_ledger.errors.signing import MalformedKey, RepeatedSigner
from aeo_ledger.primitives.curve import ORDER, address_of_public_key
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.typed_data import Value, digest


def draw_secret(randomness: Callable[[int], bytes]) -> bytes:
    """Generate the 32 bytes of a private key.

    Args:
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
    """
    while True:
        secret = randomness(32)
        if is_secret(secret):
            return secret


def is_secret(secret: bytes) -> bool:
    """Whether the bytes are a private key of the curve."""
    return len(secret) == 32 and 0 < int.from_bytes(secret, "big") < ORDER


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signer:
    """Signs with one private key. The key stays in a closure: no attribute, text, copy or pickle shows it."""

    address: bytes
    """Its address, 20 bytes."""
    public_key: bytes
    """64 bytes, as in a node's enode address."""
    _sign: Callable[[bytes], bytes]

    @classmethod
    def from_secret(cls, secret: bytes) -> Signer:
        """Make a signer of a private key of 32 bytes.

        Raises:
            MalformedKey: The bytes are not a private key of the curve.
        """
        if not is_secret(secret):
            del secret  # a traceback may show its frames' variables
            raise MalformedKey
        key = PrivateKey(secret)

        def sign(message: bytes) -> bytes:
            return key.sign_recoverable(message, hasher=None)

        public_key = key.public_key.format(compressed=False)[1:]
        return cls(address_of_public_key(public_key), public_key, sign)

    @classmethod
    def generate(cls, randomness: Callable[[int], bytes]) -> Signer:
        """Generate a key that is stored nowhere: it is lost with this object (`randomness`: see `draw_secret`)."""
        return cls.from_secret(draw_secret(randomness))

    def sign(self, message: bytes) -> Signature:
        """Sign a digest of 32 bytes, deterministically and with low s (RFC 6979).

        Raises:
            ValueError: The digest is not 32 bytes; the caller is wrong.
        """
        return Signature.parse(self.seal(message))

    def seal(self, message: bytes) -> bytes:
        """Sign a digest of 32 bytes in the form of a QBFT seal: r, s, and v of 0 or 1, 65 bytes in all.

        Raises:
            ValueError: The digest is not 32 bytes; the caller is wrong.
        """
        if len(message) != 32:
            raise ValueError(f"a digest of {len(message)} bytes cannot be signed")
        return self._sign(message)

    def __repr__(self) -> str:
        """Show the address only."""
        return f"Signer({to_hex(self.address)})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a signer cannot be copied or pickled")


def sign_message(
    signers: Iterable[Signer], name: str, values: Mapping[str, Value], *, chain_id: int, contract: bytes
) -> tuple[Signature, ...]:
    """Sign a message once with each signer, in the order that the contracts require: ascending by address.

    Raises:
        MalformedMessage: See `protocol.typed_data.digest`.
        RepeatedSigner: Two signers have the same address.
    """
    message = digest(name, values, chain_id=chain_id, contract=contract)
    ascending = sorted(signers, key=lambda signer: signer.address)
    for signer, following in pairwise(ascending):
        if signer.address == following.address:
            raise RepeatedSigner(address=signer.address)
    return tuple(signer.sign(message) for signer in ascending)
