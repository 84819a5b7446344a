"""The two forms of a document: JSON for people, CBOR for machines. Both have the same content.

Each kind of document defines its plain values once, with bytes as bytes. JSON writes bytes as `0x` and hexadecimal
digits, CBOR as byte strings. Nothing else differs, so the two forms of one document cannot disagree.

Source: RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor, read_member
from aeo_ledger.primitives.documents import Fields, Value, is_json, parse_json, text_form

T = TypeVar("T")

_FORMAT: Final = "format"
"""The key that names a document's format: the first one in JSON."""

_JSON_FORMAT: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"([a-z/0-9-]{1,80})"')


class Form(Generic[T]):
    """A kind of document: how its content is written as plain values, and how it is read back.

    Each method that reads raises `MalformedDocument` if the document is too large, badly encoded, or not exactly of this
    kind. The `decode` function of the kind may raise further errors.
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
            name: Name of the kind, for errors.
            encode: Writes a content as plain values.
            decode: Reads the content back, for both forms.
            max_bytes: Longest document that is read, for both forms.
            indent: Spaces of indentation in JSON.
            only_ascii: Whether JSON writes other letters as escapes.
        """
        self._name, self._encode, self._decode = name, encode, decode
        self._indent, self._only_ascii, self.max_bytes = indent, only_ascii, max_bytes

    def encode_values(self, content: T) -> dict[str, Value]:
        """Convert a content to JSON values, to embed it in another document."""
        return {key: text_form(value) for key, value in self._encode(content).items()}

    def decode_values(self, value: Value) -> T:
        """Read a content from the values of a JSON document."""
        return self._decode(Fields(value, document=self._name))

    def encode_json(self, content: T) -> str:
        """Write indented JSON."""
        return json.dumps(self.encode_values(content), indent=self._indent, ensure_ascii=self._only_ascii)

    def encode_file(self, content: T) -> bytes:
        """Write a JSON file in UTF-8 that ends with a line break."""
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
        """Read a document of either form. The first byte tells which."""
        return self.decode_json(data) if is_json(data) else self.decode_cbor(data)


def name_format(data: bytes) -> str:
    """Tell the format that a document of either form names; empty if data is no document.

    Only the outermost object counts: another file may hold documents, or their names.
    """
    if is_json(data):
        found = _JSON_FORMAT.match(data)
        return "" if found is None else found[1].decode("ascii")
    name = read_member(data, _FORMAT)
    return name if isinstance(name, str) else ""
