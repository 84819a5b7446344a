"""Bytes to text. Nothing is guessed: a file is UTF-8, or somebody says what it is. A guess is only proposed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from importlib.util import find_spec
from operator import itemgetter
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import OtherEncoding

UTF_8: Final = "utf-8"
UTF_16: Final = "utf-16"

_MARK: Final = "\ufeff"
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_LIKELY: Final = ("utf_16", "cp1251", "cp1252", "cp1250", "cp1254", "koi8_r", "cp866", "gb18030", "shift_jis", "cp949")
"""Encodings that administrations' systems write. A short text suits many others, which nobody uses."""
_READ_FOR_A_GUESS: Final = 1 << 16

_HEAD: Final = 1 << 13
"""Bytes in which they are looked for."""
_BETWEEN: Final = re.compile("[\\ufeff\"',;|:\\t\\r\\n{}\\[\\]]+")
"""What stands between headings, in CSV and JSON."""

_TEXT: Final = re.compile(
    r"ascii|utf-(?:8|8-sig|(?:16|32)(?:-[bl]e)?)|(?:cp|iso8859-|ptcp|kz)[0-9]+|koi8-[rtu]|mac-[a-z-]+|tis-620"
    r"|gb[0-9k]+|big5(?:hkscs)?|shift_jis(?:_2004|x0213)?|euc_[a-z0-9_]+|johab"
)
"""Python's names of encodings of texts. Python has others, of host names and of programs, which can take very long or fail in other ways."""

_NAMES: Final = {
    "cp1251": "windows-1251",
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "cp1254": "windows-1254",
    "utf_16": UTF_16,
}
"""Names that people know, by Python's."""


def read_encoding(name: str) -> str:
    """Read the name of an encoding, such as `windows-1251`; return it as people write it.

    Raises:
        MalformedText: no text encoding has this name.
    """
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, TypeError):
        found = ""
    if not _TEXT.fullmatch(found):
        raise MalformedText("encoding", repr(name)[:40], "a name such as utf-8, utf-16 or windows-1251")
    return _NAMES.get(found.replace("-", "_"), found)


_READABLE: Final = (UTF_8, "utf-16-le", "utf-16-be", *(read_encoding(name) for name in _LIKELY if name != "utf_16"))
"""Encodings in which known headings are looked for. Only a mark tells `utf-16` of which kind it is."""


def decode(
    data: bytes, encoding: str | None, *, insist: bool = False, knows: Callable[[str], bool] = lambda _: False
) -> tuple[str, str, bool]:
    """Decode a file. In most encodings every sequence of bytes is a text, so a wrong one is found by what the text lacks.

    Args:
        data: The file.
        encoding: The encoding that the profile or the command names; None if neither does.
        insist: Whether somebody named it for this file. Otherwise a file that is plainly UTF-8 or UTF-16 is not read as something else.
        knows: Tells whether a heading is known. A file is not read by an encoding if another one shows more known headings.

    Returns:
        The text without byte order marks, the encoding by which it was read, and whether it began with a mark.

    Raises:
        MalformedText: there is no such encoding.
        OtherEncoding: the bytes are no text in this encoding, or a text in another one, which is proposed.
    """
    needed = read_encoding(encoding or UTF_8)
    if not insist and data[:2] in _UTF_16_MARKS and not needed.startswith(UTF_16):
        raise OtherEncoding(found="the file begins as UTF-16 does", needed=needed, proposed=UTF_16)
    if not insist and needed != UTF_8 and not data.isascii() and is_utf_8(data):
        raise OtherEncoding(found="the file is UTF-8", needed=needed, proposed=UTF_8)
    try:
        text = data.decode(needed)
    except UnicodeDecodeError as error:
        at = f"byte {error.start} is not {needed}"
        raise OtherEncoding(found=at, needed=needed, proposed=_propose(data, knows)) from error
    shown = _count_known(data, needed, knows)
    better, most = max(((name, _count_known(data, name, knows)) for name in _READABLE), key=itemgetter(1))
    if most > shown:
        better = UTF_16 if data[:2] in _UTF_16_MARKS else better
        raise OtherEncoding(
            found=f"{needed} shows {shown} known headings and {better} {most}", needed=needed, proposed=better
        )
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


def _propose(data: bytes, knows: Callable[[str], bool] = lambda _: False) -> str:
    if data[:2] in _UTF_16_MARKS:
        return UTF_16
    shown = {name: _count_known(data, name, knows) for name in _READABLE}
    best, most = max(shown.items(), key=itemgetter(1))
    if list(shown.values()).count(most) == 1:
        return best
    if find_spec("charset_normalizer") is None:
        return ""
    from charset_normalizer import from_bytes  # noqa: PLC0415 (an extra, and slow to load)

    found = from_bytes(data[:_READ_FOR_A_GUESS], cp_isolation=list(_LIKELY)).best()
    return "" if found is None else read_encoding(found.encoding)


def _count_known(data: bytes, encoding: str, knows: Callable[[str], bool]) -> int:
    """Count the known headings at the beginning of a file, whatever stands between them, if an encoding can read it."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data[:_HEAD])
    except UnicodeDecodeError:
        return 0
    return sum(map(knows, set(_BETWEEN.split(text))))
