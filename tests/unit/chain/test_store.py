"""One process at a time opens a ledger's file, and a block is written whole or not at all."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from aeo_ledger.chain import EmbeddedLedger, connection
from aeo_ledger.chain.store import Store
from aeo_ledger.errors.chain import BlockUnfinished, LedgerInUse, MalformedLedger, StorageFailed
from aeo_ledger.errors.files import FileUnavailable
from support.chain_world import HandClock, TestSealer, genesis, keccak, open_hand_held, put, transaction
from support.disks import small_disk


def test_a_second_process_is_kept_out_and_told_what_to_do(ledger: EmbeddedLedger, path: Path) -> None:
    script = "import sys, pathlib; from aeo_ledger.chain.store import Store; Store(pathlib.Path(sys.argv[1]))"
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "LedgerInUse" in run.stderr
    assert "stop the process that has it open" in run.stderr


def test_a_second_opening_in_one_process_is_kept_out_too(ledger: EmbeddedLedger, path: Path) -> None:
    with pytest.raises(LedgerInUse) as caught:
        Store(path)
    assert caught.value.path == str(path)


def test_another_program_that_writes_to_the_file_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_WAIT_S", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerInUse):
            Store(path)
    Store(path).close()


def test_the_lock_ends_with_the_ledger(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    for _ in range(3):
        open_hand_held(path, hand, keys).close()


def test_a_file_that_is_no_ledger_is_refused_and_not_kept_locked(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear administration, " * 100)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    connection.close()
    for file in (letter, other, letter):
        with pytest.raises(MalformedLedger) as caught:
            Store(file)
        assert caught.value.path == str(file)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TABLE meta (x); PRAGMA application_id = 0; DROP TABLE links", "its version is 1, needed 2"),
        ("PRAGMA user_version = 3", "its version is 3, needed 2"),
    ],
)
def test_a_ledger_of_another_form_is_not_read(path: Path, statement: str, words: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(statement)
    for exclusive in (True, False):
        with pytest.raises(MalformedLedger, match=words):
            Store(path, exclusive=exclusive)


def test_an_unfinished_draft_is_no_ledger_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with suppress(KeyboardInterrupt), Store.create(path, b"{}") as values:
        values[b"key"] = b"value"
        raise KeyboardInterrupt
    assert not path.exists()
    with Store.create(path, b"{}") as values:
        values[b"key"] = b"value"
    store = Store(path)
    assert store.reading[b"key"] == b"value"
    store.close()


@pytest.mark.parametrize("kibibytes", [16, 64])
def test_a_ledger_that_does_not_fit_on_its_disk_is_not_made(
    tmp_path: Path, keys: list[TestSealer], kibibytes: int
) -> None:
    with small_disk(tmp_path / "disk", kibibytes) as disk:
        with pytest.raises((StorageFailed, FileUnavailable)):
            EmbeddedLedger.create(disk / "ledger.sqlite", genesis([key.address for key in keys]))
        assert list(disk.iterdir()) == []


def test_readers_see_a_block_when_it_is_committed_and_not_before(path: Path) -> None:
    store, key = Store(path), keccak(b"node")
    store.writing[key] = b"node"
    store.writing[b"head"] = b"1"
    assert store.writing[b"head"] == b"1"
    assert b"head" not in store.reading
    store.commit(1, b"seals", [])
    assert (store.reading[b"head"], store.reading[key], store.seals(1)) == (b"1", b"node", b"seals")
    store.writing[b"head"] = b"2"
    store.drop()
    assert (store.writing[b"head"], store.reading[b"head"]) == (b"1", b"1")
    store.close()


def test_a_commit_that_fails_leaves_nothing_of_its_block(path: Path) -> None:
    store = Store(path)
    store.commit(1, b"seals", [])
    row = (1, 0, 0, bytes(32), bytes(20), None, None, None, None, b"")
    for spoil in ("PRAGMA max_page_count = 1", "PRAGMA query_only = ON"):
        assert store._writer is not None
        store._writer.execute(spoil)
        store.writing[b"head"] = bytes(100_000)
        with pytest.raises(StorageFailed) as caught:
            store.commit(2, b"seals", [row])
        assert caught.value.path == str(path)
        assert b"head" not in store.writing
        assert b"head" not in store.reading
        assert store.find_logs(0, 9) == []
    store.close()


def test_a_block_is_written_once(path: Path) -> None:
    store = Store(path)
    store.commit(1, b"seals", [])
    with pytest.raises(StorageFailed, match="has a block 1"):
        store.commit(1, b"others", [])
    assert store.seals(1) == b"seals"
    store.close()


def test_a_ledger_whose_disk_fails_says_so_and_goes_on_with_the_block_that_it_decided(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    with open_hand_held(path, hand, keys) as ledger:
        page = sqlite3.connect(path, isolation_level=None)
        page.execute("BEGIN IMMEDIATE")  # as a backup program that holds on to the file
        promise = ledger.submit(transaction(0, put([b"\1" * 32], [7])))
        store = ledger._reader.store
        assert store._writer is not None
        store._writer.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(BlockUnfinished) as caught:
            ledger.seal_pending()
        assert (caught.value.number, caught.value.path) == (1, str(path))
        assert isinstance(caught.value.__cause__, StorageFailed)
        assert isinstance(promise.exception(0), BlockUnfinished)
        with pytest.raises(BlockUnfinished):
            ledger.submit(transaction(0, put([b"\1" * 32], [8])))
        assert ledger.head == 0
        page.execute("ROLLBACK")
        page.close()
        assert ledger.seal_pending() == 1
        promise = ledger.submit(transaction(1, put([b"\1" * 32], [9])))
        ledger.seal_pending()
        assert promise.result(0).succeeded


def test_every_write_reaches_the_disk_before_it_counts(path: Path) -> None:
    store = Store(path)
    assert store._writer is not None
    pragmas = [store._writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == [b"wal", 2]
    store.close()


def test_readers_see_a_new_block_although_their_reads_overlap(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Store.create(path, b"{}") as values:
        values[b"head"] = b"0"
        for number in range(2_000):
            values[keccak(b"%0500d" % number)] = b"%0500d" % number
    store = Store(path)
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            store.find_logs(0, 10)
            store.reading._fetch(keccak(b"%0500d" % 7))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(1, 40):
            store.writing[b"head"] = b"%d" % number
            store.commit(
                number, b"", [(number, i, 0, bytes(32), bytes(20), None, None, None, None, b"") for i in range(20)]
            )
            assert store.reading[b"head"] == b"%d" % number
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        store.close()
