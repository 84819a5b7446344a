"""What the sender of webhooks remembers, in the database of the index: how far each hook got, what it missed, and who sends.

One worker sends at a time: it holds a lease, and renews it. Whoever finds that it ran out takes it, and goes on from the places that are
written here. What was delivered and not yet written is delivered again, with the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from aeo_ledger.errors.gateway import LeaseLost
from aeo_ledger.evidence.news import Cursor, read_cursor
from aeo_ledger.prover.databases import INSERT, make_tables
from aeo_ledger.prover.index_store import IndexStore

LEASE_S: Final = 15
"""Seconds for which a lease holds. Clocks of several machines may differ by as much: then two send, and receivers see the same ids."""
_LONGEST_DETAIL: Final = 300

_TABLES: Final = MetaData()
_LEASE: Final = Table(
    "webhook_lease",
    _TABLES,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
_PLACES: Final = Table(
    "webhook_places",
    _TABLES,
    Column("hook", Text, primary_key=True),
    Column("place", Text, nullable=False),
)
_MISSED: Final = Table(
    "webhook_missed",
    _TABLES,
    Column("hook", Text, primary_key=True),
    Column("since", Text, nullable=False),
)
_LETTERS: Final = Table(
    "webhook_letters",
    _TABLES,
    Column("hook", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("failed_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Column("due", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that could not be delivered."""

    hook: str
    """The hook's name."""
    id: str
    """The message's, as its receiver sees it."""
    body: bytes
    failed_at: int
    """When it was given up, UTC seconds."""
    detail: str
    """Why."""
    due: bool = False
    """Whether it is to be sent again."""


class HookStore:
    """The sender's memory. Any process may read it; only the holder of the lease moves a hook on.

    Args:
        store: The open database of the index.
    """

    def __init__(self, store: IndexStore) -> None:
        self._store = store

    def prepare(self) -> None:
        """Make the tables, unless they exist. This and every other method raises `IndexUnavailable` if the database does not work."""
        with self._store.transaction(writes=True) as connection:
            make_tables(connection, _TABLES)

    def hold(self, holder: str, now: int) -> bool:
        """Take the lease, or renew it; tell whether this worker has it.

        Args:
            holder: The worker's own name.
            now: UTC seconds.
        """
        with self._store.transaction(writes=True) as connection:
            self._insert(connection, _LEASE, one=1, holder=holder, until=0)
            row = connection.execute(select(_LEASE.c.holder, _LEASE.c.until).with_for_update()).one()
            if row.holder != holder and now < row.until <= now + 2 * LEASE_S:  # later: a clock was put back
                return False
            connection.execute(update(_LEASE), {"holder": holder, "until": now + LEASE_S})
            return True

    def release(self, holder: str) -> None:
        """Give the lease back, so that another worker need not wait."""
        with self._store.transaction(writes=True) as connection:
            connection.execute(update(_LEASE).where(_LEASE.c.holder == holder), {"until": 0})

    def place(self, hook: str) -> Cursor | None:
        """Read how far a hook got; None if it is new."""
        with self._store.transaction() as connection:
            found = connection.scalar(select(_PLACES.c.place).where(_PLACES.c.hook == hook))
        return None if found is None else _read_place(found)

    def missed(self, hook: str) -> tuple[Cursor | None, Cursor] | None:
        """Read what a hook missed and was not told of, from where (None: from the start) to where; None if it missed nothing."""
        asked = select(_MISSED.c.since, _PLACES.c.place).where(_MISSED.c.hook == hook, _PLACES.c.hook == _MISSED.c.hook)
        with self._store.transaction() as connection:
            found = connection.execute(asked).one_or_none()
        if found is None:
            return None
        return _read_place(found.since) if found.since else None, _read_place(found.place)

    def skip(self, holder: str, hook: str, since: Cursor | None, at: Cursor) -> None:
        """Move a hook on, over what cannot be told: for a new one (`since` is None), all that was before.

        Raises:
            LeaseLost: another worker sends now.
        """
        with self._store.transaction(writes=True) as connection:
            self._move(connection, holder, hook, at)
            self._insert(connection, _MISSED, hook=hook, since=str(since or ""))

    def settle_missed(self, holder: str, hook: str) -> None:
        """Forget what a hook missed: it was told so.

        Raises:
            LeaseLost: another worker sends now.
        """
        with self._store.transaction(writes=True) as connection:
            self._demand_lease(connection, holder)
            connection.execute(delete(_MISSED).where(_MISSED.c.hook == hook))

    def advance(self, holder: str, hook: str, at: Cursor, failed: Letter | None = None) -> None:
        """Move a hook on, and keep what it could not deliver, and since when, in one transaction.

        Raises:
            LeaseLost: another worker sends now.
        """
        with self._store.transaction(writes=True) as connection:
            before = self._move(connection, holder, hook, at)
            if failed is not None:
                self._keep(connection, failed)
                self._insert(connection, _MISSED, hook=hook, since=before)

    def settle(self, holder: str, letter: Letter, failed: Letter | None) -> None:
        """Forget a letter that was delivered after all, or keep it for another time.

        Raises:
            LeaseLost: another worker sends now.
        """
        with self._store.transaction(writes=True) as connection:
            self._demand_lease(connection, holder)
            connection.execute(delete(_LETTERS).where(*_is(letter)))
            if failed is not None:
                self._keep(connection, failed)

    def letters(self, hook: str | None = None, *, only_due: bool = False, most: int = 1_000) -> list[Letter]:
        """List what could not be delivered, the oldest first."""
        query = select(_LETTERS).order_by(_LETTERS.c.failed_at, _LETTERS.c.hook, _LETTERS.c.id).limit(most)
        query = query if hook is None else query.where(_LETTERS.c.hook == hook)
        query = query.where(_LETTERS.c.due == 1) if only_due else query
        with self._store.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return [Letter(**{**row, "body": bytes(row["body"]), "due": bool(row["due"])}) for row in rows]

    def mark_due(self, letters: Sequence[Letter]) -> None:
        """Let letters be sent again by whoever holds the lease."""
        with self._store.transaction(writes=True) as connection:
            for letter in letters:
                connection.execute(update(_LETTERS).where(*_is(letter)), {"due": 1})

    def _move(self, connection: Connection, holder: str, hook: str, at: Cursor) -> str:
        """Move a hook to a place; return the one before, empty for a new hook."""
        self._demand_lease(connection, holder)
        before = connection.scalar(select(_PLACES.c.place).where(_PLACES.c.hook == hook))
        self._insert(connection, _PLACES, hook=hook, place=str(at))
        connection.execute(update(_PLACES).where(_PLACES.c.hook == hook), {"place": str(at)})
        return before or ""

    def _keep(self, connection: Connection, letter: Letter) -> None:
        connection.execute(delete(_LETTERS).where(*_is(letter)))
        self._insert(
            connection,
            _LETTERS,
            hook=letter.hook,
            id=letter.id,
            body=letter.body,
            failed_at=letter.failed_at,
            detail=letter.detail[:_LONGEST_DETAIL],
            due=int(letter.due),
        )

    def _demand_lease(self, connection: Connection, holder: str) -> None:
        if connection.scalar(select(_LEASE.c.holder).with_for_update()) != holder:
            raise LeaseLost

    def _insert(self, connection: Connection, table: Table, **row: Any) -> None:
        """Write a row, unless it exists."""
        connection.execute(INSERT[connection.dialect.name](table).on_conflict_do_nothing(), row)


def _read_place(text: str) -> Cursor:
    return read_cursor(text, "place of a webhook")


def _is(letter: Letter) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _LETTERS.c.hook == letter.hook, _LETTERS.c.id == letter.id
