"""The format `aeo-ledger/snapshot/1`: every word that answers need at one block, for questions without a network.

Deterministic CBOR:

    format      "aeo-ledger/snapshot/1"
    header      bytes: the block's header with its seals, RLP
    nodes       list of bytes: the trie nodes of the accounts of `Consortium` and `Registers`, RLP
    consortium  bytes: (keccak256 of slot, word) of each word of `Consortium`, 64 bytes each, by hashed slot
    registers   bytes: the same for `Registers`, without standings
    standings   bytes: (entry, record, head of its history) of each standing, 96 bytes each, by entry

A standing is given by its entry, from which its two hashed slots follow. This is a quarter shorter, and shows whose standing
it is, as the ledger's own logs do. A verifier hashes the entries and rebuilds both storage tries from all words, so the section
that a writer chooses for a word changes nothing. The ledger stores no zeros, so a word of 0 is absent.

Source: RFC 8949 section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form

FORMAT: Final = "aeo-ledger/snapshot/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 27
"""Longest snapshot that is read: 1.4 million standings."""
MAX_NODES: Final = 128
"""Most nodes of two paths in the account trie. A path has at most 64."""

WORD_ROW: Final = 64
"""Bytes of a hashed slot with its word."""
STANDING_ROW: Final = 96
"""Bytes of a standing's entry, record and head."""

_DOCUMENT: Final = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The storage of `Consortium` and `Registers`, unchecked. Rows follow each other without gaps and ascend strictly."""

    header: bytes
    """The block's header with its seals, RLP."""
    nodes: tuple[bytes, ...]
    """Trie nodes of both accounts, RLP, each once."""
    consortium: bytes
    """Rows of `WORD_ROW` bytes."""
    registers: bytes
    """Rows of `WORD_ROW` bytes."""
    standings: bytes
    """Rows of `STANDING_ROW` bytes."""


def rows_of(data: bytes, width: int) -> Iterator[bytes]:
    """Yield the rows of a section."""
    return (data[at : at + width] for at in range(0, len(data), width))


def _encode(snapshot: Snapshot) -> dict[str, Value]:
    return {
        "format": FORMAT,
        "header": snapshot.header,
        "nodes": list(snapshot.nodes),
        "consortium": snapshot.consortium,
        "registers": snapshot.registers,
        "standings": snapshot.standings,
    }


def _decode(fields: Fields) -> Snapshot:
    fields.demand(("format", "header", "nodes", "consortium", "registers", "standings"))
    fields.choice("format", {FORMAT: None})
    header = fields.binary("header")
    if len(header) > MAX_HEADER_BYTES:
        raise MalformedDocument(_DOCUMENT, "header", f"{len(header)} bytes, at most {MAX_HEADER_BYTES} are read")
    return Snapshot(
        header=header,
        nodes=fields.binaries("nodes", MAX_NODES),
        consortium=_section(fields, "consortium", WORD_ROW),
        registers=_section(fields, "registers", WORD_ROW),
        standings=_section(fields, "standings", STANDING_ROW),
    )


def _section(fields: Fields, name: str, width: int) -> bytes:
    data = fields.binary(name)
    if len(data) % width:
        raise MalformedDocument(_DOCUMENT, name, f"{len(data)} bytes, needed rows of {width}")
    previous = b""
    zero = bytes(32)
    for place, row in enumerate(rows_of(data, width)):
        if row[:32] <= previous:
            raise MalformedDocument(_DOCUMENT, f"{name}[{place}]", "out of order, or repeated")
        if row[32:64] == zero or row[64:] == zero:
            raise MalformedDocument(_DOCUMENT, f"{name}[{place}]", "a word of 0, which the ledger does not store")
        previous = row[:32]
    return data


SNAPSHOT_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES)
"""A snapshot. It travels only as CBOR. A row that is cut short, out of order, repeated or 0 is `MalformedDocument`."""
