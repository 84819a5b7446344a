"""The databases of a gateway: which are supported, how a connection is opened, and how a row is written that may exist."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.prover import DatabaseOfOthers
from aeo_ledger.files import share_folder

_WAIT_S: Final = 10
"""Seconds to wait for another process that writes; it writes at most some thousand logs at a time."""
_PAUSE_S: Final = 0.01
_PRIMARY: Final = 0xFF
"""Of an error's code; the rest says more."""
_PATIENCE: Final = {"options": f"-c lock_timeout={_WAIT_S}s", "connect_timeout": _WAIT_S}
_AT_ONCE: Final = 10_000
"""Rows in one statement."""
_CACHE_KB: Final = 16_000
"""Pages that a connection to SQLite may keep: a transaction that changes more of them writes them more than once."""
_NOTHING: Final = -2
_NAMED: Final = 5
"""Strange tables that are named."""
_MAKING: Final = int.from_bytes(b"aeo-ldgr", "big")
"""The lock of those who make tables."""
_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
"""The supported databases, and the library for each."""
_KNOWN: Final = frozenset(
    {"state", "words", "standings", "logs", "acts", "times", "steps"}
    | {"told_to", "used_requests", "used_requests_begun"}
    | {"webhook_lease", "webhook_places", "webhook_missed", "webhook_letters"}
)
"""The tables of an index's database: its own, and those of rooms above."""
_DAMAGED_SQLITE: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Codes for: no such table or column; a damaged page; no database."""
_DAMAGED_POSTGRESQL: Final = frozenset(["42703", "42P01", "42804", "42883", "42P10", "XX001", "XX002"])
"""SQLSTATE of: no such column, table, type, operator or key; a damaged page or index."""
INSERT: Final[dict[str, Callable[[Table], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""How each writes a row that may exist."""


class Blob(LargeBinary):
    """Bytes, as both libraries take them. A damaged value of another type, which SQLite allows, is read as no bytes: it proves nothing."""

    def bind_processor(self, _dialect: Dialect) -> None:
        """Write bytes as they are."""

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[object], bytes]:
        """Read bytes."""
        return lambda value: value if isinstance(value, bytes) else b""


class Number(BigInteger):
    """A number from 0, or `NO_BLOCK`. A damaged value of another type is read as one that nothing has."""

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[object], int]:
        """Read a number."""
        return lambda value: value if isinstance(value, int) else _NOTHING


def open_engine(url: str) -> Engine:
    """Prepare connections to a database; none is opened yet.

    Raises:
        MalformedText: It is not the URL of a supported database.
    """
    try:
        parsed = make_url(url)
        waiting = {"sqlite": {}, "postgresql": _PATIENCE}[parsed.drivername]
        if parsed.drivername == "sqlite" and (parsed.query or parsed.database in {None, "", ":memory:"}):
            raise ValueError  # noqa: TRY301 (each connection would have another database)
        engine = create_engine(parsed.set(drivername=_DRIVERS[parsed.drivername]), connect_args=waiting)
    except (ArgumentError, KeyError, ValueError) as error:
        needed = "sqlite:///FILE or postgresql://USER@HOST/NAME"
        kind = ascii(url.partition(":")[0][:40])  # the rest may have a password
        raise MalformedText("URL of the index", kind, needed) from error
    if engine.dialect.name == "sqlite":
        file = Path(str(parsed.database))
        event.listen(engine, "do_connect", partial(_open_sqlite, file))
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkout", partial(_demand_same_file, file))
    else:
        event.listen(engine, "do_connect", _open_postgresql)
    return engine


def name_of(engine: Engine) -> str:
    """Name a database as its user did, without its password."""
    return engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)


def make_tables(connection: Connection, *tables: MetaData) -> None:
    """Make tables, unless they exist.

    Raises:
        DatabaseOfOthers: The database is not of an index: there is none yet, and it has tables of something else.
    """
    if connection.dialect.name == "postgresql":  # where two can make the same table at once, and the second one fails
        connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
    found = inspect(connection)
    strange = sorted(set(found.get_table_names()) - _KNOWN)
    if strange and "ledger" not in columns_of(connection, "state"):
        raise DatabaseOfOthers(database=name_of(connection.engine), tables=tuple(strange[:_NAMED]))
    for each in tables:
        each.create_all(connection)


def has_tables(connection: Connection) -> bool:
    """Tell whether a database has tables of an index."""
    return not _KNOWN.isdisjoint(inspect(connection).get_table_names())


def columns_of(connection: Connection, table: str) -> set[str]:
    """Return the names of a table's columns; none if it does not exist."""
    found = inspect(connection)
    return {column["name"] for column in found.get_columns(table)} if found.has_table(table) else set()


def is_damage(error: DBAPIError) -> bool:
    """Tell whether a database answers, but lacks pages, tables or columns that it should have."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGED_SQLITE
    return getattr(error.orig, "sqlstate", None) in _DAMAGED_POSTGRESQL


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, and replace those that exist."""
    insert = INSERT[connection.dialect.name](table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
    for at in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[at : at + _AT_ONCE])


def _open_postgresql(_: Dialect, __: object, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    from aeo_ledger.prover.patient import PatientConnection  # noqa: PLC0415 (needs the library, as PostgreSQL does)

    return PatientConnection.connect(*given, **named)


class _SqliteConnection(sqlite3.Connection):
    """A connection that knows its file."""

    file: tuple[int, int] | None = None


def _open_sqlite(file: Path, _: Dialect, __: object, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Let readers go on while another process writes. The last blocks may be lost with the power; they are read again.

    A database in this mode is three files. Nobody opens them while `set_aside` has renamed some, or there would be two databases in them.
    """
    with ExitStack() as stack:
        # where there is no folder, SQLite says so itself; where there are no locks, nobody sets a file aside
        with suppress(FileUnavailable, ImportError):
            stack.enter_context(share_folder(file.parent))
        connection = sqlite3.connect(*given, **named, factory=_SqliteConnection)
        try:
            connection.isolation_level = None  # transactions begin as `_begin_sqlite` says
            connection.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1_000}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error:
            connection.close()
            raise
        connection.file = _identify(file)
    return connection


def _demand_same_file(file: Path, connection: Any, _: object, __: object) -> None:
    """Open a file again that was deleted or replaced, or two processes would go on with two databases."""
    if connection.file != _identify(file):
        raise DisconnectionError


def _identify(file: Path) -> tuple[int, int] | None:
    """Identify the file that has the database's name now."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the mode of the file, once. Where several processes do so at the same moment, SQLite refuses some at once, whatever their timeout."""
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
