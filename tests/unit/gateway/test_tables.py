"""What a gateway keeps beside its index has names of its own, so that nobody takes the database for one of something else."""

from __future__ import annotations

from aeo_ledger.gateway import record, used_requests, webhook_store
from aeo_ledger.prover import archive, databases, index_store


def test_all_tables_of_an_index_are_known() -> None:
    rooms = (index_store._TABLES, archive.TABLES, record._TABLES, used_requests._TABLES, webhook_store._TABLES)
    names = [name for tables in rooms for name in tables.tables]
    assert sorted(names) == sorted(databases._KNOWN)
