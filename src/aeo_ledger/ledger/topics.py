"""The contracts' log events: their topics, and how to read a log.

The contracts log every word that they write, with its table and key. A standing's two words are an exception: its status event is
logged instead. That log has the record, and what is hashed into the head of its history.
"""

from __future__ import annotations

from typing import Final

from aeo_ledger.ledger.port import Log
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Table

WRITTEN: Final = keccak256(b"Written(uint256,uint256,uint256)")
"""First topic of a log of a written word; table and key follow."""

STATUS_CHANGED: Final = keccak256(b"StatusChanged(bytes32,uint256,bytes32)")
"""First topic of a log of a status event; the entry follows."""


def topics_of(table: Table, key: int | None = None) -> list[bytes]:
    """Return the topics that match every write to a table, or to the one word with a key."""
    return [WRITTEN, _topic(table), *([] if key is None else [_topic(key)])]


def read_place(log: Log) -> tuple[int, int]:
    """Read the table's number and the key of a written word."""
    _, table, key = log.topics
    return int.from_bytes(table, "big"), int.from_bytes(key, "big")


def read_word(log: Log) -> int:
    """Read a written word."""
    return int.from_bytes(log.data, "big")


def read_entry(log: Log) -> bytes:
    """Read the entry of 32 bytes whose status changed."""
    return log.topics[1]


def read_event(log: Log) -> tuple[int, bytes]:
    """Read the record, as a word, after a status event, and the event's document hash, 32 bytes."""
    return int.from_bytes(log.data[:32], "big"), log.data[32:]


def _topic(number: int) -> bytes:
    return int(number).to_bytes(32, "big")
