"""The store's SQLite connections, for writing and reading, and the translation of SQLite's errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.chain import DamagedLedger, LedgerClosed, StorageFailed
from aeo_ledger.errors.files import FileUnavailable

_PRIMARY: Final = 0xFF
"""The last byte of SQLite's extended error codes is the primary code."""

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FORMAT})
"""Primary codes that mean damage; in a write, all but SQLITE_IOERR mean damage too."""

_NO_ROOM: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""Primary codes on a read-only or full disk, where SQLite cannot create the small file that readers and a writer share."""

_UNREADABLE: Final = (sqlite3.Error, MemoryError, UnicodeDecodeError)
"""Errors from reading a damaged file: a length may exceed the memory; a name, or SQLite's own message with it, may not be text."""
_NO_TEXT: Final = "a text or a length in it cannot be read"

_TRY: Final = ("BEGIN IMMEDIATE", "CREATE TABLE tried (x)", "ROLLBACK")
"""A change that is rolled back, to test whether the file can be written. BEGIN alone does not test it: on a read-only disk it succeeds."""

_WAIT_S = 5.0
"""Seconds to wait for another program that writes to the file, such as a backup."""

_CACHE: Final = "PRAGMA cache_size = -32768"


class Connection(sqlite3.Connection):
    """A connection for several threads, which run one statement at a time.

    If statements of several threads overlapped, SQLite would keep all of them on the first one's snapshot: they might never see a new block.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lock = threading.Lock()
        self.path = Path()
        # A flipped bit can turn a BLOB into TEXT. So nothing is decoded here, and the reader checks the value.
        self.text_factory = bytes


def connect_writing(path: Path) -> Connection:
    """Open a file for writing, in WAL mode: readers see whole transactions, and each is on disk when its commit returns.

    Raises:
        sqlite3.OperationalError: A test write fails.
    """
    return _open(path, "rw", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *_TRY)


def connect_reading(path: Path) -> Connection:
    """Open a file for reading, even while another process writes to it, or on a read-only disk.

    Raises:
        FileUnavailable: Its last transactions are in the -wal file, which cannot be read on a read-only disk.
    """
    try:
        return _open(path, "ro", "SELECT 1 FROM sqlite_schema")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY not in _NO_ROOM:
            raise
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            detail = f"{log.name} holds its last blocks; copy the folder to where it can be written, and open that"
            raise FileUnavailable(path=str(path), detail=detail) from error
    return _open(path, "ro&immutable=1")  # nobody can write there, so no lock is needed


def _open(path: Path, mode: str, *first: str) -> Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_WAIT_S,
        factory=Connection,
    )
    connection.path = path
    try:
        for statement in (*first, _CACHE):
            connection.execute(statement).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    except UnicodeDecodeError as error:
        connection.close()
        raise sqlite3.DatabaseError(_NO_TEXT) from error
    return connection


def select(connection: Connection, part: str, query: str, arguments: Sequence[Any] = ()) -> list[Any]:
    """Read rows.

    Args:
        connection: The connection.
        part: The part of the file that is read, for the error message.
        query: One statement.
        arguments: Values of its placeholders.

    Raises:
        LedgerClosed: The connection was closed.
        DamagedLedger: This part of the file cannot be read.
    """
    try:
        with connection.lock:
            return connection.execute(query, arguments).fetchall()
    except sqlite3.ProgrammingError as error:
        raise LedgerClosed from error
    except _UNREADABLE as error:
        raise DamagedLedger(path=str(connection.path), part=part, reason=str(error) or _NO_TEXT) from error


def stream(connection: Connection, part: str, query: str) -> Iterator[Any]:
    """Read rows one by one; no other thread may use the connection meanwhile.

    Raises:
        DamagedLedger: The file cannot be read from this point on.
    """
    try:
        yield from connection.execute(query)
    except _UNREADABLE as error:
        raise DamagedLedger(path=str(connection.path), part=part, reason=str(error) or _NO_TEXT) from error


def failure_of(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> Unavailable:
    """Return the error for a failed transaction: the file is damaged, or the disk refuses to write."""
    if isinstance(error, UnicodeDecodeError):
        return DamagedLedger(path=str(path), part="its pages", reason=_NO_TEXT)
    if getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGE - {sqlite3.SQLITE_IOERR}:
        return DamagedLedger(path=str(path), part="its pages", reason=str(error))
    return StorageFailed(path=str(path), reason=str(error))
