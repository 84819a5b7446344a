"""The table `links`: rows whose key is not their hash. A lost row is detected as surely as a changed one.

Each row has a checksum of itself, and a checksum of the next row's key. So a changed row is detected. A row that is not found was never
written, since the row before its place refers to the row after it. A range that is read is complete. Thus a single fault in the table, of
one bit or of one page, can never look like a valid answer.

This does not protect against attackers: they can write the checksums too. It protects against faults of disks, copies and memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NoReturn

from aeo_ledger.chain.connection import Connection, select, stream
from aeo_ledger.errors.chain import DamagedLedger

TABLE: Final = """
CREATE TABLE links (key BLOB PRIMARY KEY, value BLOB NOT NULL, own BLOB NOT NULL, next BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO links VALUES (x'', x'', x'{own}', x'{next}');
"""
"""The table, with a first row that precedes every key."""

_CHECK_BYTES: Final = 8
_CHANGED: Final = "it is not what was written"
_END: Final = bytes(_CHECK_BYTES)
"""The member `next` of the last row."""

_BEFORE: Final = "SELECT 0, key, value, own, next FROM links WHERE key {} ?1 ORDER BY key DESC LIMIT 1"
_BETWEEN: Final = "SELECT 0, key, value, own, next FROM links WHERE key >= ?1 AND key < ?2"
_AFTER: Final = "SELECT 1, key, x'', x'', x'' FROM links WHERE key {} ?2 ORDER BY key LIMIT 1"
_BOTH: Final = "SELECT * FROM ({}) UNION ALL SELECT * FROM ({})"
_AROUND: Final = _BOTH.format(_BEFORE.format("<="), _AFTER.format(">"))
_RANGE: Final = _BOTH.format(_BEFORE.format("<"), _BOTH.format(_BETWEEN, _AFTER.format(">=")))
"""One statement each, so that it reads the table as of one moment. Of the row after the range, marked 1, only the key is read."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive rows, and the key of the row after them."""

    rows: list[tuple[bytes, bytes]]
    """Keys and values; the first row is at or before the requested key."""
    after: bytes | None


def first_row() -> str:
    """Return the statements that create the table."""
    return TABLE.format(own=_own(b"", b"").hex(), next=_END.hex())


class Links:
    """The table `links` over one connection. The first byte of a key is its kind; no key is empty."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: bytes) -> bytes | None:
        """Read a value; None if there is certainly none.

        Raises:
            DamagedLedger: The row is damaged, or is missing although the row before it refers to it.
        """
        rows = self._select(key, "SELECT value, own FROM links WHERE key = ?", (key,))
        if not rows:
            before, value = self._stretch(key, _AROUND, key).rows[0]
            return value if before == key else None  # it may have been written in between
        return self._whole(key, *rows[0])

    def demand(self, key: bytes) -> bytes:
        """Read a value that must exist, since another row refers to it.

        Raises:
            DamagedLedger: It is missing or damaged.
        """
        value = self.get(key)
        if value is None:
            self._refuse(key, "it is missing")
        return value

    def scan(self, first: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
        """Read all rows from key `first` up to, and without, key `end`, in order.

        Raises:
            DamagedLedger: A row is damaged or missing.
        """
        return self._stretch(first, _RANGE, end).rows[1:]

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Insert and update rows, within the caller's transaction.

        Raises:
            DamagedLedger: A neighbouring row is damaged.
        """
        gap: _Stretch | None = None
        new: list[bytes] = []
        for key in sorted(rows):
            if gap is None or (gap.after is not None and key >= gap.after):
                self._fill(gap, new, rows)
                gap, new = self._stretch(key, _AROUND, key), []
                if gap.rows[0][0] == key:
                    own = _own(key, rows[key])
                    self._connection.execute("UPDATE links SET value = ?, own = ? WHERE key = ?", (rows[key], own, key))
                    continue
            new.append(key)
        self._fill(gap, new, rows)

    def walk(self) -> Iterator[tuple[bytes, bytes] | DamagedLedger]:
        """Read the whole table in order; yield each intact row, and an error for each damaged one.

        Raises:
            DamagedLedger: The file cannot be read from this point on.
        """
        due = _name(b"")
        last: object = b""
        for key, value, own, following in stream(
            self._connection, "table links", "SELECT key, value, own, next FROM links ORDER BY key"
        ):
            if due != _name(key if isinstance(key, bytes) else b""):
                yield self._damage(last, "the row after it is not the one that it names")
            if not isinstance(key, bytes) or not isinstance(value, bytes) or own != _own(key, value):
                yield self._damage(key, _CHANGED)
            else:
                yield key, value
            last, due = key, following
        if due != _END:
            yield self._damage(last, "it refers to a next row, which is missing")

    def _fill(self, gap: _Stretch | None, new: list[bytes], rows: Mapping[bytes, bytes]) -> None:
        """Write new rows into a gap; each refers to the next."""
        if gap is None or not new:
            return
        names = [*map(_name, new), _END if gap.after is None else _name(gap.after)]
        self._connection.execute("UPDATE links SET next = ? WHERE key = ?", (names[0], gap.rows[0][0]))
        self._connection.executemany(
            "INSERT INTO links VALUES (?, ?, ?, ?)",
            ((key, rows[key], _own(key, rows[key]), name) for key, name in zip(new, names[1:], strict=True)),
        )

    def _stretch(self, key: bytes, query: str, until: bytes) -> _Stretch:
        """Read the row before a key and the rows after it; check that each is intact and refers to the next."""
        found = self._select(key, query, (key, until))
        if not all(isinstance(part, bytes) for row in found for part in row[1:]):
            self._refuse(key, f"of a row beside it: {_CHANGED}")
        after = next((row[1] for row in found if row[0]), None)
        rows = sorted(row[1:] for row in found if not row[0])
        if not rows or rows[0][0] > key:
            self._refuse(key, "the row before it is missing")
        names = [*(_name(row[0]) for row in rows[1:]), _END if after is None else _name(after)]
        for row, name in zip(rows, names, strict=True):
            self._whole(*row[:3])
            if row[3] != name:
                self._refuse(row[0], "the row after it is not the one that it names")
        return _Stretch([row[:2] for row in rows], after)

    def _whole(self, key: bytes, value: object, own: object) -> bytes:
        if not isinstance(value, bytes) or own != _own(key, value):
            self._refuse(key, _CHANGED)
        return value

    def _select(self, key: bytes, query: str, arguments: tuple[bytes, ...]) -> list[Any]:
        return select(self._connection, _part(key), query, arguments)

    def _damage(self, key: object, reason: str) -> DamagedLedger:
        return DamagedLedger(path=str(self._connection.path), part=_part(key), reason=reason)

    def _refuse(self, key: bytes, reason: str) -> NoReturn:
        raise self._damage(key, reason)


def _own(key: bytes, value: bytes) -> bytes:
    return blake2b(len(key).to_bytes(4, "big") + key + value, digest_size=_CHECK_BYTES).digest()


def _name(key: bytes) -> bytes:
    return blake2b(key, digest_size=_CHECK_BYTES).digest()


def _part(key: object) -> str:
    return f"table links, row {key.hex() or 'the first'}" if isinstance(key, bytes) else f"table links, row {key!r:.80}"
