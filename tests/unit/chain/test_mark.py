"""At one height there is at most one block, whichever copy of a ledger is opened, and whenever its process ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.chain import EmbeddedLedger, marks_of_machine
from aeo_ledger.chain.mark import Marks
from aeo_ledger.chain.store import Store
from aeo_ledger.errors.chain import (
    BlockUnfinished,
    DamagedLedger,
    LedgerInUse,
    LedgerSetBack,
    MalformedLedger,
    StorageFailed,
)
from support.chain_world import (
    GENESIS_TIME,
    RELAY,
    HandClock,
    ServedHeader,
    TestSealer,
    open_hand_held,
    put,
    transaction,
)

_ONE, _OTHER = (put([b"\1" * 32], [word]) for word in (7, 8))


class Crash(BaseException):
    """The process ends."""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return tmp_path / "machine"


@pytest.fixture
def later() -> HandClock:
    return HandClock(wall_s=GENESIS_TIME + 5_000)


def _seal(ledger: EmbeddedLedger, blocks: int = 1) -> None:
    for _ in range(blocks):
        ledger.seal_pending()


def _copy(path: Path, to: Path, *files: str) -> Path:
    """Copy a ledger's folder, or some of its files, as a person would."""
    to.mkdir()
    for file in path.parent.iterdir():
        if file.is_file() and (not files or file.name in files):
            shutil.copy(file, to / file.name)
    return to / path.name


def _crash_while_open(path: Path, keys: list[TestSealer], machine: Path, blocks: int) -> None:
    """Seal some blocks and end without closing anything, so that the -wal stays."""
    child = os.fork()
    if child == 0:
        _seal(open_hand_held(path, HandClock(), keys, marks=machine), blocks)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


# ---- copies ----


def test_a_folder_copied_without_its_wal_is_noticed_before_anything(
    path: Path, keys: list[TestSealer], machine: Path, later: HandClock, tmp_path: Path
) -> None:
    _crash_while_open(path, keys, machine, 3)
    assert path.with_name("ledger.sqlite-wal").stat().st_size
    copy = _copy(path, tmp_path / "copy", "ledger.sqlite", "ledger.sqlite.mark")
    for elsewhere in (machine, tmp_path / "another machine"):
        for sealers in (keys, []):
            with pytest.raises(LedgerSetBack) as caught:
                open_hand_held(copy, later, sealers, marks=elsewhere)
            assert (caught.value.path, caught.value.head) == (str(copy), 0)
            assert "block 3 was sealed" in caught.value.reason
    whole = _copy(path, tmp_path / "whole")
    with open_hand_held(whole, later, keys, marks=tmp_path / "another machine") as ledger:
        assert ledger.head == 3


def test_a_file_copied_without_its_mark_is_noticed(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, later: HandClock, tmp_path: Path
) -> None:
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        _seal(ledger, 2)
    copy = _copy(path, tmp_path / "copy", "ledger.sqlite")
    with pytest.raises(LedgerSetBack, match=r"no ledger\.sqlite\.mark beside it"):
        open_hand_held(copy, later, keys, marks=tmp_path / "another machine")
    with open_hand_held(copy, later, keys, marks=machine) as ledger:  # this machine's mark says that nothing is missing
        _seal(ledger)


def test_an_older_copy_that_is_brought_back_is_noticed(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, later: HandClock, tmp_path: Path
) -> None:
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        _seal(ledger, 2)
    backup = _copy(path, tmp_path / "backup")
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        _seal(ledger)
    for name in ("ledger.sqlite", "ledger.sqlite.mark"):
        shutil.copy(backup.with_name(name), path.with_name(name))
    for place in (path, backup):
        with pytest.raises(LedgerSetBack) as caught:
            open_hand_held(place, later, keys, marks=machine)
        assert caught.value.head == 2
        assert str(machine) in caught.value.reason
        assert f"block 3 was sealed for {path}" in caught.value.reason


def test_another_history_of_the_same_ledger_is_noticed(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, later: HandClock, tmp_path: Path
) -> None:
    copy = _copy(path, tmp_path / "copy")
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        ledger.submit(transaction(0, _ONE))
        _seal(ledger)
    with open_hand_held(copy, hand, keys, marks=tmp_path / "another machine") as ledger:
        ledger.submit(transaction(0, _OTHER))
        _seal(ledger, 2)
    with pytest.raises(LedgerSetBack, match="another block 1, 0x"):
        open_hand_held(copy, later, keys, marks=machine)


def test_two_copies_are_not_open_at_once_on_one_machine(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, tmp_path: Path
) -> None:
    copy = _copy(path, tmp_path / "copy")
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        with pytest.raises(LedgerInUse):
            open_hand_held(copy, hand, keys, marks=machine)
        _seal(ledger)
        with pytest.raises(LedgerInUse) as caught:
            open_hand_held(copy, hand, keys, marks=machine)
        assert caught.value.path == str(path)
        _seal(ledger)
    with pytest.raises(LedgerSetBack):
        open_hand_held(copy, hand, keys, marks=machine)


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_link_is_no_second_ledger(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, tmp_path: Path, link: Callable[[Any, Any], None]
) -> None:
    (tmp_path / "linked").mkdir()
    other = tmp_path / "linked" / "another.sqlite"
    link(path, other)
    script = "import sys, pathlib; from aeo_ledger.chain.store import Store; Store(pathlib.Path(sys.argv[1]))"
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        for sealers in (keys, []):
            with pytest.raises(LedgerInUse):
                open_hand_held(other, hand, sealers, marks=tmp_path / "another machine")
        run = subprocess.run([sys.executable, "-c", script, str(other)], capture_output=True, text=True, check=False)
        assert "LedgerInUse" in run.stderr
        _seal(ledger, 2)
    with open_hand_held(other, hand, keys, marks=machine) as ledger:
        assert ledger.head == 2
        _seal(ledger)
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        assert ledger.head == 3


def test_a_second_opening_leaves_the_first_ones_locks(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    """Closing a second descriptor of the file would drop SQLite's own locks."""
    with open_hand_held(path, hand, keys) as ledger:
        _seal(ledger)
        with pytest.raises(LedgerInUse):
            Store(path)
        script = "import sys, sqlite3; sqlite3.connect(sys.argv[1], timeout=0).execute('PRAGMA journal_mode = DELETE')"
        run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
        assert "database is locked" in run.stderr
        _seal(ledger)


def test_a_file_that_is_put_in_the_place_of_an_open_one_is_noticed_before_the_next_block(
    path: Path, hand: HandClock, keys: list[TestSealer], tmp_path: Path
) -> None:
    backup = _copy(path, tmp_path / "backup")
    with open_hand_held(path, hand, keys) as ledger:
        _seal(ledger)
        shutil.copy(backup, tmp_path / "new")
        (tmp_path / "new").replace(path)
        promise = ledger.submit(transaction(0, _ONE))
        with pytest.raises(StorageFailed, match="no longer the file"):
            ledger.seal_pending()
        assert isinstance(promise.exception(0), StorageFailed)
        assert ledger.head == 1


# ---- the end of a process, at any moment of a block ----


MOMENTS: dict[str, tuple[Any, str]] = {
    "before it is decided": (Marks, "decide"),
    "before this machine knows": (Marks, "note"),
    "before it is sealed": (TestSealer, "seal"),
    "before it is on disk": (Store, "commit"),
}


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("after", [False, True], ids=["", "just after"])
def test_a_process_that_ends_leaves_one_block_at_a_height_or_none(
    path: Path,
    keys: list[TestSealer],
    machine: Path,
    later: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    *,
    after: bool,
) -> None:
    kind, name = MOMENTS[when]
    digests: list[bytes] = []
    seal = TestSealer.seal

    def remember(self: TestSealer, digest: bytes) -> bytes:
        digests.append(digest)
        return seal(self, digest)

    monkeypatch.setattr(TestSealer, "seal", remember)
    act = getattr(kind, name)

    def end(*arguments: Any) -> Any:
        if after:
            act(*arguments)
        raise Crash

    with monkeypatch.context() as patch:
        ledger = open_hand_held(path, HandClock(), keys, marks=machine)
        ledger.submit(transaction(0, _ONE))
        patch.setattr(kind, name, end)
        with pytest.raises(Crash):
            ledger.seal_pending()
        ledger._opened.close()
    decided = (name, after) != ("decide", False)
    with open_hand_held(path, later, keys, marks=machine) as ledger:
        assert ledger.head == int(decided)
        if not decided:
            ledger.submit(transaction(0, _OTHER))
            _seal(ledger)
        header = ServedHeader.read(ledger.header_rlp(1))
        assert set(digests) == {header.block_hash}, when
        assert len(set(header.sealers)) == 4
        assert ledger.next_nonce(bytes.fromhex(RELAY.address[2:])) == 1
        _seal(ledger)
        assert ServedHeader.read(ledger.header_rlp(2)).fields[0] == header.block_hash


def test_a_block_that_was_decided_is_finished_by_another_opening_with_other_keys_at_hand(
    path: Path,
    hand: HandClock,
    keys: list[TestSealer],
    machine: Path,
    later: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        ledger.submit(transaction(0, _ONE))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "commit", lambda *_: (_ for _ in ()).throw(StorageFailed(path="x", reason="full")))
            with pytest.raises(BlockUnfinished) as caught:
                ledger.seal_pending()
            assert caught.value.number == 1
    with open_hand_held(path, later, keys[:2], marks=machine) as ledger:
        assert ledger.head == 0
        assert isinstance(ledger.trouble(), BlockUnfinished)
        with pytest.raises(BlockUnfinished):
            ledger.seal_pending()
    with open_hand_held(path, later, keys[1:], marks=machine) as ledger:
        assert ledger.trouble() is None
        assert ledger.head == 1
        assert len(ServedHeader.read(ledger.header_rlp(1)).seals) == 3


def test_a_decided_block_that_cannot_be_made_again_is_not_sealed(
    path: Path, keys: list[TestSealer], machine: Path, later: HandClock, tmp_path: Path
) -> None:
    """A mark of another ledger, or an invented one: intact, but its block is not a child of the last block."""
    other = _copy(path, tmp_path / "other")
    with open_hand_held(path, HandClock(), keys, marks=machine) as ledger:
        _seal(ledger)
    with open_hand_held(other, HandClock(wall_s=GENESIS_TIME + 900), keys, marks=tmp_path / "else") as ledger:
        ledger.submit(transaction(0, _ONE))
        _seal(ledger, 2)
    shutil.copy(other.with_name("ledger.sqlite.mark"), path.with_name("ledger.sqlite.mark"))
    with open_hand_held(path, later, keys, marks=machine) as ledger:
        assert isinstance(ledger.trouble(), DamagedLedger)
        with pytest.raises(DamagedLedger, match="executing it again gives another block"):
            ledger.seal_pending()
        assert ledger.head == 1


# ---- the marks ----


@pytest.mark.parametrize("content", [b"", b"{}\n\n", b"not JSON\n00\n", b"\xff\n\n"])
@pytest.mark.parametrize("which", ["beside", "machine"])
def test_a_mark_that_is_damaged_is_named(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, content: bytes, which: str
) -> None:
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        _seal(ledger)
    mark = path.with_name("ledger.sqlite.mark") if which == "beside" else next(machine.glob("*/mark"))
    whole = mark.read_bytes()
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in (0, 12, 60, len(whole) // 2, -3)]
    for damaged in (content, *flipped):
        mark.write_bytes(damaged)
        with pytest.raises(DamagedLedger) as caught:
            open_hand_held(path, hand, keys, marks=machine)
        assert caught.value.path == str(mark)
    mark.write_bytes(whole)
    open_hand_held(path, hand, keys, marks=machine).close()


@pytest.mark.parametrize("obstacle", ["from the beginning", "later"])
def test_where_this_machine_keeps_no_mark_one_can_read_and_not_publish(
    path: Path, hand: HandClock, keys: list[TestSealer], machine: Path, obstacle: str
) -> None:
    if obstacle == "later":
        with open_hand_held(path, hand, keys, marks=machine) as ledger:
            _seal(ledger)
        shutil.rmtree(machine)
    machine.write_text("in the way")
    with open_hand_held(path, hand, keys, marks=machine) as ledger:
        head = ledger.head
        assert ledger.rpc.request("eth_blockNumber", []) == hex(head)
        for refused in (lambda: ledger.submit(transaction(0, _ONE)), ledger.seal_pending):
            with pytest.raises(StorageFailed) as caught:
                refused()
            assert str(machine) in caught.value.path
        assert ledger.head == head


def test_a_machines_marks_are_where_state_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert marks_of_machine() == tmp_path / "aeo-ledger"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert marks_of_machine() == tmp_path / ".local" / "state" / "aeo-ledger"

    def nobody() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", nobody)
    with open_hand_held(path, hand, keys, marks=marks_of_machine()) as ledger:
        assert isinstance(ledger.trouble(), StorageFailed)
        assert "no home folder is known, set XDG_STATE_HOME" in str(ledger.trouble())


def test_a_folder_is_no_ledger(tmp_path: Path, keys: list[TestSealer], hand: HandClock) -> None:
    with pytest.raises(MalformedLedger):
        open_hand_held(tmp_path, hand, keys)
