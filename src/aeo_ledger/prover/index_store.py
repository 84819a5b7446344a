"""The index's database: the words of a ledger as of one block, in SQLite or PostgreSQL. All of it can be made again from the ledger.

Several processes may share a database. Whoever first finds that a block is missing writes it; the others wait for that, and read what
changed. One transaction writes the words of a block together with its header, so a reader sees whole blocks only, also after a crash.

Nothing in the database is believed: `index` compares the words with the storage roots under the header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    SmallInteger,
    create_engine,
    delete,
    event,
    select,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.prover import IndexOfOtherLedger, IndexUnavailable
from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.state import NO_BLOCK, Changes

_FORMAT: Final = b"aeo-ledger/index/1"
"""Name and version; another version is another database."""
_WAIT_S: Final = 10
"""Seconds to wait for another process that writes; it writes at most some thousand logs at a time."""
_DOCUMENT: Final = "account proofs"
_LONGEST: Final = 1 << 20
_MOST_NODES: Final = 64
_AT_ONCE: Final = 10_000
"""Rows in one statement."""
_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
"""The supported databases, and the library for each."""
INSERT: Final[dict[str, Callable[[SqlTable], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""How each writes a row that may exist."""

_TABLES: Final = MetaData()
_STATE: Final = SqlTable(
    "state",
    _TABLES,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("ledger", LargeBinary, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("accounts", LargeBinary, nullable=False),
)
_WORDS: Final = SqlTable(
    "words",
    _TABLES,
    Column("table", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, primary_key=True),
    Column("word", LargeBinary, nullable=False),
    Column("block", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)
_STANDINGS: Final = SqlTable(
    "standings",
    _TABLES,
    Column("entry", LargeBinary, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("block", BigInteger, nullable=False, index=True),
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
        self._engine = _make_engine(url)
        self.name = self._engine.url.render_as_string(hide_password=True)
        """The database, without its password."""

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
            _TABLES.create_all(connection)
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
        self._connection = connection
        self.block = block
        """The block in the database."""

    def read(self, since: int) -> Changes:
        """Read what changed after a block; `NO_BLOCK` reads everything."""
        return _read(self._connection, since)

    def write(self, changes: Changes) -> None:
        """Write changes; they replace everything if they begin with the genesis."""
        if changes.since == NO_BLOCK:
            self._connection.execute(delete(_WORDS))
            self._connection.execute(delete(_STANDINGS))
        self._put(
            _WORDS,
            [
                {"table": table, "key": key, "word": word, "block": changes.block}
                for (table, key), word in changes.words.items()
            ],
        )
        self._put(
            _STANDINGS,
            [
                {"entry": entry, "record": record, "head": head, "block": changes.block}
                for entry, (record, head) in changes.standings.items()
            ],
        )
        accounts = encode_cbor({contract.value: list(nodes) for contract, nodes in changes.accounts.items()})
        self._connection.execute(
            update(_STATE), {"block": changes.block, "header": changes.header, "accounts": accounts}
        )

    def _put(self, table: SqlTable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows, and replace those that exist."""
        insert = INSERT[self._connection.dialect.name](table)
        others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
        statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
        for at in range(0, len(rows), _AT_ONCE):
            self._connection.execute(statement, rows[at : at + _AT_ONCE])


def _read(connection: Connection, since: int) -> Changes:
    found = connection.execute(select(_STATE.c.block, _STATE.c.header, _STATE.c.accounts)).one()
    words = select(_WORDS.c.table, _WORDS.c.key, _WORDS.c.word).where(_WORDS.c.block > since)
    standings = select(_STANDINGS.c.entry, _STANDINGS.c.record, _STANDINGS.c.head).where(_STANDINGS.c.block > since)
    return Changes(
        since=since,
        block=found.block,
        header=found.header,
        accounts=_read_accounts(found.accounts),
        words={(table, key): word for table, key, word in connection.execute(words)},
        standings={entry: (record, head) for entry, record, head in connection.execute(standings)},
    )


def _read_accounts(data: bytes) -> dict[Contract, tuple[bytes, ...]]:
    """Read the nodes of the accounts; none if they are damaged, so that they prove nothing."""
    try:
        found = parse_cbor(data, document=_DOCUMENT, max_bytes=_LONGEST)
        fields = Fields(found, document=_DOCUMENT, text_only=False)
        fields.demand(list(Contract))
        return {contract: fields.binaries(contract.value, _MOST_NODES) for contract in Contract}
    except MalformedDocument:
        return {}


def _make_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        waiting = {"sqlite": {}, "postgresql": {"options": f"-c lock_timeout={_WAIT_S}s"}}[parsed.drivername]
        engine = create_engine(parsed.set(drivername=_DRIVERS[parsed.drivername]), connect_args=waiting)
    except (ArgumentError, KeyError, ValueError) as error:
        needed = "sqlite:///FILE or postgresql://USER@HOST/NAME"
        kind = ascii(url.partition(":")[0][:40])  # the rest may have a password
        raise MalformedText("URL of the index", kind, needed) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: Any, _: object) -> None:
    """Let readers go on while another process writes. The last blocks may be lost with the power; they are read again."""
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1_000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
