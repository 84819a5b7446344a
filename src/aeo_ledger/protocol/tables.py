"""Where each word lies: the tables of both contracts and the storage slot of a key.

`Consortium` keeps all its words in one mapping of tables, so that a slot follows from (table, key) alone and the log of
a write says which. `Registers` keeps standings in a mapping of its own (record, then head in the next slot), as its
daily business must be cheap.

Source: Vyper 0.4.3 storage layout: the slot of `m[k]` is keccak256(slot of m || k), each 32 bytes.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import cache, lru_cache

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated


class Contract(StrEnum):
    """The two contracts of a ledger."""

    CONSORTIUM = "consortium"
    REGISTERS = "registers"


class Table(IntEnum):
    """A table of words; numbers 1 to 17 in `Consortium`, from 32 in `Registers`."""

    PARTY = 1
    """By party number."""
    PARTY_HEAD = 2
    AUTHORITY = 3
    DISCLOSURE_KEY = 4
    CERTIFICATE = 5
    KEY = 6
    """By address."""
    REPLACEMENT = 7
    """By party number."""
    PAIR = 8
    """By recogniser << 16 | register."""
    PAIR_HEAD = 9
    LANE = 10
    """By pair << 8 | lane."""
    TEXT = 11
    """Hash of an arrangement's text, by the arrangement's name as a number of 80 bits."""
    WITHHOLDING = 12
    """By keccak256(recogniser || entry), 32 bytes each."""
    REGISTER = 13
    """By party number."""
    KEY_CHECK = 14
    """By register << 8 | type."""
    GOVERNANCE = 15
    """Key 0."""
    SUCCESSION = 16
    """Key 0 contract and time, 1 code hash, 2 chain id."""
    VALIDATOR = 17
    """Key 0 how many, 1 and on the validators."""
    ALIAS = 32
    """By keccak256(recogniser || alias hash), 32 bytes each."""
    ALIAS_ENTRY = 33
    """By keccak256(recogniser || alias hash || binding || type), 32 bytes each."""


@lru_cache(maxsize=1 << 13)
def word_slot(table: Table, key: int) -> int:
    """Derive the storage slot of a word in a contract's tables, which lie in the same slot of either contract.

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
