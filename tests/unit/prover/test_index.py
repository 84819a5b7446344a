"""The index proves what the node's tries prove, follows only what is sealed, and outlives crashes, damage and lies."""

from __future__ import annotations

import logging
import math
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, inspect, text

from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.prover import (
    DatabaseOfOthers,
    IndexDamaged,
    IndexOfOtherLedger,
    IndexUnavailable,
    StorageNotRebuilt,
)
from aeo_ledger.ledger.port import LOG_BLOCKS, Log
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table, record_slot, slot_of
from aeo_ledger.prover import archive, index_store
from aeo_ledger.prover import index as index_module
from aeo_ledger.prover.databases import make_tables
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.prover.indexed import IndexedLedger, at_hand
from aeo_ledger.prover.state import State
from support.postgres import LOCKED, database, execute, postgres
from support.told_ledger import ToldLedger, throw
from support.waiting import WITHIN_S, await_that

__all__ = ["database", "postgres"]


def grown(blocks: int, seed: int = 0) -> ToldLedger:
    ledger, dice = ToldLedger(), throw(seed)
    for _ in range(blocks):
        ledger.seal_random(dice)
    return ledger


@pytest.fixture
def opened() -> Iterator[Callable[[str], IndexStore]]:
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(IndexStore(url))


def same(one: State, other: State) -> bool:
    return (one.header, one.accounts, sorted(one.entries), one.snapshot) == (
        other.header,
        other.accounts,
        sorted(other.entries),
        other.snapshot,
    )


def check_proofs(state: State, ledger: ToldLedger) -> None:
    slots = [slot_of(table, key) for table in (Table.PARTY, Table.LANE, Table.ALIAS) for key in range(70)]
    slots += [(Contract.REGISTERS, record_slot(entry) + more) for entry in ledger.heads for more in (0, 1)]
    for contract, slot in throw(len(ledger.blocks)).sample(slots, min(len(slots), 80)):
        word, nodes = ledger.reference(contract, slot)
        assert state.word(contract, slot) == word
        assert list(state.prove(contract, [slot]).storage_nodes) == nodes


# ------------------------------------------------------------------ the node


@pytest.mark.parametrize("seed", range(3))
def test_it_proves_what_the_tries_of_the_ledger_prove(seed: int) -> None:
    ledger, dice = ToldLedger(), throw(seed)
    index = Index(ledger)
    for _ in range(8):
        ledger.seal_random(dice)
        check_proofs(index.advance(), ledger)
    assert same(index.advance(), Index(ledger).advance()), "followed block by block, or read at once"


def test_the_node_is_asked_once_for_each_block(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = grown(3)
    index = Index(ledger)
    index.advance()
    ledger.asked.clear()
    for _ in range(5):
        check_proofs(index.advance(), ledger)
    assert ledger.asked == []
    ledger.seal({(Table.PARTY, 1): 5})
    index.advance()
    assert (
        sorted(ledger.asked) == ["header"] * 2 + ["logs"] * 2 + ["prove"] * 3
    )  # the header before it shows that the history is the same


def test_earlier_blocks_stay_readable_for_a_while() -> None:
    ledger = grown(1)
    index = Index(ledger)
    states = [index.advance()]
    for number in range(20):
        ledger.seal({(Table.PARTY, 2): number + 1})
        states.append(index.advance())
    assert index.at(states[-3].block) is states[-3]
    assert states[-3].word(*slot_of(Table.PARTY, 2)) == 18
    assert index.at(0) is None
    assert index.at(100) is None


def omit(logs: list[Log]) -> list[Log]:
    return logs[1:]


def alter(logs: list[Log]) -> list[Log]:
    return [replace(log, data=log.data[:31] + bytes([log.data[31] ^ 1]) + log.data[32:]) for log in logs]


def invent(logs: list[Log]) -> list[Log]:
    return [*logs, replace(logs[0], topics=(*logs[0].topics[:-1], b"\x99" * 32))] if logs else logs


def move(logs: list[Log]) -> list[Log]:
    """Tell the events of one standing in another order."""
    return logs[::-1]


@pytest.mark.parametrize("lie", [omit, alter, invent, move])
def test_a_node_that_lies_about_a_log_is_not_followed(lie: Callable[[list[Log]], list[Log]]) -> None:
    ledger = grown(2)
    index = Index(ledger)
    before = index.advance()
    entry = b"\0\1" + bytes(29) + b"\7"
    ledger.seal({(Table.PARTY, 1): 3, (Table.PARTY, 2): 4}, [(entry, 1 << 90), (entry, 1 << 91)])
    ledger.alter = lie
    with pytest.raises(StorageNotRebuilt) as refusal:
        index.advance()
    assert refusal.value.block == 3
    assert refusal.value.found != refusal.value.needed
    assert index.newest is before
    ledger.alter = list
    check_proofs(index.advance(), ledger)


@pytest.mark.parametrize(
    "broken",
    [
        lambda log: replace(log, topics=log.topics[:1]),
        lambda log: replace(log, topics=()),
        lambda log: replace(log, data=log.data + b"\0"),
        lambda log: replace(log, topics=(log.topics[0], b"\xff" * 32, *log.topics[2:])),
    ],
)
def test_a_log_that_no_contract_writes_is_the_nodes_fault(broken: Callable[[Log], Log]) -> None:
    ledger = grown(1)
    ledger.seal({(Table.PARTY, 1): 3}, [(b"\0\1" + bytes(30), 1 << 90)])
    for only in (0, 1):
        index = Index(ledger)
        ledger.alter, ledger.visible = list, 1
        index.advance()
        ledger.visible = None
        ledger.alter = lambda logs, only=only: [broken(log) if log.index == only else log for log in logs]  # type: ignore[misc]
        with pytest.raises((NodeFailed, StorageNotRebuilt)):
            index.advance()


def test_a_wrong_genesis_is_refused() -> None:
    ledger = grown(2)
    ledger.beginning = replace(ledger.beginning, words={(Table.GOVERNANCE, 0): 8})
    with pytest.raises(StorageNotRebuilt) as refusal:
        Index(ledger).advance()
    assert refusal.value.contract == Contract.CONSORTIUM


def test_another_history_is_read_from_its_beginning(caplog: pytest.LogCaptureFixture) -> None:
    """As after a restored ledger: the blocks that the index knows are gone."""
    ledger = grown(4)
    index = Index(ledger)
    index.advance()
    other = ledger.forked(3)
    index._ledger = other
    assert index.advance().block == 4, "what is known answers until the other history is as long"
    for seed in range(4):
        other.seal_random(throw(50 + seed))
    check_proofs(index.advance(), other)
    assert "another one than before" in caplog.text


def test_logs_are_asked_for_in_ranges_that_grow_and_shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = ToldLedger()
    for number in range(300):
        ledger.seal({(Table.PARTY, 1): number + 1} if number < 100 or number % 50 == 0 else {})
    monkeypatch.setattr(index_module, "_LOGS", 20)
    index = Index(ledger)
    spans = []
    read = ledger.logs

    def note(contract: Contract, topics: list[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        spans.append(until - since + 1)
        return read(contract, topics, since=since, until=until)

    monkeypatch.setattr(ledger, "logs", note)
    assert index.advance().block == 300
    assert max(spans[:8]) <= 32
    assert max(spans) > 60
    assert max(spans) <= LOG_BLOCKS


# ------------------------------------------------------------------ the database


def test_it_goes_on_from_the_database(database: str, opened: Callable[[str], IndexStore]) -> None:
    ledger = grown(5)
    first = Index(ledger, opened(database)).advance()
    ledger.asked.clear()
    index = Index(ledger, opened(database))
    assert same(index.advance(), first)
    assert "logs" not in ledger.asked
    ledger.seal_random(throw(9))
    check_proofs(index.advance(), ledger)
    assert index.fault is None


def test_one_writes_and_the_others_follow(database: str, opened: Callable[[str], IndexStore]) -> None:
    ledger, dice = grown(2), throw(3)
    one, other = Index(ledger, opened(database)), Index(ledger, opened(database))
    for number in range(10):
        ledger.seal_random(dice)
        ledger.asked.clear()
        writer, follower = (one, other) if number % 3 else (other, one)
        writer.advance()
        asked = ledger.asked.count("logs")
        assert same(follower.advance(), writer.advance())
        assert ledger.asked.count("logs") == asked, "the follower asks the node for no logs"
    check_proofs(one.advance(), ledger)


def test_without_the_node_the_others_still_follow(
    database: str, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise NodeFailed(method="eth_blockNumber", detail="it was killed")

    ledger = grown(2)
    one, other, none = (Index(ledger, opened(database)) for _ in range(3))
    other.advance()
    ledger.seal_random(throw(3))
    newest = one.advance()
    monkeypatch.setattr(ledger, "head", fail)
    for index in (other, none):
        with pytest.raises(NodeFailed):
            index.advance()
    assert other.newest is not None
    assert same(other.newest, newest)
    assert none.newest is None, "one that never saw the node cannot tell whose database it is"


def test_without_node_and_database_the_last_block_stays(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise NodeFailed(method="eth_blockNumber", detail="it was killed")

    file = tmp_path / "index.sqlite"
    index = Index(ledger := grown(2), opened(f"sqlite:///{file}"))
    last = index.advance()
    monkeypatch.setattr(ledger, "head", fail)
    for path in tmp_path.iterdir():
        path.write_bytes(b"not a database, " * 5000)
    with pytest.raises(NodeFailed):
        index.advance()
    assert index.newest is last
    assert isinstance(index.fault, IndexUnavailable)


def test_a_database_that_was_emptied_is_filled_again(database: str, opened: Callable[[str], IndexStore]) -> None:
    ledger = grown(3)
    index = Index(ledger, opened(database))
    index.advance()
    execute(database, "DROP TABLE state", "DROP TABLE words", "DROP TABLE standings")
    ledger.seal_random(throw(4))
    check_proofs(index.advance(), ledger)
    ledger.asked.clear()
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert "logs" not in ledger.asked


def test_a_database_ahead_of_the_node_answers(database: str, opened: Callable[[str], IndexStore]) -> None:
    """Another gateway has a faster node. Words and header are of one block in any case."""
    ledger = grown(5)
    Index(ledger, opened(database)).advance()
    slow = Index(ledger.as_of(3), opened(database))
    check_proofs(slow.advance(), ledger)


DAMAGES = [
    "UPDATE words SET word = {zeros} WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1)",
    "UPDATE words SET word = substr(word, 1, 31) WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1)",
    "UPDATE words SET key = {ones} WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1)",
    'UPDATE words SET "table" = 99 WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1)',
    "DELETE FROM words WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1)",
    "INSERT INTO words VALUES (1, {ones}, {ones}, 1)",
    "UPDATE standings SET record = {ones} WHERE entry = (SELECT entry FROM standings ORDER BY entry LIMIT 1)",
    "UPDATE standings SET head = {zeros} WHERE entry = (SELECT entry FROM standings ORDER BY entry LIMIT 1)",
    "UPDATE standings SET entry = {ones} WHERE entry = (SELECT entry FROM standings ORDER BY entry LIMIT 1)",
    "DELETE FROM standings WHERE entry = (SELECT entry FROM standings ORDER BY entry LIMIT 1)",
    "UPDATE state SET header = substr(header, 2)",
    "UPDATE state SET header = {zeros}",
    "UPDATE state SET accounts = {zeros}",
    "UPDATE state SET block = 2",
    "UPDATE state SET block = 99",
    "UPDATE state SET block = -5",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_row_is_noticed_named_and_mended(
    damage: str, database: str, opened: Callable[[str], IndexStore], caplog: pytest.LogCaptureFixture
) -> None:
    ledger = grown(6)
    Index(ledger, opened(database)).advance()
    zeros, ones = (f"'\\x{byte * 32}'::bytea" if "postgres" in database else f"x'{byte * 32}'" for byte in ("00", "11"))
    execute(database, damage.format(zeros=zeros, ones=ones))
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert "is damaged, and made again" in caplog.text
    if "state" not in damage:
        (named,) = (line for line in caplog.messages if "rows were damaged" in line)
        assert "0x" in named
    caplog.clear()
    ledger.asked.clear()
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert caplog.text == ""
    assert "logs" not in ledger.asked


@pytest.mark.parametrize("other", ["'text'", "9223372036854775807"])
@pytest.mark.parametrize(
    "column",
    ["words.word", "words.key", 'words."table"', "standings.entry", "standings.record", "standings.head",
     "state.header", "state.accounts", "state.block"],
)  # fmt: skip
def test_a_value_of_another_type_is_damage_too(
    column: str, other: str, tmp_path: Path, opened: Callable[[str], IndexStore], caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite keeps any value in any column."""
    ledger, database = grown(6), f"sqlite:///{tmp_path / 'index.sqlite'}"
    follower = Index(ledger, opened(database))
    follower.advance()
    table, _, name = column.partition(".")
    damage = "UPDATE {table} SET {name} = {other} WHERE {name} = (SELECT max({name}) FROM {table})"
    execute(database, damage.format(table=table, name=name, other=other))
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert "is damaged, and made again" in caplog.text
    if table != "state":
        (named,) = (line for line in caplog.messages if "rows were damaged" in line)
        assert "0x" in named
    ledger.seal_random(throw(1))
    check_proofs(follower.advance(), ledger)
    caplog.clear()
    ledger.asked.clear()
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert caplog.text == ""
    assert "logs" not in ledger.asked


def test_damage_is_noticed_by_a_follower(database: str, opened: Callable[[str], IndexStore]) -> None:
    ledger = grown(4)
    writer, follower = Index(ledger, opened(database)), Index(ledger, opened(database))
    follower.advance()
    ledger.seal({(Table.PARTY, 1): 77})
    writer.advance()
    execute(database, "DELETE FROM words WHERE block = 5")
    check_proofs(follower.advance(), ledger)
    check_proofs(Index(ledger, opened(database)).advance(), ledger)


def test_the_database_of_another_ledger_is_refused(database: str, opened: Callable[[str], IndexStore]) -> None:
    Index(grown(2), opened(database)).advance()
    other = grown(2).forked(2)
    other.blocks[0].header = other.blocks[1].header
    with pytest.raises(IndexOfOtherLedger) as refusal:
        Index(other, opened(database)).advance()
    assert database.rpartition("/")[2] in refusal.value.database
    with pytest.raises(IndexOfOtherLedger):
        IndexedLedger(other, opened(database)).__enter__()


def whole(ledger: ToldLedger, url: str) -> bool:
    """Whether a database has everything, so that the node need not be asked for logs."""
    ledger.asked.clear()
    with IndexStore(url) as store:
        check_proofs(Index(ledger, store).advance(), ledger)
    return "logs" not in ledger.asked


def test_the_index_of_an_earlier_edition_is_made_anew(
    database: str,
    opened: Callable[[str], IndexStore],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = grown(4)
    with monkeypatch.context() as earlier:
        earlier.setattr(index_store, "_EDITION", 1)
        Index(ledger, opened(database)).advance()
    execute(database, "CREATE TABLE told_to (day INTEGER)", "INSERT INTO told_to VALUES (7)")
    check_proofs(Index(ledger, opened(database)).advance(), ledger)
    assert "of an earlier edition of this program, and made anew" in caplog.text
    assert whole(ledger, database)
    with opened(database).transaction() as connection:
        assert connection.scalar(text("SELECT day FROM told_to")) == 7, "what others keep stays"
    with monkeypatch.context() as earlier:
        earlier.setattr(index_store, "_EDITION", 1)
        with pytest.raises(IndexOfOtherLedger, match="later edition"):
            Index(ledger, opened(database)).advance()
    assert whole(ledger, database)


BEYOND_ROWS = [
    "ALTER TABLE words DROP COLUMN word",
    "ALTER TABLE state DROP COLUMN header",
    "ALTER TABLE state DROP COLUMN ledger",
    "ALTER TABLE logs RENAME COLUMN act TO deed",
    "DROP TABLE times; CREATE TABLE times (block BIGINT PRIMARY KEY, hour TEXT)",
]


@pytest.mark.parametrize("damage", BEYOND_ROWS)
def test_tables_of_another_form_are_made_anew(
    damage: str, database: str, opened: Callable[[str], IndexStore], caplog: pytest.LogCaptureFixture
) -> None:
    ledger = grown(4)
    follower = Index(ledger, opened(database))
    follower.advance()
    execute(database, *damage.split("; "))
    ledger.seal({(Table.PARTY, 1): 77})
    check_proofs(follower.advance(), ledger)
    assert "was made anew" in caplog.text
    assert follower.fault is None
    assert whole(ledger, database)


def overwrite(file: Path, at: int, until: int) -> None:
    data = bytearray(file.read_bytes())
    data[at:until] = bytes(byte ^ 0x5A for byte in data[at:until])
    file.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: overwrite(file, 100, 4096),
        lambda file: overwrite(file, 4096, file.stat().st_size),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: file.write_bytes(bytes(file.stat().st_size)),
    ],
    ids=["its schema", "all other pages", "cut short", "zeros"],
)
def test_a_file_that_is_damaged_is_set_aside_and_another_is_made(
    damage: Callable[[Path], None],
    tmp_path: Path,
    opened: Callable[[str], IndexStore],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger, file = grown(6), tmp_path / "index.sqlite"
    url = f"sqlite:///{file}"
    with IndexStore(url) as store:
        Index(ledger, store).advance()
    damage(file)
    stores = [opened(url), opened(url)]
    for store in stores:
        index = Index(ledger, store)
        check_proofs(index.advance(), ledger)
        assert index.fault is None
    assert (tmp_path / "index.sqlite.damaged").exists()
    assert caplog.text.count("index.sqlite.damaged") == 1
    assert whole(ledger, url)


def test_nobody_makes_a_new_file_while_a_damaged_one_is_half_set_aside(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the new file's log would be carried away with the old one, and nobody could open what is left."""
    ledger, file = grown(6), tmp_path / "index.sqlite"
    with IndexStore(f"sqlite:///{file}") as store:
        Index(ledger, store).advance()
    overwrite(file, 100, file.stat().st_size)
    one, other = (Index(ledger, opened(f"sqlite:///{file}")) for _ in range(2))
    begun: list[Future[State]] = []

    def rename(path: Path, target: Path) -> Path:
        path.rename(target)
        if path == file:
            begun.append(pool.submit(other.advance))
            time.sleep(0.5)
            assert not file.exists(), "the other waits"
        return target

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(Path, "replace", rename)
        check_proofs(one.advance(), ledger)
        check_proofs(begun[0].result(), ledger)
    with IndexStore(f"sqlite:///{file}") as late:
        check_proofs((third := Index(ledger, late)).advance(), ledger)
        assert [index.fault for index in (one, other, third)] == [None] * 3


def test_two_that_find_the_same_damage_make_one_database(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_SLOW_S", math.inf)  # a database that was slow is not left alone
    ledger, file = grown(6), tmp_path / "index.sqlite"
    indexes = [Index(ledger, opened(f"sqlite:///{file}")) for _ in range(4)]
    for index in indexes:
        index.advance()
    for path in tmp_path.iterdir():
        overwrite(path, 100, path.stat().st_size)
    ledger.seal_random(throw(4))
    with ThreadPoolExecutor(len(indexes)) as pool:
        for state in pool.map(Index.advance, indexes):
            check_proofs(state, ledger)
    ledger.seal_random(throw(5))
    for index in indexes:
        check_proofs(index.advance(), ledger)
    assert [index.fault for index in indexes] == [None] * 4
    assert whole(ledger, f"sqlite:///{file}")


def test_a_file_that_is_deleted_while_it_is_in_use_is_made_again(
    tmp_path: Path, opened: Callable[[str], IndexStore]
) -> None:
    """Else two processes would go on with two files of one name."""
    ledger, file = grown(3), tmp_path / "index.sqlite"
    one, other = (Index(ledger, opened(f"sqlite:///{file}")) for _ in range(2))
    one.advance()
    for path in tmp_path.iterdir():
        path.unlink()
    ledger.seal_random(throw(1))
    one.advance()
    assert file.exists()
    ledger.asked.clear()
    check_proofs(other.advance(), ledger)
    assert "logs" not in ledger.asked


def test_a_database_of_something_else_is_never_written(database: str, opened: Callable[[str], IndexStore]) -> None:
    """Such as the book of an office, which also has a table of acts."""
    execute(database, "CREATE TABLE acts (name INTEGER)", "CREATE TABLE documents (name INTEGER)")
    store = opened(database)
    with pytest.raises(DatabaseOfOthers) as refusal:
        Index(grown(2), store).advance()
    assert refusal.value.tables == ("documents",)
    with store.transaction(writes=True) as connection, pytest.raises(DatabaseOfOthers):
        make_tables(connection, archive.TABLES)
    with pytest.raises(DatabaseOfOthers):
        store.remake(b"", grown(1).contracts)
    with store.transaction() as connection:
        assert sorted(inspect(connection).get_table_names()) == ["acts", "documents"]
        assert {column["name"] for column in inspect(connection).get_columns("acts")} == {"name"}


def test_a_damaged_file_in_a_folder_that_cannot_be_written_is_a_fault_and_memory_goes_on(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: str) -> Path:
        raise FileUnavailable(path=str(path), detail="Read-only file system")

    monkeypatch.setattr(index_store, "set_aside", refuse)
    file = tmp_path / "index.sqlite"
    file.write_bytes(bytes(5000))
    index = Index(ledger := grown(3), opened(f"sqlite:///{file}"))
    check_proofs(index.advance(), ledger)
    assert isinstance(index.fault, IndexUnavailable)
    assert "Read-only" in str(index.fault)


def test_a_database_that_is_slow_to_fail_is_left_alone_for_a_while(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(f"sqlite:///{tmp_path / 'index.sqlite'}")
    index = Index(ledger := grown(3), store)
    now, tries = [100.0], []

    def fail(*_: object) -> None:
        tries.append(now[0])
        now[0] += 10
        raise IndexUnavailable(database="x", detail="database is locked")

    monkeypatch.setattr(index_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(store, "prepare", fail)
    for number in range(24):
        ledger.seal_random(throw(number))
        index.advance()
        now[0] += 10
    check_proofs(index.advance(), ledger)
    assert tries == [100, 210, 320], "ten times as long as it took to fail"


def test_a_server_that_says_nothing_is_left_alone(
    postgres: Callable[[], str], opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(postgres())
    index = Index(ledger := grown(3), store)
    index.advance()
    with monkeypatch.context() as frozen:
        frozen.setattr("aeo_ledger.prover.patient._SILENT_S", 1.0)
        with pytest.raises(IndexUnavailable, match="says nothing"), store.transaction() as connection:
            connection.execute(text("SELECT pg_sleep(60)"))
        frozen.setattr(index_store, "_read", lambda connection, _: connection.execute(text("SELECT pg_sleep(60)")))
        ledger.seal_random(throw(1))
        check_proofs(index.advance(), ledger)
        assert "says nothing" in str(index.fault)
    monkeypatch.setattr(index, "_rest_until", 0.0)
    ledger.seal_random(throw(2))
    check_proofs(index.advance(), ledger)
    assert index.fault is None
    assert whole(ledger, store.name)


def test_a_database_that_becomes_another_ledgers_is_left(database: str, opened: Callable[[str], IndexStore]) -> None:
    ledger, other = grown(2), grown(2).forked(2)
    index = Index(ledger, opened(database))
    index.advance()
    execute(database, "DELETE FROM state")
    other.blocks[0].header = other.blocks[1].header
    opened(database).prepare(other.blocks[0].header, other.contracts)
    ledger.seal_random(throw(1))
    check_proofs(index.advance(), ledger)
    assert isinstance(index.fault, IndexOfOtherLedger)


@pytest.mark.parametrize(
    "url",
    ["", "index.sqlite", "mysql://a:secret@host/name", "sqlite+other:///x", "postgresql://a:secret@host:port/x",
     "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file?mode=memory&uri=true"],
)  # fmt: skip
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        IndexStore(url)
    assert "secret" not in str(refusal.value)


def test_a_database_may_demand_a_password_that_is_in_a_file(postgres: Callable[[], str], tmp_path: Path) -> None:
    url = postgres()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {LOCKED} LOGIN SUPERUSER PASSWORD 'told'"))
    engine.dispose()
    login = tmp_path / "index.pgpass"
    for password, mode, works in (("told", 0o600, True), ("other", 0o600, False), ("told", 0o644, False)):
        login.write_text(f"*:*:*:*:{password}\n")
        login.chmod(mode)
        with IndexStore(f"{url.replace('aeo@', f'{LOCKED}@')}?passfile={login}") as store:
            assert "told" not in store.name
            if works:
                with store.transaction() as connection:
                    assert connection.scalar(text("SELECT current_user")) == LOCKED
            else:
                with pytest.raises(IndexUnavailable, match="password"), store.transaction():
                    pass


@pytest.mark.parametrize("url", ["postgresql://aeo:secret@127.0.0.1:1/none", "sqlite:////no/such/folder/index.sqlite"])
def test_without_its_database_memory_goes_on(
    url: str, opened: Callable[[str], IndexStore], caplog: pytest.LogCaptureFixture
) -> None:
    ledger = grown(3)
    index = Index(ledger, opened(url))
    check_proofs(index.advance(), ledger)
    ledger.seal_random(throw(1))
    check_proofs(index.advance(), ledger)
    assert isinstance(index.fault, IndexUnavailable)
    assert "secret" not in str(index.fault)
    assert len(caplog.records) == 1, "told once"


def test_a_file_that_is_no_database_is_named_and_left_and_memory_goes_on(
    tmp_path: Path, opened: Callable[[str], IndexStore]
) -> None:
    file = tmp_path / "index.sqlite"
    file.write_bytes(b"not a database, " * 500)
    index = Index(ledger := grown(3), opened(f"sqlite:///{file}"))
    check_proofs(index.advance(), ledger)
    assert [type(index.fault)] == [IndexDamaged]
    assert str(file) in str(index.fault)
    assert file.read_bytes() == b"not a database, " * 500, "it may be anything"
    file.unlink()
    ledger.seal_random(throw(1))
    index.advance()
    assert index.fault is None, "once it was deleted, it is made again"
    ledger.asked.clear()
    check_proofs(Index(ledger, opened(f"sqlite:///{file}")).advance(), ledger)
    assert "logs" not in ledger.asked


def test_a_locked_database_is_waited_for_and_then_left(
    tmp_path: Path, opened: Callable[[str], IndexStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.sqlite"
    monkeypatch.setattr("aeo_ledger.prover.databases._WAIT_S", 0)
    index = Index(ledger := grown(3), opened(f"sqlite:///{file}"))
    index.advance()
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ledger.seal_random(throw(1))
        check_proofs(index.advance(), ledger)
        assert "locked" in str(index.fault)
        other.execute("ROLLBACK")
    other.close()
    ledger.seal_random(throw(2))
    check_proofs(index.advance(), ledger)
    assert index.fault is None


@pytest.mark.parametrize("slow_s", [math.inf, 0.0], ids=["quick to fail", "slow to fail"])
def test_a_server_that_hangs_is_given_up_and_left_alone_if_that_took_long(
    slow_s: float,
    postgres: Callable[[], str],
    opened: Callable[[str], IndexStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "_SLOW_S", slow_s)
    monkeypatch.setattr(index_module, "_REST", 1_000_000)
    index = Index(ledger := grown(3), opened(url := postgres()))
    index.advance()
    serving = backends_of(url)
    assert serving
    try:
        for backend in serving:
            os.kill(backend, signal.SIGSTOP)
        ledger.seal_random(throw(1))
        with monkeypatch.context() as impatient:  # a server that runs may be slow to answer
            impatient.setattr("aeo_ledger.prover.patient._SILENT_S", 0.5)
            check_proofs(index.advance(), ledger)
        assert "the server says nothing for 0.5 s" in str(index.fault)
    finally:
        for backend in serving:
            os.kill(backend, signal.SIGCONT)
    ledger.seal_random(throw(2))
    check_proofs(index.advance(), ledger)
    assert (index.fault is None) == (slow_s == math.inf)


def backends_of(url: str) -> list[int]:
    """The processes that serve a database of PostgreSQL."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        found = [int(one) for one in connection.scalars(text(asked))]
    engine.dispose()
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, so that twenty starts take no minute")
def test_killed_at_any_moment_it_goes_on_from_a_whole_block(
    tmp_path: Path, opened: Callable[[str], IndexStore], caplog: pytest.LogCaptureFixture
) -> None:
    ledger, dice, url = grown(120), throw(7), f"sqlite:///{tmp_path / 'index.sqlite'}"
    reached: set[int] = set()
    for number in range(200):
        if number >= 20 and len(reached) > 2:  # a busy machine needs more
            break
        child = os.fork()
        if child == 0:
            try:
                _follow(ledger, url)
            finally:
                os._exit(1)
        time.sleep(dice.uniform(0.02, 0.3) * (1 + number // 20))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with IndexStore(url) as store:
            ledger.visible = 0
            state = Index(ledger, store).advance()
            reached.add(state.block)
            assert same(state, Index(ledger.as_of(state.block)).advance())
    ledger.visible = None
    check_proofs(Index(ledger, opened(url)).advance(), ledger)
    assert len(reached) > 2
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def _follow(ledger: ToldLedger, url: str) -> None:
    with IndexStore(url) as store:
        ledger.visible = 0
        index = Index(ledger, store)
        ledger.visible = index.advance().block
        while ledger.visible < len(ledger.blocks) - 1:
            ledger.visible += 1
            index.advance()
        time.sleep(60)


def test_every_contract_with_answers_is_followed() -> None:
    assert set(Index(grown(1)).advance().tries) == set(WITH_ANSWERS)


def test_a_port_that_cannot_read_its_ledger_says_why_and_goes_on_trying(caplog: pytest.LogCaptureFixture) -> None:
    ledger = grown(2)
    ledger.alter = omit
    with IndexedLedger(ledger) as port:
        with pytest.raises(StorageNotRebuilt):
            port.head()
        assert at_hand(port) is None
        await_that(lambda: "does not follow" in caplog.text)
        ledger.alter = list
        assert port.head() == 2
        assert at_hand(port) is not None
        ledger.seal({(Table.PARTY, 1): 3})
        await_that(lambda: (near := at_hand(port)) is not None and near.head() == 3)
        near = at_hand(port)
        assert near is not None
        assert near.word(*slot_of(Table.PARTY, 1), 3) == 3


def test_threads_that_wait_share_one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that hangs delays each caller by two attempts at most, however many wait."""
    ledger = grown(1)
    index, attempts, looks = Index(ledger), [], []

    def look() -> float:
        looks.append(1)
        return time.monotonic()

    monkeypatch.setattr(index_module, "time", SimpleNamespace(monotonic=look))

    def hang() -> int:
        attempts.append(1)
        await_that(lambda: len(looks) > 20)  # all wait, and this attempt has begun
        raise NodeFailed(method="eth_blockNumber", detail="silent")

    monkeypatch.setattr(ledger, "head", hang)

    def fails(_: int) -> bool:
        with pytest.raises(NodeFailed):
            index.advance()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(fails, range(20)))
    assert len(attempts) <= 2


def test_several_processes_may_open_a_new_file_at_the_same_moment(tmp_path: Path) -> None:
    """Each connection sets the mode of the file, for which SQLite has no queue."""
    ready = threading.Barrier(4)

    def open_(file: Path) -> int:
        ready.wait(WITHIN_S)
        with IndexStore(f"sqlite:///{file}") as store, store.transaction() as connection:
            return int(connection.execute(text("SELECT 1")).scalar_one())

    with ThreadPoolExecutor(ready.parties) as pool:
        for number in range(40):
            files = [tmp_path / f"{number}.sqlite"] * ready.parties
            assert list(pool.map(open_, files)) == [1] * ready.parties
