"""A ledger is copied as of one moment while it grows, and a copy that stands still ends with an error."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from aeo_ledger.chain import EmbeddedLedger, check_ledger, copying
from aeo_ledger.chain.connection import Connection, connect_writing
from aeo_ledger.errors.chain import StorageFailed
from aeo_ledger.errors.files import FileExists
from support.chain_world import HandClock, put, transaction


def test_blocks_that_are_sealed_meanwhile_do_not_make_the_copy_begin_again(
    ledger: EmbeddedLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.submit(transaction(0, put([b"\1" * 32], [7])))
    before = ledger.seal_pending()
    remains: list[int] = []

    class Sealing(copying.Stall):
        """Seals a block after each of the first steps."""

        def __call__(self, status: int, remaining: int, total: int) -> None:
            if len(remains) < 5:
                ledger.seal_pending()
            remains.append(remaining)
            super().__call__(status, remaining, total)

    monkeypatch.setattr(copying, "Stall", Sealing)
    monkeypatch.setattr(copying, "_PAGES", 1)
    ledger.copy(tmp_path / "copy.sqlite")
    assert remains == sorted(remains, reverse=True)
    assert len(set(remains)) == len(remains) > 5
    checked = check_ledger(tmp_path / "copy.sqlite")
    assert (checked.head, checked.damage) == (before, {})
    assert ledger.head == before + 5
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExists):
        ledger.copy(tmp_path / "copy.sqlite")


def test_a_copy_into_a_locked_file_ends(
    ledger: EmbeddedLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[sqlite3.Connection] = []

    def open_and_lock(path: Path) -> Connection:
        opened = connect_writing(path)
        opened.execute("PRAGMA busy_timeout = 0")
        others.append(sqlite3.connect(path, isolation_level=None))
        others[0].execute("BEGIN IMMEDIATE")
        return opened

    monkeypatch.setattr(copying, "connect_writing", open_and_lock)
    monkeypatch.setattr(copying, "STALL_S", 0.2)
    with pytest.raises(StorageFailed, match=r"no progress for 0\.2 s"):
        ledger.copy(tmp_path / "copy.sqlite")
    others[0].close()
    assert not list(tmp_path.glob("copy*"))


def test_time_without_progress_is_counted_from_the_last_page_that_was_copied() -> None:
    hand = HandClock(uptime_s=0)
    stall = copying.Stall(Path("copy"), 10, lambda: hand.uptime_s)
    for passes, remaining in ((0, 9), (9, 9), (9, 8), (5, 9), (5, 8)):
        hand.pass_(passes)
        stall(0, remaining, 9)
    hand.pass_(1)
    with pytest.raises(StorageFailed) as caught:
        stall(0, 9, 9)
    assert caught.value.facts() == {"path": "copy", "reason": "its copy made no progress for 10 s"}
