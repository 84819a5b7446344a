"""The curve secp256k1: find the key that made a signature.

libsecp256k1 does the work, through coincurve: pure Python would take a hundred times longer. Private keys are handled in
`signing`.
"""

from __future__ import annotations

from coincurve import PublicKey

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives.hashes import keccak256

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Order of the group. Both `r` and `s` are above 0 and below it."""

HALF_ORDER = ORDER // 2
"""Largest low `s`. Each signature has a twin with a high `s`; contracts accept only the low one."""


def recover_address(digest: bytes, r: int, s: int, recovery_id: int) -> bytes:
    """Recover the 20-byte address whose key signed a digest of 32 bytes; see `recover_public_key`."""
    return keccak256(recover_public_key(digest, r, s, recovery_id))[12:]


def recover_public_key(digest: bytes, r: int, s: int, recovery_id: int) -> bytes:
    """Recover the public key that signed a digest of 32 bytes: x and y, 32 bytes each, big-endian.

    High `s` is accepted here. The caller's rule for the signature refuses it where that is needed.

    Args:
        digest: What was signed, 32 bytes.
        r: Below `ORDER`, above 0.
        s: Below `ORDER`, above 0.
        recovery_id: 0 or 1, the parity of the point's y.

    Raises:
        MalformedSignature: A number is out of its range, or no key can have made this signature.
        ValueError: The digest is not 32 bytes: a programming error.
    """
    if len(digest) != 32:
        raise ValueError(f"the digest has {len(digest)} bytes, needed 32")
    if not 0 < r < ORDER or not 0 < s < ORDER:
        raise MalformedSignature(reason="r and s must lie between 0 and the curve's order")
    if recovery_id not in (0, 1):
        raise MalformedSignature(reason=f"recovery id is {recovery_id}, needed 0 or 1")
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((recovery_id,))
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        raise MalformedSignature(reason="no key can have made it") from None
    return key.format(compressed=False)[1:]


def address_of_public_key(public_key: bytes) -> bytes:
    """Derive the 20-byte address of a public key: x and y, 32 bytes each, big-endian.

    Raises:
        MalformedSignature: The bytes are not a point on the curve.
    """
    try:
        PublicKey(b"\x04" + public_key)
    except ValueError:
        raise MalformedSignature(reason="the public key is not a point on the curve") from None
    return keccak256(public_key)[12:]
