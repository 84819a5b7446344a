"""Traces that a text leaves in bytes: every form in which it could stand there, and how bytes are laid open before they are searched."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.rlp import encode, minimal_bytes

_HEX: Final = re.compile(rb"(?:0x)?((?:[0-9a-f]{2}){8,})", re.IGNORECASE)


def forms_of(text: str) -> Iterator[bytes]:
    """List the forms in which a text could stand somewhere: CBOR and RLP have it as UTF-8."""
    for plain in dict.fromkeys(text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        yield from _in_base64(plain)
    for coded in (json.dumps(text)[1:-1], quote(text), quote_plus(text), text.encode("unicode_escape").decode()):
        yield coded.encode()
    with suppress(UnicodeEncodeError):  # letters that it lacks
        yield text.encode("windows-1251")


def forms_of_number(tin: str) -> Iterator[bytes]:
    """List the forms of a TIN: of its text with the country and without, of its digits as a number, and of its plain hash."""
    for text in (tin, tin[2:]):
        yield from forms_of(text)
        yield from forms_of_bytes(keccak256(text.encode()))
    if tin[2:].isdigit():
        number = int(tin[2:])  # its four bytes alone stand by chance in some megabytes of keys and hashes
        yield from (encode_cbor(number), encode(minimal_bytes(number)), number.to_bytes(8, "big"))


def forms_of_bytes(value: bytes) -> Iterator[bytes]:
    """List the forms of bytes."""
    yield value
    yield value.hex().encode()
    yield from _in_base64(value)


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """Write bytes in base64 as they stand behind 0, 1 or 2 others; what the neighbours change is left out."""
    for before in range(3):
        for write in (base64.b64encode, base64.urlsafe_b64encode):
            whole = write(bytes(before) + plain)
            cut = whole[(before * 8 + 5) // 6 : (before + len(plain)) * 8 // 6]
            yield cut


def lay_open(data: bytes) -> bytes:
    """Add to bytes what stands in them as hex: RPC and JSON wrap call data, logs and documents so."""
    inner = b"\n".join(bytes.fromhex(found[1].decode()) for found in _HEX.finditer(data))
    return data + b"\n" + inner


def read_database(path: Path) -> bytes:
    """Read a SQLite file with its log, and each cell alone: a page's end may divide a text."""
    files = b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))
    cells: list[bytes] = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (the file's own names)
                cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    return files + b"\n".join(cells)
