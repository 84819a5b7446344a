"""The index's database: the words of a ledger as of one block, and its `archive`. All of it can be made again from the ledger.

It is in SQLite or PostgreSQL. Several processes may share it. Whoever first finds that a block is missing writes it; the others wait for
that, and read what changed. One transaction writes the words of a block together with its header, so a reader sees whole blocks only, also
after a crash.

Nothing in the database is believed: `index` compares the words with the storage roots under the header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Self, TypeVar

from sqlalchemy import Column, Connection, MetaData, SmallInteger, delete, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aeo_ledger.errors.prover import IndexOfOtherLedger, IndexUnavailable
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover import archive
from aeo_ledger.prover.databases import INSERT, Blob, Number, make_tables, open_engine, put
from aeo_ledger.prover.past import Past
from aeo_ledger.prover.state import NO_BLOCK, Changes, State

T = TypeVar("T")

_FORMAT: Final = b"aeo-ledger/index/2"
"""Name and version; another version is another database."""
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
        self.name = self._engine.url.render_as_string(hide_password=True)
        """The database, without its password."""
        self.steps: dict[int, State] = {}
        """The states around the changes of the validators, as far as somebody asked for them: each has a few thousand words."""

    def __enter__(self) -> Self:
        """Enter a `with` block, which closes the connections at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._engine.dispose()

    def prepare(self, genesis: bytes, contracts: Mapping[Contract, bytes]) -> None:
        """Make the tables, unless they exist, and check that they are of this ledger.

        Args:
            genesis: The header of block 0, RLP.
            contracts: The addresses of the contracts, 20 bytes each.

        Raises:
            IndexOfOtherLedger: They are of another ledger, or of another version.
            IndexUnavailable: The database does not work.
        """
        ledger = keccak256(_FORMAT + genesis + b"".join(contracts[contract] for contract in Contract))
        with self.transaction(writes=True) as connection:
            make_tables(connection, _TABLES, archive.TABLES)
            empty = {"one": 1, "ledger": ledger, "block": NO_BLOCK, "header": b"", "accounts": b""}
            insert = INSERT[connection.dialect.name](_STATE)
            connection.execute(insert.on_conflict_do_nothing(), empty)
            if connection.scalar(select(_STATE.c.ledger)) != ledger:
                raise IndexOfOtherLedger(database=self.name)

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
        except SQLAlchemyError as error:
            detail = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            raise IndexUnavailable(database=self.name, detail=detail.partition("\n")[0]) from error


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
