"""SQLite as the store uses it: connections that write or read, and every failure of it under its own name."""

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
"""SQLite's extended codes carry the plain one in their last byte."""

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FORMAT})
"""What SQLite says when it cannot read what was written; of what it says while it writes, these are damage too."""

_NO_ROOM: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""What it says where it cannot make the small file by which readers and a writer agree: on a disk that is read-only, or full."""

_UNREADABLE: Final = (sqlite3.Error, MemoryError, UnicodeDecodeError)
"""What comes of reading a damaged file: a length may ask for more memory than there is, a name may be no text, also in SQLite's own words."""
_NO_TEXT: Final = "what should be text or a length is none"

_TRY: Final = ("BEGIN IMMEDIATE", "CREATE TABLE tried (x)", "ROLLBACK")
"""A change that is taken back: to begin one alone says nothing, for on a read-only disk SQLite begins to read."""

_WAIT_S = 5.0
"""Seconds to wait for another program that writes to the file, such as a backup."""

_CACHE: Final = "PRAGMA cache_size = -32768"


class Connection(sqlite3.Connection):
    """A connection on which one statement at a time runs from beginning to end, from any thread.

    While statements of several threads overlap, SQLite keeps them all on the first one's snapshot: they would never see a new block.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alone = threading.Lock()
        self.path = Path()
        # A flipped bit can make text of bytes; whoever reads checks what was read, and nothing is decoded on the way.
        self.text_factory = bytes


def connect_writing(path: Path) -> Connection:
    """Open a file to write to it: in WAL mode, so that readers see whole transactions, each on disk before it counts.

    Raises:
        sqlite3.OperationalError: It cannot be written, as is tried.
    """
    return _open(path, "rw", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *_TRY)


def connect_reading(path: Path) -> Connection:
    """Open a file to read it, be it while another process writes to it, or where nobody can write.

    Raises:
        FileUnavailable: What was last written to it waits in a file beside it, and cannot be read from where it is.
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
    return _open(path, "ro&immutable=1")  # nobody can write there, so nobody needs to be asked


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
        connection: Where.
        part: What is read, as whoever repairs it would call it.
        query: One statement.
        arguments: For its placeholders.

    Raises:
        LedgerClosed: It was closed.
        DamagedLedger: The file cannot be read there.
    """
    try:
        with connection.alone:
            return connection.execute(query, arguments).fetchall()
    except sqlite3.ProgrammingError as error:
        raise LedgerClosed from error
    except _UNREADABLE as error:
        raise DamagedLedger(path=str(connection.path), part=part, reason=str(error) or _NO_TEXT) from error


def stream(connection: Connection, part: str, query: str) -> Iterator[Any]:
    """Read rows one after another, over a connection that nobody else uses meanwhile.

    Raises:
        DamagedLedger: The file cannot be read on from there.
    """
    try:
        yield from connection.execute(query)
    except _UNREADABLE as error:
        raise DamagedLedger(path=str(connection.path), part=part, reason=str(error) or _NO_TEXT) from error


def failure_of(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> Unavailable:
    """Name what stopped a transaction: damage, or a disk that takes nothing."""
    if isinstance(error, UnicodeDecodeError):
        return DamagedLedger(path=str(path), part="its pages", reason=_NO_TEXT)
    if getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGE - {sqlite3.SQLITE_IOERR}:
        return DamagedLedger(path=str(path), part="its pages", reason=str(error))
    return StorageFailed(path=str(path), reason=str(error))
