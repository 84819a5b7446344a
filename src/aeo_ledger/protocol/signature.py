"""A signature as the contracts take it, wherever it was made: by this project's signer or by a wallet."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives.curve import HALF_ORDER, recover_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An ECDSA signature over secp256k1. Nothing is checked until `recover_signer` is asked whose it is."""

    v: int
    """27 or 28: the recovery id and 27."""
    r: int
    s: int

    @classmethod
    def parse(cls, signature: bytes) -> Signature:
        """Read the 65 bytes that wallets give: r, s, v; v counts from 27, or from 0 as some write it.

        Raises:
            MalformedSignature: It has another length, or another v.
        """
        if len(signature) != 65:
            raise MalformedSignature(reason=f"{len(signature)} bytes, needed 65")
        v = signature[64] if signature[64] >= 27 else signature[64] + 27
        if v not in (27, 28):
            raise MalformedSignature(reason=f"v is {signature[64]}, needed 27 or 28")
        return cls(v=v, r=int.from_bytes(signature[:32], "big"), s=int.from_bytes(signature[32:64], "big"))

    def encode(self) -> bytes:
        """Write the 65 bytes: r, s, v from 27."""
        return self.r.to_bytes(32, "big") + self.s.to_bytes(32, "big") + bytes([self.v])

    def recover_signer(self, digest: bytes) -> bytes:
        """Recover the 20-byte address that signed a digest of 32 bytes, by the rules that the contracts follow.

        Raises:
            MalformedSignature: v, r or s is out of range, s is high, or no key can have made it.
        """
        if self.s > HALF_ORDER:
            raise MalformedSignature(reason="s is in the upper half of the order; the same signature has a lower form")
        return recover_address(digest, self.r, self.s, self.v - 27)
