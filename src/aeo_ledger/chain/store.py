"""One SQLite file that stores the whole chain. Everything is checked when it is read.

The file has two tables. In `nodes`, the key is the hash of the value: trie nodes, code, headers; each is hashed when it is read. `links` has
everything else: look-ups by number and by transaction, seals, logs and the genesis; see `chain.links`. So no answer and no block is
made from a flipped bit: whatever depends on the damaged row raises `DamagedLedger` with the row's name, and everything else works.

A block is written in one transaction (WAL, synchronous=FULL): after a crash it is in the file whole or not at all. Nothing is pruned,
so any block's state can be proven.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from eth.db.backends.base import BaseAtomicDB
from eth.db.schema import SchemaV1
from eth.vm.interrupt import EVMMissingData
from trie.exceptions import MissingTraversalNode, MissingTrieNode

from aeo_ledger.chain.connection import Connection, connect_reading, connect_writing, failure_of, select
from aeo_ledger.chain.copying import copy_pages
from aeo_ledger.chain.file_lock import LockedFile, lock_file
from aeo_ledger.chain.links import Links, first_row
from aeo_ledger.chain.logs import LogRow, find_logs, rows_of_logs
from aeo_ledger.errors.chain import DamagedLedger, LedgerInUse, MalformedLedger, StorageFailed
from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.files import drafting
from aeo_ledger.primitives.hashes import keccak256

APPLICATION: Final = 0x41454F4C
"""SQLite's application id of the file: `AEOL`."""
VERSION: Final = 2
"""SQLite's user version: the version of the tables' form."""

NODES: Final = "CREATE TABLE nodes (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"

HASH_BYTES: Final = 32
POINTER: Final = b"k"
"""Prefix of py-evm's keys that are not hashes."""
SEALS: Final = b"s"
GENESIS: Final = b"g"

_AS_LONG: Final = SchemaV1.make_checkpoint_headers_key()
_CACHED: Final = 1 << 16
"""Nodes in the cache of each side, reading and writing: about 30 MB each."""


def is_hash(key: bytes) -> bool:
    """Whether a key is the hash of its value. One of py-evm's other keys has the same length by chance."""
    return len(key) == HASH_BYTES and key != _AS_LONG


class MissingNode(KeyError):
    """There is no node with the requested hash."""


class KeyValues(BaseAtomicDB):
    """py-evm's database over both tables; writes are kept in `pending` until their block is committed.

    Args:
        connection: To the file.
        writing: py-evm writes here. Then py-evm also looks for nodes that never existed, in order to delete them, so a missing node is a
            `KeyError`. If py-evm does not catch it, `naming_missing_nodes` reports damage.
    """

    def __init__(self, connection: Connection, *, writing: bool = False) -> None:
        self._connection = connection
        self._is_writing = writing
        self._links = Links(connection)
        self.pending: dict[bytes, bytes] = {}
        # A value that is read by its hash never changes; values of other keys (the head's) do.
        self._fetch_fixed = lru_cache(_CACHED)(self._fetch)

    def _fetch(self, key: bytes) -> bytes:
        part = f"table nodes, row {key.hex()}"
        rows = select(self._connection, part, "SELECT value FROM nodes WHERE key = ?", (key,))
        if not rows:
            raise MissingNode(key)
        value = rows[0][0]
        if not isinstance(value, bytes) or keccak256(value) != key:
            raise DamagedLedger(path=str(self._connection.path), part=part, reason="its hash is not its key")
        return value

    def __getitem__(self, key: bytes) -> bytes:
        """Read a pending value, or else the value on disk, checked.

        Raises:
            KeyError: There is certainly no such look-up, or (for a writer) no such node.
            DamagedLedger: The value is damaged or missing.
        """
        value = self.pending.get(key)
        if value is not None:
            return value
        if is_hash(key):
            try:
                return self._fetch_fixed(key)
            except MissingNode as error:
                if self._is_writing:
                    raise
                # a reader knows the hash from data in the file, so the node must exist
                raise _missing(self._connection.path, key) from error
        value = self._links.get(POINTER + key)
        if value is None:
            raise KeyError(key)
        return value

    def node(self, node_hash: bytes) -> bytes | None:
        """Read a node by its hash; None if there is none.

        Raises:
            DamagedLedger: Its row is damaged.
        """
        try:
            return self._fetch_fixed(node_hash)
        except MissingNode:
            return None

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Keep a value until its block is committed."""
        self.pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        """Raise: nothing is ever deleted."""
        raise NotImplementedError("a chain without forks deletes nothing")

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    @contextmanager
    def atomic_batch(self) -> Iterator[KeyValues]:  # type: ignore[override]
        """Yield itself: the store drops a failed block as a whole."""
        yield self


@contextmanager
def naming_missing_nodes(path: Path) -> Iterator[None]:
    """Report a node that py-evm needed and did not find as damage.

    Raises:
        DamagedLedger: A node was missing.
    """
    try:
        yield
    except (MissingNode, MissingTrieNode, MissingTraversalNode, EVMMissingData) as error:
        raise _missing(path, getattr(error, "missing_node_hash", error.args[0])) from error


def _missing(path: Path, key: object) -> DamagedLedger:
    row = f"table nodes, row {key.hex() if isinstance(key, bytes) else key}"
    return DamagedLedger(path=str(path), part=row, reason="it is missing")


class Store:
    """The open file: `reading` reads committed blocks, for all threads; `writing` is for the sealing thread.

    Args:
        path: The file.
        exclusive: Lock it for this process, and write to it if possible. Otherwise only read it; another process may write.

    Raises:
        LedgerInUse: Another process has locked it.
        MalformedLedger: There is no such file, or it is not a ledger.
        DamagedLedger: It is a ledger, and can no longer be read.
        FileUnavailable: The system cannot read or lock it.
    """

    refusal: StorageFailed | None = None
    """Why nothing can be written: the disk was full or read-only at opening, or the file was opened for reading only."""

    def __init__(self, path: Path, *, exclusive: bool = True) -> None:
        self.path = path
        self._locked: LockedFile | None = None
        self._writer: Connection | None = None
        if not path.is_file():
            raise MalformedLedger(path=str(path), reason="there is no such file")
        if not exclusive:
            self.refusal = StorageFailed(path=str(path), reason="it was opened for reading only")
        with ExitStack() as opened:
            if exclusive:
                self._locked = opened.enter_context(lock_file(path))
                self._writer = self._open_writer()
            if self._writer is not None:
                opened.enter_context(closing(self._writer))
            try:
                reader = opened.enter_context(closing(connect_reading(path)))
                _demand_ledger(reader)
                self.connection, self.links = reader, Links(reader)
                self.genesis = self.links.demand(GENESIS)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise _unreadable(path, error) from error
            self._opened = opened.pop_all()
        self.reading = KeyValues(self.connection)
        self.writing = KeyValues(self._writer or self.connection, writing=True)

    def _open_writer(self) -> Connection | None:
        """Open the file for writing; None if its disk is full or read-only, since it can still be read then."""
        try:
            return connect_writing(self.path)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:  # another program writes to it
                raise LedgerInUse(path=str(self.path)) from error
            failure = failure_of(self.path, error)
            if not isinstance(failure, StorageFailed) or not isinstance(error, sqlite3.OperationalError):
                raise _unreadable(self.path, error) from error
            self.refusal = failure
            return None

    @staticmethod
    @contextmanager
    def create(path: Path, genesis: bytes) -> Iterator[KeyValues]:
        """Create the file, atomically; the caller writes block 0 in the `with` block.

        Raises:
            FileExists: `path` exists.
            FileUnavailable, StorageFailed: The file cannot be written.
        """
        form = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {NODES} {first_row()}"
        try:
            with drafting(path, private=True) as draft, closing(connect_writing(draft)) as connection:
                connection.executescript(form)
                values = KeyValues(connection, writing=True)
                yield values
                _write(connection, values.pending, [(GENESIS, genesis)])
        except sqlite3.Error as error:
            raise failure_of(path, error) from error

    def commit(self, block: int, seals: bytes, logs: Sequence[LogRow]) -> None:
        """Write all pending values, with the block's seals and logs, and return when they are on disk.

        Raises:
            StorageFailed: The disk refused to write; no part of the block is stored.
            DamagedLedger: A neighbouring row is damaged; no part of the block is stored.
        """
        try:
            if self._writer is None:
                raise StorageFailed(path=str(self.path), reason="it was opened for reading only")
            if self.links.get(_seals_key(block)) is not None:
                raise StorageFailed(path=str(self.path), reason=f"it has a block {block} already")
            _write(self._writer, self.writing.pending, [(_seals_key(block), seals), *rows_of_logs(logs)])
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise failure_of(self.path, error) from error
        finally:
            self.writing.pending = {}

    def demand_place(self) -> None:
        """Check that the open file is still the one at its path.

        Raises:
            StorageFailed: It was moved, removed or replaced.
        """
        if self._locked is not None:
            self._locked.demand_place()

    def drop(self) -> None:
        """Discard the pending values: their block failed."""
        self.writing.pending = {}

    def seals(self, block: int) -> bytes:
        """Read a block's seals; a genesis has none."""
        return self.links.demand(_seals_key(block))

    def find_logs(
        self, first: int, last: int, addresses: Sequence[bytes] = (), topics: Sequence[Sequence[bytes]] = ()
    ) -> list[LogRow]:
        """Find logs of the blocks from `first` to `last`, in order; an empty sequence matches everything."""
        return find_logs(self.links, first, last, addresses, topics)

    def logs_of_transaction(self, block: int, index: int) -> list[LogRow]:
        """Read the logs of one transaction, in order."""
        return [log for log in self.find_logs(block, block) if log[2] == index]

    def copy(self, path: Path) -> None:
        """Copy the file as it is now, atomically; another process may go on writing to it.

        Raises:
            FileExists: `path` exists.
            FileUnavailable, StorageFailed: The copy cannot be written, or makes no progress.
            DamagedLedger: A page cannot be read.
        """
        try:
            with drafting(path, private=True) as draft:
                copy_pages(self.path, draft)
        except sqlite3.Error as error:
            raise failure_of(path, error) from error

    def close(self) -> None:
        """Close the file and release the lock."""
        self._opened.close()


def _seals_key(block: int) -> bytes:
    return SEALS + block.to_bytes(8, "big")


def _write(connection: Connection, pending: dict[bytes, bytes], more: Sequence[tuple[bytes, bytes]]) -> None:
    """Write pending values and further links in one transaction."""
    nodes = sorted((key, value) for key, value in pending.items() if is_hash(key))
    links = {POINTER + key: value for key, value in pending.items() if not is_hash(key)} | dict(more)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR REPLACE INTO nodes VALUES (?, ?)", nodes)
        Links(connection).put(links)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _demand_ledger(connection: Connection) -> None:
    """Check that the file's header says that it is a ledger of this version."""
    path = str(connection.path)
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if found[0] != APPLICATION:
        if {b"nodes", b"links"} <= tables:
            raise DamagedLedger(path=path, part="its header", reason="it does not say that the file is a ledger")
        if {b"nodes", b"meta"} <= tables:
            raise MalformedLedger(path=path, reason=f"its version is 1, needed {VERSION}")
        raise MalformedLedger(path=path, reason="it is an SQLite file of another program")
    if found[1] != VERSION:
        raise MalformedLedger(path=path, reason=f"its version is {found[1]}, needed {VERSION}")


def _unreadable(
    path: Path, error: sqlite3.Error | UnicodeDecodeError
) -> DamagedLedger | FileUnavailable | MalformedLedger:
    """Return the error for an unreadable file: a damaged ledger, a file that never was a ledger, or a failing disk."""
    with path.open("rb") as file:
        head = file.read(72)
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        return MalformedLedger(path=str(path), reason=str(error))
    if isinstance(failure_of(path, error), StorageFailed) and isinstance(error, sqlite3.OperationalError):
        return FileUnavailable(path=str(path), detail=str(error))
    return DamagedLedger(path=str(path), part="its pages", reason=str(error))
