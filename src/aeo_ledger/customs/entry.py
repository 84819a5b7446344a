"""Entries: the 32-byte keys of standings. Only this module knows how register, type and holder are laid out in one.

An entry joins the register's number (2 bytes, big-endian), the certificate type's number (1 byte) and the holder, which is
the trader's pseudonym (29 bytes).
"""

from __future__ import annotations

from typing import Final

HOLDER_BYTES: Final = 29
"""Length of a trader's pseudonym in a register under one type."""


def make_entry(register: int, certificate_type: int, holder: bytes) -> bytes:
    """Join an entry from its three parts."""
    if len(holder) != HOLDER_BYTES:
        raise ValueError(f"a holder has {HOLDER_BYTES} bytes, not {len(holder)}")
    return register.to_bytes(2, "big") + certificate_type.to_bytes(1, "big") + holder


def register_of(entry: bytes) -> int:
    """Read the number of the register's party."""
    return int.from_bytes(entry[:2], "big")


def type_of(entry: bytes) -> int:
    """Read the number of the certificate type in its register."""
    return entry[2]


def holder_of(entry: bytes) -> bytes:
    """Read the trader's pseudonym, 29 bytes."""
    return entry[3:]
