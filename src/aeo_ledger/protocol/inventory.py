"""Every word of a ledger with its meaning, and its place in an edition of the contracts.

A storage slot is a hash and does not show what its word means. To carry a ledger's words elsewhere, or to find the first keys
of parties, one needs the table and key of each word. Whoever has these can compute every slot, so no slot can be missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated
from aeo_ledger.protocol.facts import ReadWord
from aeo_ledger.protocol.tables import Contract, Table, contract_of
from aeo_ledger.protocol.words import decode_key

FORMAT: Final = "aeo-ledger/places/1"
"""Name and version of the document that lists these tables and keys; another version is another format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Every word of a ledger. A word that is not listed is 0."""

    words: Mapping[tuple[Table, int], int]
    """By table and key."""
    standings: Mapping[bytes, tuple[int, int]]
    """Record and head of each standing, by its entry (32 bytes)."""

    def founders(self) -> dict[int, bytes]:
        """Find the authority key (20 bytes) with which each party of a first ledger's genesis began, by party number.

        A successor's genesis holds the keys of all times and does not show the first ones. The oldest predecessor's genesis does.
        """
        if any(table is Table.PREDECESSOR for table, _ in self.words):
            return {}
        keys = ((key, decode_key(word)) for (table, key), word in self.words.items() if table is Table.KEY)
        return {
            served.party: address.to_bytes(20, "big")
            for address, served in keys
            if served is not None and served.role is KeyRole.AUTHORITY
        }


NOTHING: Final = Inventory(words={}, standings={})
"""The inventory of a ledger whose genesis is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What must be known about compiled contracts to place a ledger's words in their storage."""

    code_hashes: Mapping[Contract, bytes]
    """keccak256 of each runtime code, 32 bytes."""
    tables_slot: int
    """Slot of the mapping of tables, in `Consortium` and in `Registers`."""
    standings_slot: int
    """Slot of the mapping of standings, in `Registers`."""
    partner_slots: Mapping[Contract, int]
    """Slot where each contract stores the address it trusts: `Consortium` that of `Governance`, the others that of `Consortium`."""

    def word_slot(self, table: int, key: int) -> int:
        """Compute the slot of a word by its table and key."""
        return _slot(_slot(self.tables_slot, table), key)

    def record_slot(self, entry: bytes) -> int:
        """Compute the slot of a standing's record by its entry (32 bytes). The next slot holds its head."""
        return _slot(self.standings_slot, int.from_bytes(entry, "big"))

    def storage(self, inventory: Inventory, addresses: Mapping[Contract, bytes]) -> dict[Contract, dict[int, int]]:
        """Place every word of a ledger by contract and slot, for contracts at these addresses (20 bytes each)."""
        trusted = dict.fromkeys(Contract, addresses[Contract.CONSORTIUM])
        trusted[Contract.CONSORTIUM] = addresses[Contract.GOVERNANCE]
        laid = {
            contract: {slot: int.from_bytes(trusted[contract], "big")} for contract, slot in self.partner_slots.items()
        }
        for (table, key), word in inventory.words.items():
            laid[contract_of(table)][self.word_slot(table, key)] = word
        for entry, (record, head) in inventory.standings.items():
            slot = self.record_slot(entry)
            laid[Contract.REGISTERS][slot], laid[Contract.REGISTERS][slot + 1] = record, head
        return {contract: {slot: word for slot, word in words.items() if word} for contract, words in laid.items()}

    def select(self, words: Iterable[tuple[Table, int]], standings: Iterable[bytes], read: ReadWord) -> Inventory:
        """Read those words of these tables and keys, and those standings of these entries (32 bytes each), that exist."""
        found = {(table, key): read(contract_of(table), self.word_slot(table, key)) for table, key in words}
        slots = {entry: self.record_slot(entry) for entry in standings}
        records = {
            entry: (read(Contract.REGISTERS, slot), read(Contract.REGISTERS, slot + 1)) for entry, slot in slots.items()
        }
        return Inventory(
            words={place: word for place, word in found.items() if word},
            standings={entry: pair for entry, pair in records.items() if any(pair)},
        )


THIS_EDITION: Final = Edition(
    code_hashes={
        Contract.CONSORTIUM: generated.CONSORTIUM_CODE_HASH,
        Contract.GOVERNANCE: generated.GOVERNANCE_CODE_HASH,
        Contract.REGISTERS: generated.REGISTERS_CODE_HASH,
    },
    tables_slot=generated.CONSORTIUM_TABLES_SLOT,
    standings_slot=generated.REGISTERS_STANDINGS_SLOT,
    partner_slots={
        Contract.CONSORTIUM: generated.CONSORTIUM_GOVERNANCE_SLOT,
        Contract.GOVERNANCE: generated.GOVERNANCE_CONSORTIUM_SLOT,
        Contract.REGISTERS: generated.REGISTERS_CONSORTIUM_SLOT,
    },
)
"""The edition of the contracts whose artifacts are installed here."""


def _slot(mapping: int, key: int) -> int:
    return int.from_bytes(keccak256(mapping.to_bytes(32, "big") + key.to_bytes(32, "big")), "big")
