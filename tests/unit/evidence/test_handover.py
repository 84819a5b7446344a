from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence.handover import FORMAT, MAX_STEPS, UPDATE_FORM, TrustUpdate
from aeo_ledger.primitives.cbor import encode_cbor

UPDATE = TrustUpdate(headers=(b"\1\2", b"\3"), nodes=(b"\4", b"", b"\5" * 40))
DOCUMENT: dict[str, Any] = {"format": FORMAT, "headers": ["0x0102", "0x03"], "nodes": ["0x04", "0x", "0x" + "05" * 40]}


def test_it_reads_what_it_wrote_in_both_forms() -> None:
    assert json.loads(UPDATE_FORM.encode_json(UPDATE)) == DOCUMENT
    assert UPDATE_FORM.decode_json(UPDATE_FORM.encode_json(UPDATE)) == UPDATE
    assert UPDATE_FORM.decode_cbor(UPDATE_FORM.encode_cbor(UPDATE)) == UPDATE
    empty = TrustUpdate(headers=(), nodes=())
    assert (
        UPDATE_FORM.decode_cbor(UPDATE_FORM.encode_cbor(empty))
        == UPDATE_FORM.decode_json(UPDATE_FORM.encode_json(empty))
        == empty
    )


@pytest.mark.parametrize(
    ("alter", "at"),
    [
        (lambda document: document.pop("nodes"), ""),
        (lambda document: document.update(history=[]), ""),
        (lambda document: document.update(format="aeo-ledger/trust-update/2"), "format"),
        (lambda document: document.update(headers="0x01"), "headers"),
        (lambda document: document.update(headers=["0x01", 7]), "headers[1]"),
        (lambda document: document.update(headers=["0x"] * (MAX_STEPS + 1)), "headers"),
        (lambda document: document.update(nodes=["04"]), "nodes[0]"),
    ],
)
def test_json_of_another_form_is_refused(alter: Callable[[dict[str, Any]], object], at: str) -> None:
    document = dict(DOCUMENT)
    alter(document)
    with pytest.raises(MalformedDocument) as refusal:
        UPDATE_FORM.decode_json(json.dumps(document))
    assert (refusal.value.document, refusal.value.at) == ("trust update", at)


def test_cbor_of_another_form_is_refused() -> None:
    with pytest.raises(MalformedDocument) as refusal:
        UPDATE_FORM.decode_cbor(encode_cbor({"format": FORMAT, "headers": ["0x01"], "nodes": []}))
    assert refusal.value.at == "headers[0]"
    with pytest.raises(MalformedDocument):
        UPDATE_FORM.decode_cbor(UPDATE_FORM.encode_cbor(UPDATE) + b"\0")
    with pytest.raises(MalformedDocument):
        UPDATE_FORM.decode_cbor(UPDATE_FORM.encode_json(UPDATE).encode())
