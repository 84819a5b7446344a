"""The format `aeo-ledger/trust-update/1`: what moves a trust bundle forward, unchecked; JSON and CBOR.

    format      "aeo-ledger/trust-update/1"
    headers     list of bytes: RLP headers with their seals, one for each step, ascending; empty if nothing is new
    nodes       list of bytes: trie nodes of all steps in one pool, each once

The last header is the newest block that the sender knows; its nodes also show the governing contract. Each earlier block that
changed the validators has two headers: that of the block right before it, and its own.

Source: RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form

FORMAT: Final = "aeo-ledger/trust-update/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 26
MAX_STEPS: Final = 10_000
"""Most steps: five thousand changes of validators, more than a network makes while a checkpoint is valid."""
MAX_NODES: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustUpdate:
    """Steps from a checkpoint to a newer one. Anybody may have made them."""

    headers: tuple[bytes, ...]
    """One for each step: the block's header with its seals, RLP."""
    nodes: tuple[bytes, ...]
    """Trie nodes of all steps, RLP, each once, in any order."""


def _decode(fields: Fields) -> TrustUpdate:
    fields.demand(("format", "headers", "nodes"))
    fields.choice("format", {FORMAT: None})
    return TrustUpdate(headers=fields.binaries("headers", MAX_STEPS), nodes=fields.binaries("nodes", MAX_NODES))


def _encode(update: TrustUpdate) -> dict[str, Value]:
    return {"format": FORMAT, "headers": list(update.headers), "nodes": list(update.nodes)}


UPDATE_FORM: Final = Form("trust update", _encode, _decode, max_bytes=MAX_BYTES)
"""An update in both forms."""
