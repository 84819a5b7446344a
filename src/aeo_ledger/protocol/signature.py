"""A signature in the contracts' form, made by this project's signer or by any wallet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives.curve import HALF_ORDER, recover_public_key
from aeo_ledger.primitives.hashes import keccak256

_PREFIX: Final = b"\x19Ethereum Signed Message:\n32"


def hash_to_sign(hashed: bytes) -> bytes:
    """Compute the 32 bytes that a wallet signs for a message of 32 bytes. They are never those of a transaction or of typed data.

    Source: EIP-191, version 0x45 (`personal_sign`).
    """
    return keccak256(_PREFIX + hashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An ECDSA signature over secp256k1. Nothing is checked until `recover_signer` is called."""

    v: int
    """The recovery id plus 27: 27 or 28."""
    r: int
    s: int

    @classmethod
    def parse(cls, signature: bytes) -> Signature:
        """Read the 65 bytes that wallets give: r, s, v. Some wallets count v from 27, some from 0.

        Raises:
            MalformedSignature: The length or v is wrong.
        """
        if len(signature) != 65:
            raise MalformedSignature(reason=f"{len(signature)} bytes, needed 65")
        v = signature[64] if signature[64] >= 27 else signature[64] + 27
        if v not in (27, 28):
            raise MalformedSignature(reason=f"v is {signature[64]}, needed 27 or 28")
        return cls(v=v, r=int.from_bytes(signature[:32], "big"), s=int.from_bytes(signature[32:64], "big"))

    def encode(self) -> bytes:
        """Write the 65 bytes: r, s, v (27 or 28)."""
        return self.r.to_bytes(32, "big") + self.s.to_bytes(32, "big") + bytes([self.v])

    def recover_signer(self, digest: bytes) -> bytes:
        """Recover the 20-byte address that signed a digest of 32 bytes, by the contracts' rules.

        Raises:
            MalformedSignature: v, r or s is out of range, s is high, or no key can have made it.
        """
        return keccak256(self.recover_public_key(digest))[12:]

    def recover_public_key(self, digest: bytes) -> bytes:
        """Recover the public key, x and y of 32 bytes each, that signed a digest of 32 bytes; raises as `recover_signer` does."""
        if self.s > HALF_ORDER:
            raise MalformedSignature(reason="s is in the upper half of the order; the same signature has a lower form")
        return recover_public_key(digest, self.r, self.s, self.v - 27)
