"""Seal and open details: a certificate's document under the payload key of its type and epoch, with AES-256-GCM.

The associated data name the chain, the contract, the entry, the epoch and the commitment, so no detail can be moved to another certificate,
register or ledger. The nonce is their hash: an entry has each commitment at most once, since each contains a random salt, so no nonce
serves for two documents. It need not travel, and a plan that is made twice is the same.

Source: NIST SP 800-38D (GCM), section 8.2.1 (deterministic nonces).
"""

from __future__ import annotations

from typing import Final

from aeo_ledger.errors.signing import DetailsClosed
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.lookup_keys import PayloadKey
from aeo_ledger.signing.hpke import demanding_cryptography

_NONCE: Final = 12
"""Length in bytes."""


def seal_details(plain: bytes, key: PayloadKey, about: bytes) -> bytes:
    """Seal a text: the ciphertext, then the tag of 16 bytes.

    Args:
        plain: What is sealed.
        key: Of its type and epoch.
        about: The associated data. One that occurs twice with another text breaks the seal.

    Raises:
        ExtraMissing: The library is not installed.
    """
    with demanding_cryptography():
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 (the base install has it not)
    return AESGCM(key.secret).encrypt(keccak256(about)[:_NONCE], plain, about)


def open_details(sealed: bytes, key: PayloadKey, about: bytes) -> bytes:
    """Open what `seal_details` sealed.

    Raises:
        DetailsClosed: It is of another certificate or epoch, sealed with another key, or altered.
        ExtraMissing: The library is not installed.
    """
    with demanding_cryptography():
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 (the same)
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 (the same)
    try:
        return AESGCM(key.secret).decrypt(keccak256(about)[:_NONCE], sealed, about)
    except (InvalidTag, ValueError):
        facts = {"register": key.register, "certificate_type": key.certificate_type, "epoch": key.epoch}
    raise DetailsClosed(**facts)
