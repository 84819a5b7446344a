"""The index's database: the words of a ledger as of one block, and its `archive`. All of it can be made again from the ledger.

It is in SQLite or PostgreSQL. Several processes may share it. Whoever first finds that a block is missing writes it; the others wait for
that, and read what changed. One transaction writes the words of a block together with its header, so a reader sees whole blocks only, also
after a crash.

Nothing in the database is believed: `index` compares the words with the storage roots under the header.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self, TypeVar

from sqlalchemy import Column, Connection, MetaData, SmallInteger, delete, select, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.prover import IndexDamaged, IndexOfOtherLedger, IndexUnavailable, NoIndex
from aeo_ledger.files import hold_folder, set_aside
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover import archive
from aeo_ledger.prover.databases import (
    INSERT,
    Blob,
    Number,
    columns_of,
    has_tables,
    is_damage,
    make_tables,
    name_of,
    open_engine,
    put,
)
from aeo_ledger.prover.past import Past
from aeo_ledger.prover.state import NO_BLOCK, Changes, State

T = TypeVar("T")

_FORMAT: Final = "aeo-ledger/index/{}"
_EDITION: Final = 2
"""The edition of the tables. Those of an earlier one are made anew."""
_MAGIC: Final = b"SQLite format 3\0"
"""How a file of SQLite begins."""

_LOG = logging.getLogger(__name__)
_TABLES: Final = MetaData()
_STATE: Final = SqlTable(
    "state",
    _TABLES,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("ledger", Blob, nullable=False),
    Column("block", Number, nullable=False),
    Column("header", Blob, nullable=False),
    Column("accounts", Blob, nullable=False),
)
_WORDS: Final = SqlTable(
    "words",
    _TABLES,
    Column("table", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", Blob, primary_key=True),
    Column("word", Blob, nullable=False),
    Column("block", Number, nullable=False, index=True),
    sqlite_with_rowid=False,
)
_STANDINGS: Final = SqlTable(
    "standings",
    _TABLES,
    Column("entry", Blob, primary_key=True),
    Column("record", Blob, nullable=False),
    Column("head", Blob, nullable=False),
    Column("block", Number, nullable=False, index=True),
    sqlite_with_rowid=False,
)


class IndexStore:
    """A database that keeps the index of one ledger. Use it in a `with` block.

    Args:
        url: Such as `sqlite:///index.sqlite` or `postgresql://user@host/name`.

    Raises:
        MalformedText: It is not the URL of a supported database.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self.name = name_of(self._engine)
        """The database, without its password."""
        self.steps: dict[int, State] = {}
        """The states around the changes of the validators, as far as somebody asked for them: each has a few thousand words."""

    def __enter__(self) -> Self:
        """Enter a `with` block, which closes the connections at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._engine.dispose()

    def demand(self) -> None:
        """Demand a database that a gateway has used; none is made.

        Raises:
            NoIndex: It is another one, or there is none.
            IndexUnavailable: The database does not work.
        """
        if self._engine.dialect.name == "sqlite" and not Path(str(self._engine.url.database)).is_file():
            raise NoIndex(database=self.name)
        with self.transaction() as connection:
            if not has_tables(connection):
                raise NoIndex(database=self.name)

    def prepare(self, genesis: bytes, contracts: Mapping[Contract, bytes]) -> None:
        """Make the tables, unless they exist, and check that they are of this ledger. Those of an earlier edition are made anew.

        Args:
            genesis: The header of block 0, RLP.
            contracts: The addresses of the contracts, 20 bytes each.

        Raises:
            IndexOfOtherLedger: They are of another ledger, or of a later edition.
            DatabaseOfOthers: The database has something else.
            IndexDamaged: It lacks pages, tables or columns.
            IndexUnavailable: It does not work.
        """
        ledger, *earlier = _name_ledger(genesis, contracts)
        with self.transaction(writes=True) as connection:
            if _ledger_in(connection) in earlier:
                _LOG.warning("the index in %s is of an earlier edition of this program, and made anew", self.name)
                _drop(connection)
            self._make(connection, ledger)

    def remake(self, genesis: bytes, contracts: Mapping[Contract, bytes]) -> None:
        """Make a damaged database anew. What others keep in it stays, unless the file itself is damaged: then it gets another name.

        Raises:
            AeoLedgerError: As `prepare` raises.
        """
        ledger, *earlier = _name_ledger(genesis, contracts)
        self._engine.dispose()
        try:
            with self.transaction(writes=True) as connection:
                found = _ledger_in(connection)
                if found is not None and found not in {ledger, *earlier}:
                    raise IndexOfOtherLedger(database=self.name)
                if not _is_sound(connection):
                    _drop(connection)
                self._make(connection, ledger)
        except IndexDamaged:
            if self._engine.dialect.name != "sqlite":
                raise
            self._set_aside()
            with self.transaction(writes=True) as connection:
                self._make(connection, ledger)

    def _make(self, connection: Connection, ledger: bytes) -> None:
        make_tables(connection, _TABLES, archive.TABLES)
        empty = {"one": 1, "ledger": ledger, "block": NO_BLOCK, "header": b"", "accounts": b""}
        connection.execute(INSERT[connection.dialect.name](_STATE).on_conflict_do_nothing(), empty)
        if connection.scalar(select(_STATE.c.ledger)) != ledger:
            raise IndexOfOtherLedger(database=self.name)

    def _set_aside(self) -> None:
        """Give the damaged file of SQLite another name, unless another process was faster; a file of something else is left alone.

        Raises:
            IndexDamaged: It does not begin as a database does.
            IndexUnavailable: Its folder cannot be written.
        """
        file = Path(str(self._engine.url.database))
        try:
            self._set_file_aside(file)
        except FileUnavailable as error:
            raise IndexUnavailable(database=self.name, detail=str(error)) from error

    def _set_file_aside(self, file: Path) -> None:
        with hold_folder(file.parent):
            self._engine.dispose()
            try:
                with self.transaction() as connection:
                    if _is_sound(connection):
                        return
            except IndexDamaged:
                with file.open("rb") as opened:
                    if opened.read(len(_MAGIC)) not in {_MAGIC, bytes(len(_MAGIC))}:
                        raise
            self._engine.dispose()
            _LOG.warning("%s is damaged, and made anew; the old one is %s", self.name, set_aside(file, "-wal", "-shm"))

    def read(self, since: int) -> Changes:
        """Read what changed after a block; `NO_BLOCK` reads everything.

        Raises:
            IndexUnavailable: The database does not work.
        """
        with self.transaction() as connection:
            return _read(connection, since)

    def archived(self, block: int, read: Callable[[Connection], T]) -> T | None:
        """Read from the archive; None if it does not reach a block yet.

        Raises:
            IndexUnavailable: The database does not work.
        """
        with self.transaction() as connection:
            reached = connection.scalar(select(_STATE.c.block))
            return read(connection) if reached is not None and reached >= block else None

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait until no other process writes, and write when the block ends without an error.

        Raises:
            IndexUnavailable: The database does not work, or another process writes for too long.
        """
        with self.transaction(writes=True) as connection:
            block = connection.scalar(select(_STATE.c.block).with_for_update())
            yield Turn(connection, NO_BLOCK if block is None else block)

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """Read or write in one transaction. Others may keep tables of their own in the database.

        Raises:
            IndexUnavailable: The database does not work, or another process writes for too long.
        """
        options = {"sqlite_begin": "BEGIN IMMEDIATE" if writes else "BEGIN"}
        if self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "READ COMMITTED" if writes else "REPEATABLE READ"
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            kind = IndexDamaged if is_damage(error) else IndexUnavailable
            raise kind(database=self.name, detail=str(error.orig).partition("\n")[0]) from error
        except SQLAlchemyError as error:
            raise IndexUnavailable(database=self.name, detail=str(error).partition("\n")[0]) from error


class Turn:
    """A transaction in which this process alone writes."""

    def __init__(self, connection: Connection, block: int) -> None:
        self.connection = connection
        """Writes with it, for tables of others."""
        self.block = block
        """The block in the database."""

    def read(self, since: int) -> Changes:
        """Read what changed after a block; `NO_BLOCK` reads everything."""
        return _read(self.connection, since)

    def write(self, changes: Changes, past: Past) -> None:
        """Write changes, and what they add to the archive; they replace everything if they begin with the genesis."""
        if changes.since == NO_BLOCK:
            self.connection.execute(delete(_WORDS))
            self.connection.execute(delete(_STANDINGS))
            archive.clear_past(self.connection)
        archive.write_past(self.connection, past)
        put(
            self.connection,
            _WORDS,
            [
                {"table": table, "key": key, "word": word, "block": changes.block}
                for (table, key), word in changes.words.items()
            ],
        )
        put(
            self.connection,
            _STANDINGS,
            [
                {"entry": entry, "record": record, "head": head, "block": changes.block}
                for entry, (record, head) in changes.standings.items()
            ],
        )
        accounts = archive.encode_accounts(changes.accounts)
        self.connection.execute(
            update(_STATE), {"block": changes.block, "header": changes.header, "accounts": accounts}
        )


def _name_ledger(genesis: bytes, contracts: Mapping[Contract, bytes]) -> list[bytes]:
    """Name a ledger as this edition does, and as each earlier one did: 32 bytes each, the newest first."""
    whose = genesis + b"".join(contracts[contract] for contract in Contract)
    return [keccak256(_FORMAT.format(edition).encode() + whose) for edition in range(_EDITION, 0, -1)]


def _ledger_in(connection: Connection) -> bytes | None:
    """Read whose index is in a database; None if it has none, or none that says so."""
    if "ledger" not in columns_of(connection, _STATE.name):
        return None
    found: bytes | None = connection.scalar(select(_STATE.c.ledger))
    return found


def _is_sound(connection: Connection) -> bool:
    """Tell whether a database needs no remaking, since another process was faster. PostgreSQL has no quick way to know."""
    if connection.dialect.name != "sqlite":
        return False
    tables = (*_TABLES.sorted_tables, *archive.TABLES.sorted_tables)
    return connection.scalar(text("PRAGMA quick_check(1)")) == "ok" and all(
        columns_of(connection, table.name) == {column.name for column in table.columns} for table in tables
    )


def _drop(connection: Connection) -> None:
    """Drop the index's own tables; what others keep beside them stays."""
    for tables in (archive.TABLES, _TABLES):
        tables.drop_all(connection)


def _read(connection: Connection, since: int) -> Changes:
    found = connection.execute(select(_STATE.c.block, _STATE.c.header, _STATE.c.accounts)).one()
    words = select(_WORDS.c.table, _WORDS.c.key, _WORDS.c.word).where(_WORDS.c.block > since)
    standings = select(_STANDINGS.c.entry, _STANDINGS.c.record, _STANDINGS.c.head).where(_STANDINGS.c.block > since)
    return Changes(
        since=since,
        block=found.block,
        header=found.header,
        accounts=archive.decode_accounts(found.accounts),
        words={(table, key): word for table, key, word in connection.execute(words)},
        standings={entry: (record, head) for entry, record, head in connection.execute(standings)},
    )
