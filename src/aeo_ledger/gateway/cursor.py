"""Cursors: where a list as of one block goes on. A cursor is good for that block, that register and those filters alone.

It is 56 bytes: the block's number (8) and the first bytes of its hash (8), the first bytes of a hash of register and filters (8), and the
last entry (32). It is opaque to callers. It needs no signature: whoever makes one up asks for nothing that they may not list anyway.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.gateway import StrangeCursor
from aeo_ledger.primitives.hashes import keccak256

_BYTES: Final = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a list."""

    block: int
    block_hash: bytes
    """The first 8 bytes."""
    filters: bytes
    """The first 8 bytes of a hash of what is listed."""
    last: bytes
    """The last entry that was looked at, 32 bytes."""

    def __str__(self) -> str:
        """Write it for a URL."""
        data = self.block.to_bytes(8, "big") + self.block_hash + self.filters + self.last
        return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read_cursor(text: str, filters: bytes) -> Cursor:
    """Read a cursor of a list with these filters.

    Raises:
        StrangeCursor: It has another form, or is of another list.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise StrangeCursor from error
    cursor = Cursor(block=int.from_bytes(data[:8], "big"), block_hash=data[8:16], filters=data[16:24], last=data[24:])
    if len(data) != _BYTES or cursor.filters != filters or str(cursor) != text:
        raise StrangeCursor
    return cursor


def hash_filters(*filters: object) -> bytes:
    """Hash what is listed, 8 bytes."""
    return keccak256(repr(filters).encode())[:8]
