"""In the table of links, a value that is read is the one that was written, and a key that is not found was never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeo_ledger.chain.connection import connect_reading, connect_writing
from aeo_ledger.chain.links import Links, first_row
from aeo_ledger.errors.chain import DamagedLedger, LedgerClosed

KEYS = [b"a", b"b", b"b\0", b"c\xff", b"d" * 40]
ROWS = {key: key * 3 for key in KEYS}


def _make(path: Path, *batches: dict[bytes, bytes]) -> Path:
    path.touch()
    with closing(connect_writing(path)) as connection:
        connection.executescript(first_row())
        for batch in batches:
            Links(connection).put(batch)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return _make(tmp_path / "links.sqlite", {b"c\xff": b"old", b"a": b"aaa"}, ROWS)


@pytest.fixture
def links(path: Path) -> Iterator[Links]:
    with closing(connect_reading(path)) as connection:
        yield Links(connection)


def _spoil(path: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        assert file.execute(statement, values).rowcount == 1


def test_what_was_written_is_read_and_nothing_else(links: Links) -> None:
    assert {key: links.get(key) for key in KEYS} == ROWS
    assert [links.get(key) for key in (b"A", b"aa", b"b\0\0", b"c", b"d", b"d" * 41, b"\xff")] == [None] * 7
    assert links.scan(b"a", b"\xff") == sorted(ROWS.items())
    assert links.scan(b"b", b"c") == [(b"b", b"bbb"), (b"b\0", b"b\0b\0b\0")]
    assert links.scan(b"a", b"a") == links.scan(b"e", b"f") == links.scan(b"B", b"a") == []
    assert list(links.walk()) == [(b"", b""), *sorted(ROWS.items())]


def test_what_must_be_there_is_demanded(links: Links) -> None:
    assert links.demand(b"a") == b"aaa"
    with pytest.raises(DamagedLedger) as caught:
        links.demand(b"aa")
    assert (caught.value.part, caught.value.reason) == ("table links, row 6161", "it is missing")


def test_an_empty_table_has_nothing(tmp_path: Path) -> None:
    with closing(connect_reading(_make(tmp_path / "empty.sqlite"))) as connection:
        links = Links(connection)
        assert (links.get(b"a"), links.scan(b"a", b"z"), list(links.walk())) == (None, [], [(b"", b"")])


def test_a_table_that_is_closed_says_so(path: Path) -> None:
    connection = connect_reading(path)
    connection.close()
    with pytest.raises(LedgerClosed):
        Links(connection).get(b"a")


# ---- forgeries: each is found by reading the row, by reading an absent row, and by reading a range ----


def _lost(links: Links, key: bytes) -> None:
    """Check that no reader gets the answer that there is no such row."""
    for read in (lambda: links.get(key), lambda: links.scan(key, key + b"\0"), lambda: links.scan(b"a", b"\xff")):
        with pytest.raises(DamagedLedger):
            read()
    assert any(isinstance(row, DamagedLedger) for row in links.walk())


@pytest.mark.parametrize("key", KEYS)
def test_a_row_that_was_removed_is_missed(path: Path, key: bytes) -> None:
    _spoil(path, "DELETE FROM links WHERE key = ?", key)
    with closing(connect_reading(path)) as connection:
        _lost(Links(connection), key)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("bit", range(8))
def test_a_row_whose_key_changed_is_missed_under_its_own(path: Path, key: bytes, bit: int) -> None:
    other = bytes([key[0] ^ 1 << bit]) + key[1:]
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE OR REPLACE links SET key = ? WHERE key = ?", (other, key))
    with closing(connect_reading(path)) as connection:
        links = Links(connection)
        with pytest.raises(DamagedLedger):
            links.get(key)
        with pytest.raises(DamagedLedger):
            links.get(other)
        assert any(isinstance(row, DamagedLedger) for row in links.walk())


@pytest.mark.parametrize("column", ["value", "own"])
@pytest.mark.parametrize("value", [b"", b"x", "text", 7, 1.5])
def test_a_row_that_changed_is_refused(path: Path, column: str, value: Any) -> None:
    _spoil(path, f"UPDATE links SET {column} = ? WHERE key = ?", value, b"b\0")  # noqa: S608
    with closing(connect_reading(path)) as connection:
        links = Links(connection)
        _lost(links, b"b\0")
        with pytest.raises(DamagedLedger):
            links.get(b"bb")  # it stands before this one
        assert links.get(b"a") == b"aaa"


@pytest.mark.parametrize("value", [b"", bytes(8), b"\1" * 8, "text", 7])
def test_a_row_that_names_another_next_is_refused_where_the_gap_counts(path: Path, value: Any) -> None:
    _spoil(path, "UPDATE links SET next = ? WHERE key = ?", value, b"b\0")
    with closing(connect_reading(path)) as connection:
        links = Links(connection)
        for read in (lambda: links.get(b"bb"), lambda: links.scan(b"a", b"c")):
            with pytest.raises(DamagedLedger):
                read()
        assert links.get(b"b\0") == b"b\0b\0b\0"
        assert any(isinstance(row, DamagedLedger) for row in links.walk())


def test_the_last_row_cannot_be_cut_off(path: Path) -> None:
    _spoil(path, "DELETE FROM links WHERE key = ?", KEYS[-1])
    with closing(connect_reading(path)) as connection:
        with pytest.raises(DamagedLedger):
            Links(connection).get(b"e")
        *_, last = Links(connection).walk()
        assert isinstance(last, DamagedLedger)


def test_the_first_row_is_needed(path: Path) -> None:
    _spoil(path, "DELETE FROM links WHERE key = x''")
    with closing(connect_reading(path)) as connection:
        with pytest.raises(DamagedLedger):
            Links(connection).get(b"A")
        assert any(isinstance(row, DamagedLedger) for row in Links(connection).walk())


@pytest.mark.parametrize("column", ["value", "next"])
def test_nothing_is_written_beside_a_damage(path: Path, column: str) -> None:
    _spoil(path, f"UPDATE links SET {column} = ? WHERE key = ?", b"spoilt..", b"b\0")  # noqa: S608
    with closing(connect_writing(path)) as connection:
        with pytest.raises(DamagedLedger):
            Links(connection).put({b"bb": b"new"})
        Links(connection).put({b"aa": b"new"})
        assert Links(connection).get(b"aa") == b"new"


def test_a_surplus_row_is_found(path: Path) -> None:
    _spoil(path, "INSERT INTO links SELECT x'6262', value, own, next FROM links WHERE key = ?", b"b")
    with closing(connect_reading(path)) as connection:
        links = Links(connection)
        _lost(links, b"bb")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.dictionaries(st.binary(min_size=1, max_size=3), st.binary(max_size=3), max_size=8), min_size=1, max_size=6
    )
)
def test_rows_may_come_in_any_order_and_any_company(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[bytes, bytes]]
) -> None:
    written: dict[bytes, bytes] = {}
    for batch in batches:
        written |= batch
    path = _make(tmp_path_factory.mktemp("rows") / "links.sqlite", *batches)
    with closing(connect_reading(path)) as connection:
        links = Links(connection)
        assert list(links.walk()) == [(b"", b""), *sorted(written.items())]
        assert links.scan(b"\0", b"\xff" * 9) == sorted(written.items())
        for key in [*written, b"\x80", b"\x80\0"]:
            assert links.get(key) == written.get(key)
