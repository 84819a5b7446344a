"""The format `aeo-ledger/trust-update/1`: what moves a trust bundle forward, unchecked; JSON and CBOR, one content.

    format      "aeo-ledger/trust-update/1"
    headers     list of bytes: RLP headers with their seals, one for each step, ascending; empty if there is nothing new
    nodes       list of bytes: trie nodes of all steps in one pool, each once

The last header is the newest block that the sender knows; its nodes show the contract that governs too. For each block
in between that changed the validators there are two: the block right before it, and itself.

Source: RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from aeo_ledger.primitives import cbor
from aeo_ledger.primitives.documents import Fields, Value, parse_json
from aeo_ledger.primitives.hexadecimal import to_hex

FORMAT: Final = "aeo-ledger/trust-update/1"
"""Name and version; another version is another format."""

MAX_BYTES: Final = 1 << 26
MAX_STEPS: Final = 10_000
"""Five thousand changes of validators: more than a network makes while a checkpoint is good."""
MAX_NODES: Final = 200_000

_DOCUMENT: Final = "trust update"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustUpdate:
    """Steps from a checkpoint to a newer one, claimed by anybody."""

    headers: tuple[bytes, ...]
    """One for each step: the block's header with its seals, RLP."""
    nodes: tuple[bytes, ...]
    """Trie nodes of all steps, RLP, each once, in any order."""


def encode_update_json(update: TrustUpdate) -> str:
    """Write an update as JSON, indented for people."""
    document = {"format": FORMAT, "headers": _texts(update.headers), "nodes": _texts(update.nodes)}
    return json.dumps(document, indent=2)


def decode_update_json(text: str | bytes) -> TrustUpdate:
    """Read an update from JSON.

    Raises:
        MalformedDocument: It is too large, not JSON, or not exactly of the format.
    """
    return decode_update_document(parse_json(text, document=_DOCUMENT, max_bytes=MAX_BYTES))


def decode_update_document(value: Value) -> TrustUpdate:
    """Read an update from the values of a JSON document; raises as `decode_update_json` does."""
    return _decode(Fields(value, document=_DOCUMENT))


def encode_update_cbor(update: TrustUpdate) -> bytes:
    """Write an update as deterministic CBOR."""
    return cbor.encode_cbor({"format": FORMAT, "headers": list(update.headers), "nodes": list(update.nodes)})


def decode_update_cbor(data: bytes) -> TrustUpdate:
    """Read an update from CBOR.

    Raises:
        MalformedDocument: It is too large, not CBOR, not in its deterministic encoding, or not exactly of the format.
    """
    value = cbor.parse_cbor(data, document=_DOCUMENT, max_bytes=MAX_BYTES)
    return _decode(Fields(value, document=_DOCUMENT, text_only=False))


def _decode(fields: Fields) -> TrustUpdate:
    fields.demand(("format", "headers", "nodes"))
    fields.choice("format", {FORMAT: None})
    return TrustUpdate(headers=fields.binaries("headers", MAX_STEPS), nodes=fields.binaries("nodes", MAX_NODES))


def _texts(items: tuple[bytes, ...]) -> list[str]:
    return [to_hex(item) for item in items]
