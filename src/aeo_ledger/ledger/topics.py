"""The events that the contracts log: by which topics they are asked for, and what a log says.

Every word that is written is logged with its table and key. A standing's two words are not: its status event is logged
instead, which tells the record and what goes into the head of its history.
"""

from __future__ import annotations

from typing import Final

from aeo_ledger.ledger.port import Log
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Table

WRITTEN: Final = keccak256(b"Written(uint256,uint256,uint256)")
"""First topic of the log of every word that is written; table and key follow."""

STATUS_CHANGED: Final = keccak256(b"StatusChanged(bytes32,uint256,bytes32)")
"""First topic of the log of every status event; the entry follows."""


def topics_of(table: Table, key: int | None = None) -> list[bytes]:
    """Name the topics of every write of a table's words, or of the one word with a key."""
    return [WRITTEN, _topic(table), *([] if key is None else [_topic(key)])]


def read_place(log: Log) -> tuple[int, int]:
    """Read the number of the table and the key of the word that was written."""
    _, table, key = log.topics
    return int.from_bytes(table, "big"), int.from_bytes(key, "big")


def read_word(log: Log) -> int:
    """Read the word that was written."""
    return int.from_bytes(log.data, "big")


def read_entry(log: Log) -> bytes:
    """Read the entry of 32 bytes whose status changed."""
    return log.topics[1]


def read_event(log: Log) -> tuple[int, bytes]:
    """Read the record, as a word, that a status event left, and the event's document, 32 bytes."""
    return int.from_bytes(log.data[:32], "big"), log.data[32:]


def _topic(number: int) -> bytes:
    return int(number).to_bytes(32, "big")
