"""Where a book lies: one SQLite file, or a PostgreSQL database by its URL. It is made when it is first used.

A file has mode 0600 and appears whole or not at all. A transaction is on disk when it ends (write-ahead log, full synchronisation). Two
processes may use one book: one waits for the other for some seconds, and then gives up without loss.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from aeo_ledger.errors.files import FileExists, FileUnavailable
from aeo_ledger.errors.registers import BookUnavailable, NewerBook, NoBackupHere, NotABook
from aeo_ledger.files import drafting
from aeo_ledger.registers.book_rows import UnreadableRow
from aeo_ledger.registers.book_tables import APPLICATION, SCHEMA, about, metadata

_STRANGE: Final = "SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
"""Finds what runs when a table is read or written: a view may never end, and a trigger may do anything."""
_WAITS_S: Final = 5.0
"""Seconds for which one process waits for another."""
_MAKING: Final = int.from_bytes(b"aeo-book", "big")
"""The lock of those who make tables in PostgreSQL, where two can make the same table at once, and the second one fails."""
_POSTGRESQL: Final = ("postgresql:", "postgres:", "postgresql+psycopg:")


def is_url(place: str) -> bool:
    """Say whether a place is a PostgreSQL URL; else it is a file."""
    return place.startswith(_POSTGRESQL)


class BookPlace:
    """An open book's database.

    Args:
        place: A file, or a PostgreSQL URL.
        now: UTC seconds, for a new book.

    Raises:
        NotABook: it is something else, or damaged.
        NewerBook: a newer version of this program wrote it.
        BookUnavailable, FileUnavailable: it cannot be reached or made.
    """

    def __init__(self, place: str, *, now: int) -> None:
        self._is_file = not is_url(place)
        self.name = str(place) if self._is_file else _without_password(place)
        """The place for people, without a password."""
        self._path = Path(place)
        if self._is_file and not self._path.exists():
            _make_file(self._path, now)
        self._engine = _open_file(self._path) if self._is_file else _open_url(place, self.name)
        if not self._is_file:
            self._make_tables(now)
        self._check()

    @contextmanager
    def begin(self, *, writes: bool = True) -> Iterator[Connection]:
        """Yield a connection for one transaction: all of it is kept, or nothing.

        Raises:
            BookUnavailable, NotABook: the database failed.
        """
        with (
            self._reporting(),
            self._engine.connect().execution_options(writes=writes) as connection,
            connection.begin(),
        ):
            yield connection

    def back_up(self, path: Path) -> None:
        """Copy a book in a file to another file of mode 0600, also while it is in use.

        Raises:
            NoBackupHere: the book is in PostgreSQL.
            FileExists, FileUnavailable: the copy cannot be written.
        """
        if not self._is_file:
            raise NoBackupHere(book=self.name)
        with (
            self._reporting(),
            drafting(path, private=True) as draft,
            closing(sqlite3.connect(self._path)) as old,
            closing(sqlite3.connect(draft)) as new,
        ):
            old.backup(new)

    def sweep(self) -> None:
        """Let nothing that was deleted stay in a file: what is deleted is overwritten with zeros, and the log before it is emptied.

        A backup and a disk's own copies are not reached. PostgreSQL has VACUUM.

        Raises:
            BookUnavailable, NotABook: the database failed.
        """
        if self._is_file:
            with self._reporting(), closing(sqlite3.connect(self._path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _make_tables(self, now: int) -> None:
        with self.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
            if not inspect(connection).has_table(about.name):
                _write_tables(connection, now)

    def _check(self) -> None:
        with self.begin(writes=False) as connection:
            if self._is_file and connection.exec_driver_sql(_STRANGE).first() is not None:
                raise NotABook(book=self.name, detail="it has more than tables")
            if not inspect(connection).has_table(about.name):
                raise NotABook(book=self.name, detail="it has other tables")
            row = connection.execute(select(about.c.application, about.c.schema)).one_or_none()
        if row is None or row.application != APPLICATION or not isinstance(row.schema, int):
            raise NotABook(book=self.name, detail="another program made it")
        if row.schema > SCHEMA:
            raise NewerBook(book=self.name, found=row.schema, known=SCHEMA)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _explain(error, self.name) from error
        except UnreadableRow as error:
            raise NotABook(book=self.name, detail=str(error)) from error


def _explain(error: SQLAlchemyError | sqlite3.Error, name: str) -> NotABook | BookUnavailable:
    """Say what a failed database means. What SQLite cannot read is `DatabaseError` itself; a lock, a full disk and an absent server are not."""
    cause: Any = getattr(error, "orig", None) or error
    if type(cause) is sqlite3.DatabaseError:
        return NotABook(book=name, detail=str(cause))
    is_full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return BookUnavailable(book=name, detail=os.strerror(errno.ENOSPC) if is_full else " ".join(str(cause).split()))


def _make_file(path: Path, now: int) -> None:
    if not path.parent.is_dir():  # a wrong name must not become a second book
        raise FileUnavailable(path=str(path), detail="its folder does not exist")
    try:
        with drafting(path, private=True) as draft:
            engine = _open_file(draft)
            with engine.connect() as connection, connection.begin():
                _write_tables(connection, now)
            engine.dispose()
    except FileExists:
        return  # another process made it meanwhile
    except SQLAlchemyError as error:
        raise _explain(error, str(path)) from error


def _write_tables(connection: Connection, now: int) -> None:
    metadata.create_all(connection)
    connection.execute(insert(about).values(application=APPLICATION, schema=SCHEMA, made_at=now))


def _open_file(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path.absolute()}", connect_args={"timeout": _WAITS_S, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def on_connect(opened: Any, _: Any) -> None:
        for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            opened.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_url(url: str, name: str) -> Engine:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        return create_engine(parsed, connect_args={"connect_timeout": int(_WAITS_S)})
    except (ArgumentError, ValueError) as error:
        raise NotABook(book=name, detail="it is no URL of a PostgreSQL database") from error


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url.partition("@")[2] or url
