"""One content, two forms: what JSON and CBOR say of a document is the same, and each reader takes its own form alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form

Content = tuple[str, tuple[bytes, ...]]


def _encode(content: Content) -> dict[str, Value]:
    return {"name": content[0], "parts": list(content[1])}


def _decode(fields: Fields) -> Content:
    fields.demand(("name", "parts"))
    return fields.text("name", 20), fields.binaries("parts", 3)


FORM = Form("letter", _encode, _decode, max_bytes=400)
CONTENT: Content = ("Минск", (b"", b"\x00\xff"))
VALUES: dict[str, Any] = {"name": "Минск", "parts": ["0x", "0x00ff"]}


def test_both_forms_are_written_from_one_document() -> None:
    assert FORM.encode_values(CONTENT) == json.loads(FORM.encode_json(CONTENT)) == VALUES
    assert FORM.encode_cbor(CONTENT) == encode_cbor({"name": "Минск", "parts": [b"", b"\x00\xff"]})


def test_both_forms_are_read_back() -> None:
    text, data = FORM.encode_json(CONTENT), FORM.encode_cbor(CONTENT)
    assert FORM.decode_json(text) == FORM.decode_json(text.encode()) == CONTENT
    assert FORM.decode_cbor(data) == FORM.decode_values(VALUES) == CONTENT
    assert FORM.decode(text.encode()) == FORM.decode(b"\xef\xbb\xbf" + text.encode()) == FORM.decode(data) == CONTENT


def test_json_is_written_as_a_kind_of_document_says() -> None:
    plain = Form("letter", _encode, _decode, max_bytes=400, indent=1, only_ascii=False)
    assert plain.encode_json(CONTENT) == '{\n "name": "Минск",\n "parts": [\n  "0x",\n  "0x00ff"\n ]\n}'
    assert FORM.encode_json(CONTENT).isascii()
    assert plain.encode_file(CONTENT) == f"{plain.encode_json(CONTENT)}\n".encode()
    assert '\n  "name"' in FORM.encode_json(CONTENT)


def test_bytes_are_hex_in_json_and_byte_strings_in_cbor_and_never_the_other() -> None:
    with pytest.raises(MalformedDocument, match="needed bytes"):
        FORM.decode_cbor(encode_cbor(VALUES))
    with pytest.raises(MalformedDocument, match="parts"):
        FORM.decode_values({"name": "Минск", "parts": [b"\x00"]})


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", encode_cbor([]), FORM.encode_cbor(CONTENT) + b"\0"])
def test_a_document_in_neither_form_is_refused_with_its_name(data: bytes) -> None:
    with pytest.raises(MalformedDocument, match="letter"):
        FORM.decode(data)


@pytest.mark.parametrize(
    "long", [FORM.encode_json(("n", (bytes(400),))).encode(), FORM.encode_cbor(("n", (bytes(400),)))]
)
def test_a_document_longer_than_is_read_is_refused(long: bytes) -> None:
    with pytest.raises(MalformedDocument, match="at most 400 are read"):
        FORM.decode(long)
