"""A request for a document counts once for all that share a database, and not at all if it may have counted before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, text

from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.gateway.used_requests import StoredRequests
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.registers.disclosure import MOST_AGE_S
from support.postgres import database, postgres

__all__ = ["database", "postgres"]

BEGAN = 1_000_000
ONE, OTHER = b"\1" * 32, b"\2" * 32


def test_a_request_counts_once_for_all(database: str) -> None:
    with IndexStore(database) as store, IndexStore(database) as second:
        first, other = StoredRequests(store, BEGAN), StoredRequests(second, BEGAN + 50)
        assert first.count(ONE, BEGAN + 10, BEGAN + 11)
        assert not other.count(ONE, BEGAN + 10, BEGAN + 11)
        assert other.count(OTHER, BEGAN + 10, BEGAN + 11), (
            "signed before this one began, and not before the table was made"
        )
        assert not first.count(OTHER, BEGAN + 10, BEGAN + 12)
    with IndexStore(database) as store:
        assert not StoredRequests(store, BEGAN + 99).count(ONE, BEGAN + 10, BEGAN + 99), "after a restart, too"


def test_what_was_signed_before_the_table_was_made_is_refused(database: str) -> None:
    with IndexStore(database) as store:
        used = StoredRequests(store, BEGAN)
        assert not used.count(ONE, BEGAN - 1, BEGAN)
        assert used.count(ONE, BEGAN, BEGAN)


def test_a_request_is_remembered_for_as_long_as_it_could_be_used(database: str) -> None:
    with IndexStore(database) as store:
        used = StoredRequests(store, BEGAN)
        assert used.count(ONE, BEGAN, BEGAN)
        assert not used.count(ONE, BEGAN, BEGAN + MOST_AGE_S)
        used.count(OTHER, BEGAN + MOST_AGE_S + 1, BEGAN + MOST_AGE_S + 1)
        with store.transaction() as connection:
            assert connection.execute(text("SELECT digest FROM used_requests")).scalars().all() == [OTHER]


def test_of_many_that_count_it_at_once_one_does(database: str) -> None:
    with ExitStack() as opened:
        used = [StoredRequests(opened.enter_context(IndexStore(database)), BEGAN) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            for number in range(5):
                digest = bytes([number]) * 32
                counted = pool.map(lambda one, digest=digest: one.count(digest, BEGAN, BEGAN), used * 4)
                assert sum(counted) == 1


def test_without_the_database_none_counts(database: str) -> None:
    gone = database.replace("/index.sqlite", "/gone/index.sqlite") if "sqlite" in database else f"{database}x"
    with IndexStore(gone) as store, pytest.raises(IndexUnavailable):
        StoredRequests(store, BEGAN).count(ONE, BEGAN, BEGAN)


def test_a_damaged_list_counts_none(database: str) -> None:
    with IndexStore(database) as store:
        used = StoredRequests(store, BEGAN)
        assert used.count(ONE, BEGAN, BEGAN)
        engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE used_requests RENAME COLUMN until TO whenever"))
        engine.dispose()
        with pytest.raises(IndexUnavailable):
            used.count(OTHER, BEGAN, BEGAN)
