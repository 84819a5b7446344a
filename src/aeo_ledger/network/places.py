"""The file `places.json` beside a genesis: table and key of every word in block 0. The genesis has only slots, which are hashes.

The format is `aeo-ledger/places/1`, JSON:

    format      "aeo-ledger/places/1"
    words       for each table's name, the keys of its words in the genesis, 32 bytes each, concatenated
    standings   entries of the standings in the genesis, 32 bytes each, concatenated

The file need not be trusted: reading it together with the genesis finds every slot that it does not explain, and every key without a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aeo_ledger.errors.network import SlotUnexplained
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import Fields, parse_json
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.inventory import FORMAT, Edition, Inventory
from aeo_ledger.protocol.tables import Contract, Table

PLACES: Final = "places.json"
"""Name of the file."""
MAX_BYTES: Final = 1 << 27
"""Longest file that is read: two million words."""

_DOCUMENT: Final = "places"
_KEY: Final = 32


def encode_places(inventory: Inventory) -> str:
    """Write tables and keys of the words of a genesis."""
    keys: dict[str, list[int]] = {}
    for table, key in sorted(inventory.words):
        keys.setdefault(table.name.lower(), []).append(key)
    document = {
        "format": FORMAT,
        "words": {name: to_hex(b"".join(key.to_bytes(_KEY, "big") for key in found)) for name, found in keys.items()},
        "standings": to_hex(b"".join(sorted(inventory.standings))),
    }
    return json.dumps(document, indent=1) + "\n"


def read_inventory(
    path: Path, storage: Mapping[Contract, Mapping[int, int]], edition: Edition, addresses: Mapping[Contract, bytes]
) -> Inventory:
    """Read table and key of every word of a genesis.

    Args:
        path: The file `places.json`.
        storage: The contracts' storage in the genesis; no word of it is 0.
        edition: The edition of the contracts.
        addresses: Their addresses, 20 bytes each.

    Raises:
        UnreadableFile: there is no such file.
        MalformedDocument: it has another format, or names a word that the genesis does not have.
        SlotUnexplained: the genesis has a word that the file does not explain.
    """
    fields = Fields(parse_json(read_file(path), document=_DOCUMENT, max_bytes=MAX_BYTES), document=_DOCUMENT)
    fields.demand(("format", "words", "standings"))
    fields.choice("format", {FORMAT: None})
    tables = {table.name.lower(): table for table in Table}
    listed = fields.object("words")
    named = {name: _table(name, tables) for name in listed.keys(len(tables))}
    words = [(table, int.from_bytes(key, "big")) for name, table in named.items() for key in _keys(listed, name)]
    standings = _keys(fields, "standings")
    found = edition.select(words, standings, lambda contract, slot: storage[contract].get(slot, 0))
    if len(found.words) != len(words) or len(found.standings) != len(standings):
        raise MalformedDocument(_DOCUMENT, "", "found a word named twice, or one that the genesis does not have")
    laid = edition.storage(found, addresses)
    for contract in Contract:
        unexplained = storage[contract].items() - laid[contract].items()
        if unexplained:
            slot, _ = min(unexplained)
            raise SlotUnexplained(contract=contract, hashed_slot=keccak256(slot.to_bytes(32, "big")))
    return found


def _table(name: str, tables: Mapping[str, Table]) -> Table:
    if name not in tables:
        raise MalformedDocument(_DOCUMENT, "words", f"found {name[:40]!r}, needed one of {', '.join(tables)}")
    return tables[name]


def _keys(fields: Fields, name: str) -> list[bytes]:
    data = fields.binary(name)
    if len(data) % _KEY:
        fields.refuse(name, f"needed keys of {_KEY} bytes each")
    return [data[at : at + _KEY] for at in range(0, len(data), _KEY)]
