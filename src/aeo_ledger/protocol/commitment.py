"""How a document is bound on the ledger without being shown."""

from __future__ import annotations

from typing import Final

from aeo_ledger.primitives.hashes import keccak256

SALT_BYTES: Final = 32
"""Length of a salt. Without a secret salt, whoever guesses a document could see that the guess is right."""


def commit(content: bytes, salt: bytes) -> bytes:
    """Commit to a document without showing it: keccak256 of a secret salt of 32 bytes and the document's bytes."""
    return keccak256(salt + content)
