"""CBOR with only the kinds that this project's documents use: whole numbers from 0, bytes, text, lists and objects.

Each value has exactly one encoding.

The library cbor2 writes. This module reads, because a general decoder also builds dates, regular expressions and shared
references. The sender would choose them, and they could harm the reader.

Source: RFC 8949, section 4.2.1 (core deterministic encoding).
"""

from __future__ import annotations

import cbor2

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.primitives.documents import MAX_DEPTH, MAX_ITEMS, Value

_UNSIGNED, _BYTES, _TEXT, _LIST, _OBJECT = 0, 2, 3, 4, 5
"""Major types, the upper three bits of an item's first byte."""


def encode_cbor(value: Value) -> bytes:
    """Write a value in its one encoding."""
    return cbor2.dumps(value, canonical=True)


def parse_cbor(data: bytes, *, document: str, max_bytes: int) -> Value:
    """Read exactly one value in its one encoding.

    Raises:
        MalformedDocument: The data is longer than `max_bytes`, not in this encoding, or has a kind of value that is not
            used here. `at` gives the offset.
    """
    if len(data) > max_bytes:
        raise MalformedDocument(document, "", f"{len(data)} bytes, at most {max_bytes} are read")
    reader = _Reader(data, document)
    value = reader.value(0)
    if reader.at != len(data):
        raise reader.refuse("bytes follow the end of the document")
    return value


def read_member(data: bytes, key: str) -> Value:
    """Read the value of one key of the outermost object, and nothing after it; None if data is no object with this key."""
    reader = _Reader(data, "")
    try:
        return reader.member(key)
    except MalformedDocument:
        return None


class _Reader:
    """A position in the data that moves forward."""

    def __init__(self, data: bytes, document: str) -> None:
        self.data, self.document, self.at, self.items = data, document, 0, 0

    def refuse(self, reason: str) -> MalformedDocument:
        return MalformedDocument(self.document, f"byte {self.at}", reason)

    def value(self, depth: int) -> Value:
        """Read one value."""
        if depth > MAX_DEPTH:
            raise self.refuse(f"nested deeper than {MAX_DEPTH}")
        kind, number = self._head()
        if kind == _UNSIGNED:
            return number
        if kind not in (_BYTES, _TEXT, _LIST, _OBJECT):
            raise self.refuse("a kind of value that these documents do not have")
        if number > len(self.data) - self.at:
            raise self.refuse(f"it announces {number}, but fewer bytes are left")
        if kind == _BYTES:
            return self._take(number)
        if kind == _TEXT:
            return self._text(number)
        self.items += number
        if self.items > MAX_ITEMS:
            raise self.refuse(f"more than {MAX_ITEMS} values")
        if kind == _LIST:
            return [self.value(depth + 1) for _ in range(number)]
        return self._object(number, depth + 1)

    def member(self, key: str) -> Value:
        """Read an object up to one of its keys, and return that key's value; None if it lacks the key."""
        kind, size = self._head()
        for _ in range(size if kind == _OBJECT else 0):
            kind, length = self._head()
            found = self._text(length) if kind == _TEXT else None
            value = self.value(1)
            if found == key:
                return value
        return None

    def _head(self) -> tuple[int, int]:
        """Read an item's major type and its number in the shortest form."""
        first = self._take(1)[0]
        kind, number = first >> 5, first & 31
        if number < 24:
            return kind, number
        if number > 27:
            raise self.refuse("an item of indefinite length")
        width = 1 << (number - 24)
        number = int.from_bytes(self._take(width), "big")
        if number < (24 if width == 1 else 1 << 4 * width):
            raise self.refuse("a number that is not in its shortest form")
        return kind, number

    def _take(self, length: int) -> bytes:
        taken = self.data[self.at : self.at + length]
        if len(taken) < length:
            raise self.refuse("cut short")
        self.at += length
        return taken

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.refuse("a text that is not UTF-8") from error

    def _object(self, size: int, depth: int) -> dict[str, Value]:
        members: dict[str, Value] = {}
        previous = b""
        for _ in range(size):
            start = self.at
            kind, length = self._head()
            if kind != _TEXT:
                raise self.refuse("a key that is not a text")
            key = self._text(length)
            encoded = self.data[start : self.at]
            if encoded <= previous:
                raise self.refuse("keys that are repeated or not in ascending order")
            previous = encoded
            members[key] = self.value(depth)
        return members
