"""HKDF with SHA-256: from one secret to many keys, of which none tells anything about another or about the secret."""

from __future__ import annotations

import hmac
from typing import Final

_HASH: Final = "sha256"
_HASH_BYTES: Final = 32
_MOST_BLOCKS: Final = 255


def derive_key(secret: bytes, info: bytes, *, salt: bytes = bytes(_HASH_BYTES), length: int = _HASH_BYTES) -> bytes:
    """Derive a key from a secret, for the one purpose that `info` names.

    Args:
        secret: The keying material. It must be random, and at least 16 bytes long, for the keys to be secret.
        info: What the key is for. Another purpose gives another key.
        salt: Any bytes, not secret. By default 32 zero bytes, which is what RFC 5869 takes where there is no salt.
        length: Bytes wanted, at most 8,160.

    Source: RFC 5869, "HMAC-based Extract-and-Expand Key Derivation Function (HKDF)".
    """
    blocks = -(-length // _HASH_BYTES)
    if not 0 < blocks <= _MOST_BLOCKS:
        raise ValueError(f"HKDF gives 1 to {_MOST_BLOCKS * _HASH_BYTES} bytes, not {length}")
    extracted = hmac.digest(salt, secret, _HASH)
    derived, block = b"", b""
    for number in range(1, blocks + 1):
        block = hmac.digest(extracted, block + info + bytes([number]), _HASH)
        derived += block
    return derived[:length]
