"""Where each word is stored: the tables of the contracts, and the storage slot of a key.

`Consortium` keeps all words in one mapping of tables, so (table, key) gives the slot, and the log of a write tells both.
`Registers` keeps standings in a mapping of their own (the record, then the head in the next slot), because daily business
must be cheap. `Governance` keeps no word: it decides, and `Consortium` writes.

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
"""The contracts whose words answers need. `Governance` keeps none."""


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
    """Key 0 is the count; the validators have the keys from 1."""
    EPOCH_END = 18
    """When an epoch of a party's keys ended, UTC seconds, by party << 16 | epoch."""
    PREDECESSOR = 19
    """The ledgers that this one succeeds, by seam << 8 | field; see `PREDECESSOR_FIELDS`."""
    ALIAS = 32
    """By keccak256(recogniser || alias hash), 32 bytes each."""
    ALIAS_ENTRY = 33
    """By keccak256(recogniser || alias hash || binding || type), 32 bytes each."""
    ALIAS_HEAD = 34
    """By alias."""


PREDECESSOR_FIELDS: Final = ("time", "number", "header", "chain", "consortium", "governance", "registers")
"""The words of one seam, from field 0: time, number and hash of the last header, its chain and its contracts' addresses.

Seams count from 0, oldest first. The first seam with time 0 ends the list. No act writes them: a successor's genesis holds them.
"""


Slot: TypeAlias = tuple[Contract, int]
"""Where a word is stored: its contract and slot."""

_FIRST_OF_REGISTERS: Final = 32
"""Tables from this number on belong to `Registers`."""


def contract_of(table: int) -> Contract:
    """Find which contract keeps a table, by its number."""
    return Contract.REGISTERS if table >= _FIRST_OF_REGISTERS else Contract.CONSORTIUM


def slot_of(table: Table, key: int) -> Slot:
    """Compute where a word is stored, by its table and key."""
    return contract_of(table), word_slot(table, key)


def standing_slot(entry: bytes) -> Slot:
    """Compute where a standing's record is stored, by its 32-byte entry."""
    return Contract.REGISTERS, record_slot(entry)


def standing_head_slot(entry: bytes) -> Slot:
    """Compute where the head of a standing's history is stored, by its 32-byte entry."""
    return Contract.REGISTERS, record_slot(entry) + 1


@lru_cache(maxsize=1 << 13)
def word_slot(table: Table, key: int) -> int:
    """Compute the storage slot of a word in a contract's tables. The slot of the tables is the same in both contracts.

    The result is cached, because all questions ask for the same few parties, pairs and lanes. It depends on nothing else.
    """
    return int.from_bytes(keccak256(_table_slot(table) + key.to_bytes(32, "big")), "big")


@cache
def _table_slot(table: Table) -> bytes:
    return keccak256(generated.CONSORTIUM_TABLES_SLOT.to_bytes(32, "big") + table.to_bytes(32, "big"))


def record_slot(entry: bytes) -> int:
    """Compute the slot of a standing's record in `Registers`, by its 32-byte entry. The next slot holds its head."""
    return int.from_bytes(keccak256(generated.REGISTERS_STANDINGS_SLOT.to_bytes(32, "big") + entry), "big")


def pair_key(recogniser: int, register: int) -> int:
    """Compute the key of an ordered pair in the tables PAIR and PAIR_HEAD."""
    return recogniser << 16 | register


def lane_key(recogniser: int, register: int, lane: int) -> int:
    """Compute the key of a lane in the table LANE. Lanes count from 0."""
    return pair_key(recogniser, register) << 8 | lane


def withholding_key(recogniser: int, entry: bytes) -> int:
    """Compute the key in the table WITHHOLDING for a recogniser and an entry of 32 bytes."""
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + entry), "big")


def alias_key(recogniser: int, alias_hash: bytes) -> int:
    """Compute the key of an alias (its hash, 32 bytes) in the tables ALIAS and ALIAS_HEAD."""
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + alias_hash), "big")


def alias_entry_key(recogniser: int, alias_hash: bytes, binding: int, certificate_type: int) -> int:
    """Compute the key in the table ALIAS_ENTRY for a binding of an alias and a type."""
    place = binding.to_bytes(32, "big") + certificate_type.to_bytes(32, "big")
    return int.from_bytes(keccak256(recogniser.to_bytes(32, "big") + alias_hash + place), "big")


def key_check_key(register: int, certificate_type: int) -> int:
    """Compute the key in the table KEY_CHECK for a type of a register."""
    return register << 8 | certificate_type


def predecessor_key(seam: int, field: str) -> int:
    """Compute the key in the table PREDECESSOR for a field of a seam, counted from 0."""
    return seam << 8 | PREDECESSOR_FIELDS.index(field)


def epoch_key(party: int, epoch: int) -> int:
    """Compute the key in the table EPOCH_END for an epoch of a party's keys."""
    return party << 16 | epoch
