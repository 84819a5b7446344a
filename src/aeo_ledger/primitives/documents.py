"""Documents of fixed form: every key known, every value of its type and within its bounds.

What a reader does not know it must not skip: a key that is ignored today is a rule that somebody relied on tomorrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NoReturn, TypeAlias, TypeVar

from aeo_ledger.errors import MalformedDocument, MalformedText
from aeo_ledger.primitives.hexadecimal import parse_hex

Value: TypeAlias = bool | int | str | bytes | list["Value"] | dict[str, "Value"] | None
"""What a document is made of."""

MAX_DEPTH: Final = 16
"""Lists and objects within each other; this project's documents need four."""

MAX_ITEMS: Final = 1 << 19
"""Values in one document: the largest, a batch's evidence, has 300,000. Small ones take fifty times their bytes once read."""

_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A string, whole, or a bracket."""

T = TypeVar("T")


def parse_json(text: str | bytes, *, document: str, max_bytes: int) -> Value:
    """Read JSON in which no key of an object stands twice, numbers are whole, and nothing is too deep.

    Raises:
        MalformedDocument: It is longer than `max_bytes`, deeper than `MAX_DEPTH`, of more than `MAX_ITEMS`, not UTF-8,
            not JSON, or not so.
    """
    if len(text) > max_bytes:
        raise MalformedDocument(document, "", f"{len(text)} bytes, at most {max_bytes} are read")

    def refuse_number(found: str) -> NoReturn:
        raise MalformedDocument(document, "", f"found the number {found[:40]}, needed whole ones")

    def refuse_duplicates(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise MalformedDocument(document, "", "a key stands twice in one object")
        return members

    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        if text.count(",") > MAX_ITEMS:
            raise MalformedDocument(document, "", f"more than {MAX_ITEMS} values")
        _refuse_depth(text, document)
        value: Value = json.loads(
            text,
            object_pairs_hook=refuse_duplicates,
            parse_float=refuse_number,
            parse_constant=refuse_number,
        )
    except ValueError as error:
        raise MalformedDocument(document, "", f"not JSON that can be read ({error})") from error
    return value


class Fields:
    """An object of a document, read key by key.

    Where a form is text only, as JSON is, bytes are `0x` and hexadecimal digits; elsewhere they are bytes and nothing
    else.

    Each method raises `MalformedDocument`, naming the place, for a value of another type or beyond its bound.
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
        """Read whatever stands under a key."""
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
        """Read an object within."""
        return self._within(self._members[key], self._path(key))

    def objects(self, key: str, max_items: int) -> Iterator[Fields]:
        """Read a list of objects."""
        for place, item in enumerate(self._items(key, max_items)):
            yield self._within(item, f"{self._path(key)}[{place}]")

    def keys(self, max_items: int) -> tuple[str, ...]:
        """List the keys of an object that is a table."""
        if len(self._members) > max_items:
            raise MalformedDocument(
                self._document, self._at, f"{len(self._members)} keys, at most {max_items} are read"
            )
        return tuple(self._members)

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Refuse the value under a key, quoting it."""
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


def _refuse_depth(text: str, document: str) -> None:
    """Refuse JSON that nests too deep before it is parsed: the parser's recursion can end the process."""
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise MalformedDocument(document, "", f"nested deeper than {MAX_DEPTH}")
