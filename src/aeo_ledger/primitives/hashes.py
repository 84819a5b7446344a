"""Keccak-256, the hash function of the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """Hash data to 32 bytes with the original Keccak. NIST's SHA3-256 is different.

    Source: Ethereum Yellow Paper, appendix on notation (KEC).
    """
    digest: bytes = keccak_256(data).digest()
    return digest


def keccak256_of(parts: Iterable[bytes]) -> bytes:
    """Hash data that comes in parts, as `keccak256` hashes the whole: a large file need not fit in memory."""
    hasher = keccak_256()
    for part in parts:
        hasher.update(part)
    digest: bytes = hasher.digest()
    return digest
