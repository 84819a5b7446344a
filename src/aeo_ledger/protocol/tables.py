"""Where each word lies: the tables of the contracts and the storage slot of a key.

`Consortium` keeps all its words in one mapping of tables, so that a slot follows from (table, key) alone and the log of
a write says which. `Registers` keeps standings in a mapping of its own (record, then head in the next slot), as its
daily business must be cheap. `Governance` keeps no word: it decides, and has `Consortium` write.

Source: Vyper 0.4.3 storage layout: the slot of `m[k]` is keccak256(slot of m || k), each 32 bytes.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import cache, lru_cache
from typing import Final, TypeAlias

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated


class Contract(StrEnum):
    """The three contracts of a ledger."""

    CONSORTIUM = "consortium"
    GOVERNANCE = "governance"
    REGISTERS = "registers"


WITH_ANSWERS: Final = (Contract.CONSORTIUM, Contract.REGISTERS)
"""The contracts whose words answers rest on; `Governance` keeps none."""


class Table(IntEnum):
    """A table of words; numbers 1 to 19 in `Consortium`, from 32 in `Registers`."""

    PARTY = 1
    """By party number."""
    PARTY_HEAD = 2
    """By party number; 0 is the network's own history (successions)."""
    OFFICE = 3
    """By party number."""
    CARD = 4
    """Hash of a party's card, by party number."""
    CERTIFICATE = 5
    """Fingerprint of a party's X.509 certificate, by party number."""
    KEY = 6
    """By address."""
    REPLACEMENT = 7
    """By party number."""
    PAIR = 8
    """By recogniser << 16 | register."""
    PAIR_HEAD = 9
    """By pair."""
    LANE = 10
    """By pair << 8 | lane."""
    TEXT = 11
    """Hash of the text that a lane was concluded under, by lane."""
    WITHHOLDING = 12
    """By keccak256(recogniser || entry), 32 bytes each."""
    REGISTER = 13
    """By party number."""
    KEY_CHECK = 14
    """By register << 8 | type."""
    GOVERNANCE = 15
    """Key 0."""
    SUCCESSION = 16
    """Key 0 `Consortium` and date, 1 chain id, 2 `Governance`, 3 `Registers`, 4 to 6 their code hashes in this order."""
    VALIDATOR = 17
    """Key 0 how many, 1 and on the validators."""
    EPOCH_END = 18
    """When an epoch of a party's keys ended, UTC seconds, by party << 16 | epoch."""
    PREDECESSOR = 19
    """What a ledger succeeds, by seam << 8 | field; see `PREDECESSOR_FIELDS`."""
    ALIAS = 32
    """By keccak256(recogniser || alias hash), 32 bytes each."""
    ALIAS_ENTRY = 33
    """By keccak256(recogniser || alias hash || binding || type), 32 bytes each."""
    ALIAS_HEAD = 34
    """By alias."""


PREDECESSOR_FIELDS: Final = ("time", "number", "header", "chain", "consortium", "governance", "registers")
"""The words of one seam, from field 0: time, number and hash of the last header, its chain and its contracts' addresses.

Seams count from 0, the oldest first; the first whose time is 0 is none. No act writes them: they stand in a successor's genesis.
"""


Slot: TypeAlias = tuple[Contract, int]
"""Where a word lies in storage: its contract and slot."""

_FIRST_OF_REGISTERS: Final = 32
"""Tables from this number on are those of `Registers`."""


def contract_of(table: int) -> Contract:
    """Say which contract keeps a table, by its number."""
    return Contract.REGISTERS if table >= _FIRST_OF_REGISTERS else Contract.CONSORTIUM


def slot_of(table: Table, key: int) -> Slot:
    """Derive where a word lies, by its table and key."""
    return contract_of(table), word_slot(table, key)


def standing_slot(entry: bytes) -> Slot:
    """Derive where a standing's record lies, by its 32-byte entry."""
    return Contract.REGISTERS, record_slot(entry)


@lru_cache(maxsize=1 << 13)
def word_slot(table: Table, key: int) -> int:
    """Derive the storage slot of a word in a contract's tables, which lie in the same slot of `Consortium` and `Registers`.

    Remembered, since every question asks for the same few parties, pairs and lanes; it depends on nothing else.
    """
    return int.from_bytes(keccak256(_table_slot(table) + key.to_bytes(32, "big")), "big")


@cache
def _table_slot(table: Table) -> bytes:
    return keccak256(generated.CONSORTIUM_TABLES_SLOT.to_bytes(32, "big") + table.to_bytes(32, "big"))


def record_slot(entry: bytes) -> int:
    """Derive the slot of a standing's record in `Registers`, by its 32-byte entry; its head lies in the next slot."""
    return int.from_bytes(keccak256(generated.REGISTERS_STANDINGS_SLOT.to_bytes(32, "big") + entry), "big")


def pair_key(recogniser: int, register: int) -> int:
    """Derive the key of an ordered pair in the tables PAIR and PAIR_HEAD."""
    return recogniser << 16 | register


def lane_key(recogniser: int, register: int, lane: int) -> int:
    """Derive the key of a lane in the table LANE; lanes count from 0."""
    return pair_key(recogniser, register) << 8 | lane


def withholding_key(recogniser: int, entry: bytes) -> int:
    """Derive the key in the table WITHHOLDING of a recogniser's benefits for an entry of 32 bytes."""
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + entry), "big")


def alias_key(recogniser: int, alias_hash: bytes) -> int:
    """Derive the key of an alias (its hash, 32 bytes) in the tables ALIAS and ALIAS_HEAD."""
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + alias_hash), "big")


def alias_entry_key(recogniser: int, alias_hash: bytes, binding: int, certificate_type: int) -> int:
    """Derive the key in the table ALIAS_ENTRY of what a binding of an alias has under a type."""
    place = binding.to_bytes(32, "big") + certificate_type.to_bytes(32, "big")
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + alias_hash + place), "big")


def predecessor_key(seam: int, field: str) -> int:
    """Derive the key of a field of a seam, counted from 0, in the table PREDECESSOR."""
    return seam << 8 | PREDECESSOR_FIELDS.index(field)


def epoch_key(party: int, epoch: int) -> int:
    """Derive the key of an epoch of a party's keys in the table EPOCH_END."""
    return party << 16 | epoch
