"""Bytes as hexadecimal text for people and JSON: `0x` and two digits for each byte."""

from __future__ import annotations

import binascii

from aeo_ledger.errors.primitives import MalformedText

_SHOWN = 80
"""Characters of a wrong text that an error quotes: enough to recognise it, too few to flood a log."""


def to_hex(data: bytes) -> str:
    """Write bytes as `0x` and lower-case digits, two for each byte."""
    return "0x" + data.hex()


def parse_hex(text: str, *, what: str, length: int | None = None) -> bytes:
    """Read `0x` and an even number of hexadecimal digits of either case.

    Args:
        text: Text from outside.
        what: Name of the value, for the error.
        length: Number of bytes needed; None accepts any.

    Raises:
        MalformedText: The text has another form or length.
    """
    try:
        data = binascii.unhexlify(text[2:]) if text.startswith("0x") else None
    except ValueError:
        data = None
    if data is None or (length is not None and len(data) != length):
        digits = "an even number of" if length is None else str(2 * length)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
        raise MalformedText(what=what, found=repr(shown), needed=f"0x and {digits} hexadecimal digits")
    return data
