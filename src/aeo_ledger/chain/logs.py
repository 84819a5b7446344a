"""Store logs as rows: one row by block and position, and an index row by the second topic, which names the log's subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

from aeo_ledger.chain.links import Links

LogRow = tuple[int, int, int, bytes, bytes, bytes | None, bytes | None, bytes | None, bytes | None, bytes]
"""A log: block, position in the block, transaction's index and hash, address, four topics, data."""

_PLACE: Final = Struct(">QI")
"""Block and position, so that rows are in the order of the chain."""
_HEAD: Final = Struct(">I32s20sB")
"""Transaction's index and hash, address, number of topics."""
_TOPIC_BYTES: Final = 32

LOG: Final = b"l"
BY_TOPIC: Final = b"t"


def rows_of_logs(logs: Sequence[LogRow]) -> Iterator[tuple[bytes, bytes]]:
    """Encode logs as rows."""
    for log in logs:
        place = _PLACE.pack(*log[:2])
        topics = [topic for topic in log[5:9] if topic is not None]
        yield LOG + place, _HEAD.pack(*log[2:5], len(topics)) + b"".join(topics) + log[9]
        if len(topics) > 1:
            yield BY_TOPIC + topics[1] + place, b""


def read_log(key: bytes, value: bytes) -> LogRow:
    """Decode a log from its row."""
    block, position = _PLACE.unpack_from(key, len(LOG))
    index, transaction, address, count = _HEAD.unpack_from(value)
    at = _HEAD.size
    topics: list[bytes | None] = [value[at + n * _TOPIC_BYTES : at + (n + 1) * _TOPIC_BYTES] for n in range(count)]
    first, second, third, fourth = topics + [None] * (4 - count)
    data = value[at + count * _TOPIC_BYTES :]
    return block, position, index, transaction, address, first, second, third, fourth, data


def find_logs(
    links: Links, first: int, last: int, addresses: Sequence[bytes] = (), topics: Sequence[Sequence[bytes]] = ()
) -> list[LogRow]:
    """Find logs of the blocks from `first` to `last`, in order; an empty sequence matches everything.

    Raises:
        DamagedLedger: A row that the answer depends on is damaged or missing.
    """
    begin, end = _PLACE.pack(first, 0), _PLACE.pack(last + 1, 0)
    second = topics[1] if len(topics) > 1 else ()
    found = _by_topic(links, second, begin, end) if second else links.scan(LOG + begin, LOG + end)
    wanted = [(4, frozenset(addresses)), *((5 + place, frozenset(topic)) for place, topic in enumerate(topics))]
    wanted = [(field, values) for field, values in wanted if values]
    logs = (read_log(key, value) for key, value in found)
    return [log for log in logs if all(log[field] in values for field, values in wanted)]


def _by_topic(links: Links, topics: Sequence[bytes], begin: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
    places: set[bytes] = set()
    for topic in topics:
        prefix = BY_TOPIC + topic
        places.update(key[len(prefix) :] for key, _ in links.scan(prefix + begin, prefix + end))
    return [(LOG + place, links.demand(LOG + place)) for place in sorted(places)]
