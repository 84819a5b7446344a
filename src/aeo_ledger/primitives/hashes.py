"""Keccak-256, the hash of everything on the ledger."""

from __future__ import annotations

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """Hash data to 32 bytes with Keccak as submitted to the contest, which is not the SHA3-256 that NIST made of it.

    Source: Ethereum Yellow Paper, appendix on notation (KEC).
    """
    digest: bytes = keccak_256(data).digest()
    return digest
