"""Bytes to text. Nothing is guessed: a file is UTF-8, or somebody says what it is. A guess is only proposed."""

from __future__ import annotations

import codecs
from importlib.util import find_spec
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import OtherEncoding

UTF_8: Final = "utf-8"

_MARK: Final = "\ufeff"
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_LIKELY: Final = ("utf_16", "cp1251", "cp1252", "cp1250", "cp1254", "koi8_r", "cp866", "gb18030", "shift_jis", "cp949")
"""Encodings that administrations' systems write. A short text suits many others, which nobody uses."""
_READ_FOR_A_GUESS: Final = 1 << 16

_NAMES: Final = {
    "cp1251": "windows-1251",
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "cp1254": "windows-1254",
    "utf_16": "utf-16",
}
"""Names that people know, by Python's."""


def read_encoding(name: str) -> str:
    """Read the name of an encoding, such as `windows-1251`; return it as people write it.

    Raises:
        MalformedText: no text encoding has this name.
    """
    try:
        "a".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError, TypeError) as error:
        raise MalformedText("encoding", repr(name)[:40], "a name such as utf-8, utf-16 or windows-1251") from error
    return _NAMES.get(found.replace("-", "_"), found)


def decode(data: bytes, encoding: str | None, *, insist: bool = False) -> tuple[str, str, bool]:
    """Decode a file.

    Args:
        data: The file.
        encoding: The encoding that the profile or the command names; None if neither does.
        insist: Whether somebody named it for this file. Otherwise a file that is plainly UTF-8 is not read as something else: in most
            other encodings every sequence of bytes is a text, and a wrong one.

    Returns:
        The text without byte order marks, the encoding by which it was read, and whether it began with a mark.

    Raises:
        MalformedText: there is no such encoding.
        OtherEncoding: the bytes are no text in this encoding; another one is proposed if the bytes suggest one.
    """
    needed = read_encoding(encoding or UTF_8)
    if encoding is None and data[:2] in _UTF_16_MARKS:
        raise OtherEncoding(found="the file begins as UTF-16 does", needed=UTF_8, proposed="utf-16")
    if not insist and needed != UTF_8 and not data.isascii() and is_utf_8(data):
        raise OtherEncoding(found="the file is UTF-8", needed=needed, proposed=UTF_8)
    try:
        text = data.decode(needed)
    except UnicodeDecodeError as error:
        at = f"byte {error.start} is not {needed}"
        raise OtherEncoding(found=at, needed=needed, proposed=_propose(data)) from error
    marked = text.startswith(_MARK) or data[:2] in _UTF_16_MARKS
    return text.lstrip(_MARK), needed, marked


def propose_encoding(data: bytes) -> str:
    """Propose the encoding of a file: UTF-8 if it can be, else the likeliest one; empty if none is likely."""
    return UTF_8 if is_utf_8(data) else _propose(data)


def is_utf_8(data: bytes) -> bool:
    """Tell whether a file can be UTF-8."""
    try:
        data.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


def _propose(data: bytes) -> str:
    if data[:2] in _UTF_16_MARKS:
        return "utf-16"
    if find_spec("charset_normalizer") is None:
        return "an encoding that the extra [office] would propose"
    from charset_normalizer import from_bytes  # noqa: PLC0415 (an extra, and slow to load)

    best = from_bytes(data[:_READ_FOR_A_GUESS], cp_isolation=list(_LIKELY)).best()
    return "" if best is None else _NAMES.get(best.encoding, best.encoding)
