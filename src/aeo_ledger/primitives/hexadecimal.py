"""Bytes as hexadecimal text for people and JSON, `0x` and two digits for each byte; and the numbers of JSON-RPC."""

from __future__ import annotations

import binascii
import re
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_SHOWN = 80
"""Characters of a wrong text that an error quotes: enough to recognise it, too few to flood a log."""

_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]+")


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
        raise MalformedText(what=what, found=_quote(text), needed=f"0x and {digits} hexadecimal digits")
    return data


def parse_quantity(found: object, *, what: str, max_bytes: int = 32) -> int:
    """Read a number in the form of JSON-RPC: `0x` and hexadecimal digits of either case.

    Python's `int` also reads a sign, spaces and underscores, and numbers so long that nothing can show them. Zeros in front are
    accepted, because engines write storage words with them.

    Args:
        found: A value from outside, of any kind.
        what: Name of the value, for the error.
        max_bytes: Bytes that the number may take; there are at most two digits for each.

    Raises:
        MalformedText: It is no such text, or too long.

    Source: Ethereum JSON-RPC, hex value encoding.
    """
    if not isinstance(found, str) or len(found) > 2 + 2 * max_bytes or not _QUANTITY.fullmatch(found):
        raise MalformedText(what=what, found=_quote(found), needed=f"0x and 1 to {2 * max_bytes} hexadecimal digits")
    return int(found, 16)


def _quote(found: object) -> str:
    """Show a wrong value: a text cut, anything else by its type, because it may be large."""
    if not isinstance(found, str):
        return type(found).__name__
    return repr(found if len(found) <= _SHOWN else found[:_SHOWN] + "...")
