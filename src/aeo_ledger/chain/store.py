"""One SQLite file that holds the whole chain, and the lock that keeps a second process out of it.

Tables: `nodes` is py-evm's key-value store (trie nodes, code, headers, look-ups), `seals` what the block hash leaves
    out, `logs` an index of events, `meta` the genesis. All of a block is written in one transaction (WAL,
    synchronous=FULL), so after a crash it is there whole or not at all. Nothing is ever pruned: any block's state can
    be proven.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from eth.db.backends.base import BaseAtomicDB

from aeo_ledger.errors import LedgerClosed, LedgerInUse, MalformedLedger, StorageFailed

_FORMAT = "aeo-ledger/chain/1"

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE seals (block INTEGER PRIMARY KEY, seals BLOB NOT NULL);
CREATE TABLE logs (
  block INTEGER, position INTEGER, transaction_index INTEGER, transaction_hash BLOB, address BLOB,
  topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB, PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX logs_by_topic1 ON logs (topic1, block);
"""

LogRow = tuple[int, int, int, bytes, bytes, bytes | None, bytes | None, bytes | None, bytes | None, bytes]
"""A row of `logs`: block, position in the block, transaction's index and hash, address, four topics, data."""

_CACHED = 1 << 16
"""Nodes kept in memory by each side, reading and writing: about 30 MB."""


class _Connection(sqlite3.Connection):
    """A connection on which one statement at a time runs from beginning to end.

    While statements of several threads overlap, SQLite keeps them all on the first one's snapshot: they would never see a new block.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alone = threading.Lock()


class KeyValues(BaseAtomicDB):
    """py-evm's database over the table `nodes`; writes wait in `pending` for the rest of their block."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self.pending: dict[bytes, bytes] = {}
        # A key of 32 bytes is the hash of its value, so what was once read stays true; other keys (the head's) move.
        self._fetch_fixed = lru_cache(_CACHED)(self._fetch)

    def _fetch(self, key: bytes) -> bytes:
        rows = _select(self._connection, "SELECT value FROM nodes WHERE key = ?", (key,))
        if not rows:
            raise KeyError(key)
        value: bytes = rows[0][0]
        return value

    def __getitem__(self, key: bytes) -> bytes:
        """Read what waits, or else what is on disk."""
        value = self.pending.get(key)
        if value is not None:
            return value
        return self._fetch_fixed(key) if len(key) == 32 else self._fetch(key)

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Let a value wait for its block's commit."""
        self.pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        """Refuse."""
        raise NotImplementedError("a chain without forks takes nothing back")

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    @contextmanager
    def atomic_batch(self) -> Iterator[KeyValues]:  # type: ignore[override]
        """Yield itself: a block that fails half-way is dropped whole by the store."""
        yield self


class Store:
    """The file, opened for one process: `writing` for the thread that seals, `reading`, of committed blocks, for all.

    Raises:
        LedgerInUse: Another process, or another ledger of this process, has it open.
        MalformedLedger: The file is not there, or is no ledger.
        StorageFailed: The lock cannot be written beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise MalformedLedger(path=str(path), reason="there is no such file")
        with ExitStack() as opened:
            opened.enter_context(closing(_lock(path)))
            try:
                self._writer = opened.enter_context(closing(_connect(path)))
                self._reader = opened.enter_context(closing(_connect(path)))
                self._reader.execute("PRAGMA query_only = ON")
                meta = dict(self._reader.execute("SELECT name, value FROM meta").fetchall())
            except sqlite3.DatabaseError as error:
                raise MalformedLedger(path=str(path), reason=str(error)) from error
            if meta.get("format") != _FORMAT:
                raise MalformedLedger(path=str(path), reason=f"its format is {meta.get('format')}, needed {_FORMAT}")
            self._opened = opened.pop_all()
        self.genesis: str = meta["genesis"]
        self.writing, self.reading = KeyValues(self._writer), KeyValues(self._reader)

    @staticmethod
    @contextmanager
    def create(path: Path, genesis: str) -> Iterator[KeyValues]:
        """Make the file, into which the caller writes block 0; the path appears when all is on disk, or not at all."""
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with closing(_connect(draft)) as connection:
            connection.executescript(_TABLES)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [("format", _FORMAT), ("genesis", genesis)])
            values = KeyValues(connection)
            yield values
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO nodes VALUES (?, ?)", values.pending.items())
            connection.execute("COMMIT")
        draft.rename(path)

    def commit(self, block: int, seals: bytes, logs: Sequence[LogRow]) -> None:
        """Write all that waits, with the block's seals and logs, and return when it is on disk.

        Raises:
            StorageFailed: The disk refused; nothing of the block is kept.
        """
        waiting = self.writing.pending
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.executemany("INSERT OR REPLACE INTO nodes VALUES (?, ?)", sorted(waiting.items()))
            self._writer.execute("INSERT INTO seals VALUES (?, ?)", (block, seals))
            self._writer.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", logs)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise StorageFailed(path=str(self._path), reason=str(error)) from error
        finally:
            self.writing.pending = {}

    def drop(self) -> None:
        """Forget what waits: its block came to nothing."""
        self.writing.pending = {}

    def seals(self, block: int) -> bytes | None:
        """Read a block's seals as they were committed; a genesis has none."""
        rows = _select(self._reader, "SELECT seals FROM seals WHERE block = ?", (block,))
        return rows[0][0] if rows else None

    def find_logs(
        self, first: int, last: int, addresses: Sequence[bytes] = (), topics: Sequence[Sequence[bytes]] = ()
    ) -> list[LogRow]:
        """Find logs of the blocks from `first` to `last`, in order; an empty sequence lets everything through."""
        conditions, arguments = ["block BETWEEN ? AND ?"], [first, last]
        for column, wanted in [("address", addresses), *((f"topic{i}", topic) for i, topic in enumerate(topics))]:
            if wanted:
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                arguments.extend(wanted)  # type: ignore[arg-type]
        query = f"SELECT * FROM logs WHERE {' AND '.join(conditions)} ORDER BY block, position"  # noqa: S608 (columns)
        return _select(self._reader, query, arguments)

    def logs_of_transaction(self, block: int, index: int) -> list[LogRow]:
        """Read the logs of one transaction, in order."""
        query = "SELECT * FROM logs WHERE block = ? AND transaction_index = ? ORDER BY position"
        return _select(self._reader, query, (block, index))

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._opened.close()


def _connect(path: Path) -> _Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=_Connection)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -32768"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _select(connection: _Connection, query: str, arguments: Sequence[Any]) -> list[Any]:
    try:
        with connection.alone:
            return connection.execute(query, arguments).fetchall()
    except sqlite3.ProgrammingError as error:  # the connection is closed
        raise LedgerClosed from error


def _lock(path: Path) -> sqlite3.Connection:
    """Hold an exclusive SQLite lock on a file beside the ledger: every system has it, and it dies with the process."""
    file = path.with_name(path.name + ".lock")
    lock = sqlite3.connect(file, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise LedgerInUse(path=str(path)) from error
        raise StorageFailed(path=str(file), reason=str(error)) from error
    return lock
