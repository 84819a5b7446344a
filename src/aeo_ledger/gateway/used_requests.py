"""The used requests for documents, in the index's database: a request counts once for all workers and gateways that share it.

Nobody has a list of them but this database. So what was signed before its table was made is refused: after the database was deleted, too.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, SmallInteger, Table, delete, select

from aeo_ledger.prover.databases import INSERT, make_tables
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.registers.disclosure import MOST_AGE_S

_TABLES: Final = MetaData()
_USED: Final = Table(
    "used_requests",
    _TABLES,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),
)
_BEGUN: Final = Table(
    "used_requests_begun",
    _TABLES,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
)


class StoredRequests:
    """Counts requests as `UsedRequests` does, in a database.

    Args:
        store: The index's database.
        since: When the gateway began, UTC seconds; if the database has no table yet, what was signed before is refused.
    """

    def __init__(self, store: IndexStore, since: int) -> None:
        self._store, self._since = store, since

    def count(self, digest: bytes, at: int, now: int) -> bool:
        """Count a request; see `CountsRequests`.

        Raises:
            IndexUnavailable: The database does not work, so nobody knows whether it was used.
        """
        with self._store.transaction(writes=True) as connection:
            make_tables(connection, _TABLES)
            insert = INSERT[connection.dialect.name]
            connection.execute(insert(_BEGUN).on_conflict_do_nothing(), {"one": 1, "time": self._since})
            connection.execute(delete(_USED).where(_USED.c.until < now))
            if at < connection.scalars(select(_BEGUN.c.time)).one():
                return False
            row = {"digest": digest, "until": at + MOST_AGE_S}
            new = insert(_USED).on_conflict_do_nothing().returning(_USED.c.digest)
            return connection.execute(new, row).first() is not None
