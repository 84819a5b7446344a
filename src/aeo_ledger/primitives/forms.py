"""The two forms in which a document travels: JSON for people, CBOR for machines, one content.

A kind of document says once which plain values it consists of, with bytes as bytes. JSON writes those as `0x` and
hexadecimal digits, CBOR as byte strings; nothing else differs. So the two forms of one document cannot say two things.

Source: RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Generic, TypeVar

from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor
from aeo_ledger.primitives.documents import Fields, Value, is_json, parse_json, text_form

T = TypeVar("T")


class Form(Generic[T]):
    """A kind of document: how a content is written as plain values, and how it is read back from them.

    Each method that reads raises `MalformedDocument` for what is too large, not of its form or encoding, or not exactly
    of the kind; and whatever else the kind's own reader raises.
    """

    __slots__ = ("_decode", "_encode", "_indent", "_name", "_only_ascii", "max_bytes")

    def __init__(
        self,
        name: str,
        encode: Callable[[T], dict[str, Value]],
        decode: Callable[[Fields], T],
        *,
        max_bytes: int,
        indent: int = 2,
        only_ascii: bool = True,
    ) -> None:
        """Describe a kind of document.

        Args:
            name: What it is, for errors.
            encode: Writes a content as plain values.
            decode: Reads it back; both forms come to it.
            max_bytes: Longest document that is read, in either form.
            indent: Spaces by which JSON is indented for people.
            only_ascii: JSON writes other letters as escapes.
        """
        self._name, self._encode, self._decode = name, encode, decode
        self._indent, self._only_ascii, self.max_bytes = indent, only_ascii, max_bytes

    def encode_values(self, content: T) -> dict[str, Value]:
        """Write the values of a JSON document, for whoever puts them into another one."""
        return {key: text_form(value) for key, value in self._encode(content).items()}

    def decode_values(self, value: Value) -> T:
        """Read the values of a JSON document."""
        return self._decode(Fields(value, document=self._name))

    def encode_json(self, content: T) -> str:
        """Write JSON, indented for people."""
        return json.dumps(self.encode_values(content), indent=self._indent, ensure_ascii=self._only_ascii)

    def encode_file(self, content: T) -> bytes:
        """Write a file of JSON, in UTF-8, whose last line is ended."""
        return f"{self.encode_json(content)}\n".encode()

    def decode_json(self, text: str | bytes) -> T:
        """Read JSON; bytes are UTF-8."""
        return self.decode_values(parse_json(text, document=self._name, max_bytes=self.max_bytes))

    def encode_cbor(self, content: T) -> bytes:
        """Write CBOR in its one deterministic encoding."""
        return encode_cbor(self._encode(content))

    def decode_cbor(self, data: bytes) -> T:
        """Read CBOR in its one deterministic encoding."""
        value = parse_cbor(data, document=self._name, max_bytes=self.max_bytes)
        return self._decode(Fields(value, document=self._name, text_only=False))

    def decode(self, data: bytes) -> T:
        """Read a document of either form, told apart by how it begins."""
        return self.decode_json(data) if is_json(data) else self.decode_cbor(data)
