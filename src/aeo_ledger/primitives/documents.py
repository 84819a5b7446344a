"""Documents of fixed form: every key known, every value of its type and within its bounds.

A reader must not skip what it does not know: a key that is ignored today could be a rule that somebody relies on tomorrow.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

Value: TypeAlias = bool | int | float | str | bytes | list["Value"] | dict[str, "Value"] | None
"""What a document consists of. Fractions appear only where the reader allows them."""

MAX_DEPTH: Final = 16
"""How deep lists and objects may nest. This project's documents need four levels."""

MAX_ITEMS: Final = 1 << 19
"""Most values in one CBOR document. The largest, evidence of a batch, has 300,000. A small value takes fifty times its bytes in memory."""

MAX_MEMORY: Final = 1 << 26
"""Most bytes of memory for the values of one JSON document, beyond its text. Evidence of a batch, the largest, takes 50 million."""

_COST: Final = {"{": 200, "[": 90, ":": 120, '"': 40, ",": 40}
"""Bytes of memory that Python takes per sign: an object, a list, a key, half a text, a place in a list with its number."""

_MAX_DIGITS: Final = 80
"""Most digits of a number: 256 bits have 78. The time that Python takes grows with the square of their count."""

_STRUCTURE: Final = re.compile(r'[^"\[{}\]]*+(?:"(?:[^"\\]++|\\.)*+"?|([\[{}\]])|\Z)', re.DOTALL)
"""Text before a bracket, a whole string, or a bracket. Only the bracket is captured."""

_STEP: Final = {"": 0, "[": 1, "{": 1, "]": -1, "}": -1}
"""How each of these changes the depth."""

_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may be half of a character. Two halves side by side are valid, so a match is only a reason to look."""

_MARK: Final = "\ufeff"
"""The byte order mark. In UTF-8 it means nothing."""

_LINE_END: Final = re.compile(r"\r\n?")
"""The end of a line, as other systems write it. A document keeps its texts when mail changes the ends of its lines."""

_TOML_COST: Final = {".": 1_000, "[": 1_000, "{": 300, "=": 150, ",": 50}
"""Bytes of memory that Python's reader of TOML takes per sign outside texts: a part of a key, a table, a key, a place in a list."""

_MAX_DOTS: Final = 16
"""Most dots in a line outside texts. The memory for one key grows with the square of their count."""

_TOML_TEXT: Final = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}|"(?:[^"\\\n]++|\\.)*+"'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}|'[^'\n]*+'|#[^\n]*+",
    re.DOTALL,
)
"""A text or a remark. One of several lines may end with up to two quotation marks of its own (TOML 1.0)."""

_TOML_WORD: Final = re.compile(rf"[0-9A-Za-z_]{{{_MAX_DIGITS + 1}}}")
"""A number, or a name without quotation marks, that is too long."""

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""The first bytes of a file in UTF-16."""

T = TypeVar("T")


def parse_json(
    text: str | bytes, *, document: str, max_bytes: int, max_memory: int = MAX_MEMORY, fractions: bool = False
) -> Value:
    """Read JSON strictly: no repeated key, whole numbers only, valid Unicode, limited depth.

    The cost in memory is counted before parsing.

    Args:
        text: Bytes are UTF-8.
        document: Name of the document, for errors.
        max_bytes: Longest text that is read. A text that is not ASCII counts four times: one wide letter makes all wide.
        max_memory: Most bytes of memory for its values, beyond the text.
        fractions: Whether numbers may have fractions and exponents.

    Raises:
        MalformedDocument: The text is longer than `max_bytes`, deeper than `MAX_DEPTH`, takes more than `max_memory`, is
            not UTF-8, is not JSON, or breaks one of the rules above.
    """
    size = len(text) if text.isascii() else 4 * len(text)
    if size > max_bytes:
        raise MalformedDocument(document, "", f"{size} bytes, at most {max_bytes} are read")
    text = decode_text(text, document=document) if isinstance(text, bytes) else text.removeprefix(_MARK)
    refuse_costly(text, document=document, max_memory=max_memory)
    value: Value = load_json(text, document=document, fractions=fractions)
    return value


def load_json(text: str, *, document: str, fractions: bool) -> Any:
    """Read JSON whose size and depth the caller has checked.

    Python's own reader accepts repeated keys (it keeps the last), `NaN`, `1e999`, and half of a character (a lone surrogate,
    which no encoding can write again). With each of them two readers of one text could see different things. So all are refused.

    Raises:
        MalformedDocument: The text is not JSON, or has one of these, or has a fraction where `fractions` is false.
    """
    try:
        value = json.loads(text, **_hooks(document, fractions=fractions))
        if "\\u" in text and _HALF_CHARACTER.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise MalformedDocument(document, "", "a text holds half of a character (a lone surrogate)") from error
    except ValueError as error:
        raise MalformedDocument(document, "", f"not JSON that can be read ({error})") from error
    return value


def _hooks(document: str, *, fractions: bool) -> dict[str, Any]:
    """Make the functions that the parser calls for each number and object. They refuse what is not allowed."""

    def refuse_number(found: str) -> NoReturn:
        raise MalformedDocument(document, "", f"found the number {found[:40]}, needed whole numbers")

    def read_whole(found: str) -> int:
        return int(found) if len(found) <= _MAX_DIGITS else refuse_number(found)

    def read_fraction(found: str) -> float:
        number = float(found)
        if not fractions or not isfinite(number):
            refuse_number(found)
        return number

    def refuse_duplicates(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise MalformedDocument(document, "", f"the key {_find_repeated(pairs)[:40]!r} appears twice in one object")
        return members

    return {
        "object_pairs_hook": refuse_duplicates,
        "parse_int": read_whole,
        "parse_float": read_fraction if fractions else refuse_number,
        "parse_constant": refuse_number,
    }


def decode_text(data: bytes, *, document: str) -> str:
    """Decode a file that people edit: UTF-8, with or without a byte order mark.

    Raises:
        MalformedDocument: The file has another encoding. UTF-16, which some systems write by default, is named.
    """
    if data[:2] in _UTF_16:
        raise MalformedDocument(document, "", "found UTF-16, needed UTF-8: save the file as UTF-8")
    try:
        return data.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise MalformedDocument(document, "", f"byte {error.start} is not UTF-8, needed UTF-8") from error


def is_json(data: bytes) -> bool:
    """Tell JSON from CBOR by the first byte: a JSON object begins with a brace, a CBOR map never does."""
    return data.removeprefix(_MARK.encode()).lstrip()[:1] == b"{" or data[:2] in _UTF_16


def text_form(value: Value) -> Value:
    """Convert the bytes in a value to their form in JSON: `0x` and hexadecimal digits."""
    if isinstance(value, bytes):
        return to_hex(value)
    if isinstance(value, list):
        return [text_form(item) for item in value]
    return {key: text_form(item) for key, item in value.items()} if isinstance(value, dict) else value


def refuse_costly(text: str, *, document: str, max_memory: int = MAX_MEMORY, max_depth: int = MAX_DEPTH) -> None:
    """Refuse JSON that would take too much memory, or whose depth could exhaust the parser's stack and end the process.

    Memory is counted first, because it limits how many signs the second count reads.

    Raises:
        MalformedDocument: It would take more than `max_memory` bytes, or is deeper than `max_depth`.
    """
    refuse_memory(text, document=document, max_memory=max_memory)
    _refuse_depth(text, document=document, max_depth=max_depth)


def _refuse_depth(text: str, *, document: str, max_depth: int) -> None:
    depth = 0
    for sign in _STRUCTURE.findall(text):
        depth += _STEP[sign]
        if depth > max_depth:
            raise MalformedDocument(document, "", f"nested deeper than {max_depth}")


def refuse_memory(text: str, *, document: str, max_memory: int) -> None:
    """Refuse JSON, or lines of it, whose values would take too much memory.

    Raises:
        MalformedDocument: They would take more than `max_memory` bytes.
    """
    if sum(text.count(sign) * cost for sign, cost in _COST.items()) > max_memory:
        raise MalformedDocument(document, "", f"its values would take more than {max_memory} bytes of memory")


def parse_toml(text: str | bytes, *, document: str, max_bytes: int) -> dict[str, Any]:
    """Read TOML, which people write. Lines end as any system ends them; the cost in memory is counted before parsing.

    Args:
        text: Bytes are UTF-8.
        document: Name of the document, for errors.
        max_bytes: Longest text that is read.

    Raises:
        MalformedDocument: The text is longer than `max_bytes`, takes more than `MAX_MEMORY`, has a line with more than 16 dots outside
            texts or a number of more than 80 digits, is deeper than `MAX_DEPTH`, is not UTF-8, or is not TOML.
    """
    if len(text) > max_bytes:
        raise MalformedDocument(document, "", f"{len(text)} bytes, at most {max_bytes} are read")
    text = decode_text(text, document=document) if isinstance(text, bytes) else text.removeprefix(_MARK)
    text = _LINE_END.sub("\n", text)
    bare = _TOML_TEXT.sub("", text)
    if sum(bare.count(sign) * cost for sign, cost in _TOML_COST.items()) > MAX_MEMORY:
        raise MalformedDocument(document, "", f"its values would take more than {MAX_MEMORY} bytes of memory")
    if max(line.count(".") for line in bare.split("\n")) > _MAX_DOTS:
        raise MalformedDocument(document, "", f"a line has more than {_MAX_DOTS} dots outside texts")
    if _TOML_WORD.search(bare):
        raise MalformedDocument(document, "", f"a number has more than {_MAX_DIGITS} digits")
    _refuse_depth(bare, document=document, max_depth=MAX_DEPTH)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise MalformedDocument(document, "", f"it is not TOML: {error}"[:200]) from error


@contextmanager
def within(place: str) -> Iterator[None]:
    """Add a place, such as `questions[3]`, to each error of this project raised inside the block."""
    try:
        yield
    except AeoLedgerError as error:
        error.place = place
        raise


class Fields:
    """An object of a document, read key by key.

    In a text form such as JSON, bytes are `0x` and hexadecimal digits. In other forms they are bytes.


    Each method raises `MalformedDocument` with the place if a value has the wrong type or exceeds its bound.
    """

    __slots__ = ("_at", "_document", "_members", "_text_only")

    def __init__(self, value: Value, *, document: str, at: str = "", text_only: bool = True) -> None:
        self._document, self._at, self._text_only = document, at, text_only
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise MalformedDocument(document, at, "needed an object with text for keys")
        self._members = value

    def __contains__(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self._members

    def demand(self, required: Sequence[str], *, optional: Sequence[str] = ()) -> None:
        """Demand exactly these keys, with or without the optional ones."""
        found = self._members.keys()
        missing = [key for key in required if key not in found]
        surplus = sorted(found - set(required) - set(optional))
        if missing or surplus:
            parts = [f"lacks {', '.join(missing)}"] if missing else []
            parts += [f"has unknown keys {', '.join(key[:40] for key in surplus[:5])!r}"] if surplus else []
            raise MalformedDocument(self._document, self._at, "; ".join(parts))

    def value(self, key: str) -> Value:
        """Read the value under a key, of any type."""
        return self._members[key]

    def text(self, key: str, max_length: int) -> str:
        """Read a text of 1 to `max_length` characters."""
        value = self._members[key]
        if not isinstance(value, str) or not 1 <= len(value) <= max_length:
            self.refuse(key, f"needed a text of 1 to {max_length} characters")
        return value

    def number(self, key: str, maximum: int) -> int:
        """Read a whole number from 0 to `maximum`."""
        value = self._members[key]
        if type(value) is not int or not 0 <= value <= maximum:
            self.refuse(key, f"needed a whole number from 0 to {maximum}")
        return value

    def numbers(self, key: str, max_items: int, maximum: int) -> tuple[int, ...]:
        """Read a list of whole numbers from 0 to `maximum`."""
        items = self._items(key, max_items)
        numbers = tuple(item for item in items if type(item) is int and 0 <= item <= maximum)
        if len(numbers) != len(items):
            self.refuse(key, f"needed whole numbers from 0 to {maximum}")
        return numbers

    def choice(self, key: str, choices: Mapping[str, T]) -> T:
        """Read one of a few words."""
        value = self._members[key]
        if not isinstance(value, str) or value not in choices:
            self.refuse(key, f"needed one of {', '.join(choices)}")
        return choices[value]

    def flag(self, key: str) -> bool:
        """Read true or false."""
        value = self._members[key]
        if not isinstance(value, bool):
            self.refuse(key, "needed true or false")
        return value

    def binary(self, key: str, length: int | None = None) -> bytes:
        """Read bytes."""
        return self._binary(self._members[key], self._path(key), length)

    def binaries(self, key: str, max_items: int, length: int | None = None) -> tuple[bytes, ...]:
        """Read a list of bytes."""
        path = self._path(key)
        return tuple(
            self._binary(item, f"{path}[{place}]", length) for place, item in enumerate(self._items(key, max_items))
        )

    def texts(self, key: str, max_items: int, max_length: int) -> tuple[str, ...]:
        """Read a list of texts."""
        items = self._items(key, max_items)
        if not all(isinstance(item, str) and 1 <= len(item) <= max_length for item in items):
            self.refuse(key, f"needed texts of 1 to {max_length} characters")
        return tuple(str(item) for item in items)

    def object(self, key: str) -> Fields:
        """Read an object under a key."""
        return self._within(self._members[key], self._path(key))

    def objects(self, key: str, max_items: int) -> Iterator[Fields]:
        """Read a list of objects."""
        for place, item in enumerate(self._items(key, max_items)):
            yield self._within(item, f"{self._path(key)}[{place}]")

    def keys(self, max_items: int) -> tuple[str, ...]:
        """List the keys of an object that serves as a table."""
        if len(self._members) > max_items:
            raise MalformedDocument(
                self._document, self._at, f"{len(self._members)} keys, at most {max_items} are read"
            )
        return tuple(self._members)

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Refuse the value under a key and quote it."""
        raise MalformedDocument(self._document, self._path(key), f"found {_show(self._members[key])}, {reason}")

    def _items(self, key: str, max_items: int) -> list[Value]:
        value = self._members[key]
        if not isinstance(value, list) or len(value) > max_items:
            self.refuse(key, f"needed a list of at most {max_items}")
        return value

    def _within(self, value: Value, at: str) -> Fields:
        return Fields(value, document=self._document, at=at, text_only=self._text_only)

    def _binary(self, value: Value, path: str, length: int | None) -> bytes:
        if self._text_only:
            try:
                return parse_hex(value if isinstance(value, str) else _show(value), what=path, length=length)
            except MalformedText as error:
                raise MalformedDocument(self._document, path, f"found {error.found}, needed {error.needed}") from error
        if not isinstance(value, bytes) or length not in (None, len(value)):
            needed = "bytes" if length is None else f"{length} bytes"
            raise MalformedDocument(self._document, path, f"found {_show(value)}, needed {needed}")
        return value

    def _path(self, key: str) -> str:
        return f"{self._at}.{key}" if self._at else key


def _show(value: Value) -> str:
    """Quote a value for an error: enough to recognise it, never a whole document."""
    if isinstance(value, list | dict):
        return f"a {'list' if isinstance(value, list) else 'object'} of {len(value)}"
    return repr(value[:60] if isinstance(value, str | bytes) else value)[:80]


def _find_repeated(pairs: Sequence[tuple[str, Value]]) -> str:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    return key
