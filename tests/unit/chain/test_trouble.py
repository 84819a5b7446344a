"""When sealing fails, reading goes on, publishers get the cause at once, and the log has one line."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.chain import EmbeddedLedger, check_ledger
from aeo_ledger.chain.connection import connect_writing
from aeo_ledger.chain.links import Links
from aeo_ledger.errors.chain import (
    BlockUnfinished,
    ClockDoubtful,
    DamagedLedger,
    LedgerInUse,
    QuorumMissing,
    StorageFailed,
)
from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.ledger import NodeFailed, NotSealed
from aeo_ledger.ledger.port import NOT_SEALED, TROUBLE, Ledger
from aeo_ledger.rpc import NodesProvider
from aeo_ledger.rpc.server import create_node
from support.chain_world import (
    BOARD,
    GENESIS_TIME,
    HandClock,
    TestSealer,
    call_data,
    fast_clock,
    genesis,
    keccak,
    open_hand_held,
    put,
    sealers,
    transaction,
)
from support.damage import cells, flip
from support.disks import fill, read_only, small_disk
from support.network import served
from support.waiting import WITHIN_S, await_that

_KEY = b"\1" * 32
_ONE = put([_KEY], [7])
_ASK = {"to": "0x" + BOARD.hex(), "data": "0x" + call_data("words(bytes32)", _KEY).hex()}


def _word(ledger: EmbeddedLedger) -> int:
    return int(ledger.rpc.request("eth_call", [_ASK]), 16)


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("aeo_ledger")]


# ---- the clock ----


@pytest.mark.parametrize(
    ("jump", "words"),
    [
        (-3_600, "before the last block; put it right"),
        (
            31 * 86_400,
            "jumped against the monotonic clock; put it right, or if it is right start again with --confirm-clock",
        ),
    ],
)
def test_a_clock_that_jumps_stops_publishing_and_nothing_else(
    ledger: EmbeddedLedger, hand: HandClock, caplog: pytest.LogCaptureFixture, jump: int, words: str
) -> None:
    ledger.submit(transaction(0, _ONE))
    ledger.seal_pending()
    hand.wall_s += jump
    for _ in range(20):
        with pytest.raises(ClockDoubtful) as caught:
            ledger.submit(transaction(1, _ONE))
        assert words in str(caught.value)
        assert "UTC" not in str(caught.value)
        assert f"{caught.value.found}" not in str(caught.value)
        with pytest.raises(ClockDoubtful):
            ledger.seal_pending()
        assert ledger.rpc.request(TROUBLE, []) == str(caught.value)
        hand.pass_(1)
    assert _word(ledger) == 7
    assert len(_lines(caplog)) == 1
    hand.wall_s -= jump
    assert ledger.trouble() is None
    ledger.submit(transaction(1, _ONE))
    ledger.seal_pending()
    assert _lines(caplog)[1:] == ["blocks are sealed again"]


def test_an_idle_ledger_whose_clock_jumps_says_so_once(
    path: Path, keys: list[TestSealer], caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock()
    with EmbeddedLedger.open(path, keys, clock=clock.clock, heartbeat_s=1e9) as ledger:
        clock.wall_s += 60 * 86_400
        await_that(lambda: _lines(caplog))
        time.sleep(2.2)  # two more looks
        assert isinstance(ledger.trouble(), ClockDoubtful)
    assert len(_lines(caplog)) == 1


# ---- accepted transactions that no block contains ----


def test_what_was_taken_and_dropped_is_told_to_whoever_asks_for_its_receipt(
    ledger: EmbeddedLedger, hand: HandClock
) -> None:
    raw = transaction(0, _ONE)
    sent = ledger.rpc.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    assert ledger.rpc.request("eth_getTransactionReceipt", [sent]) is None
    hand.wall_s += 3_600
    with pytest.raises(ClockDoubtful) as cause:
        ledger.seal_pending()
    with pytest.raises(NotSealed) as caught:
        ledger.rpc.request("eth_getTransactionReceipt", [sent])
    assert (caught.value.transaction, caught.value.reason) == (sent, str(cause.value))
    answer = ledger.rpc.answer({"id": 1, "method": "eth_getTransactionReceipt", "params": [sent]})
    assert answer["error"] == {"code": NOT_SEALED, "message": str(cause.value)}
    port = Ledger(ledger.provider(), {})
    with pytest.raises(NotSealed) as told:
        port.await_sealed(raw, timeout_s=WITHIN_S)
    assert str(cause.value) in told.value.reason
    hand.wall_s -= 3_600
    ledger.submit(raw)
    assert ledger.rpc.request("eth_getTransactionReceipt", [sent]) is None
    ledger.seal_pending()
    assert ledger.rpc.request("eth_getTransactionReceipt", [sent])["status"] == "0x1"


def test_it_is_told_through_a_node_too(ledger: EmbeddedLedger, hand: HandClock) -> None:
    """A gateway over HTTP: one transaction is refused when submitted, another is accepted and dropped."""
    with served(create_node(ledger.rpc.answer)) as url, NodesProvider([url], survey_every_s=None) as nodes:
        port = Ledger(nodes, {})
        assert port.trouble() is None
        raw = transaction(0, _ONE)
        port.send(raw)
        hand.wall_s += 3_600
        with pytest.raises(ClockDoubtful) as cause:
            ledger.seal_pending()
        with pytest.raises(NotSealed) as caught:
            port.await_sealed(raw, timeout_s=WITHIN_S)
        assert str(cause.value) in caught.value.reason
        with pytest.raises(NodeFailed, match="--confirm-clock"):
            port.send(transaction(1, _ONE))
        assert port.trouble() == str(cause.value)


def test_a_node_of_an_engine_does_not_say_and_is_not_asked_twice() -> None:
    def behave(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "method not found"}}

    with served(create_node(behave)) as url, NodesProvider([url], survey_every_s=None) as nodes:
        assert Ledger(nodes, {}).trouble() is None


def test_one_that_no_block_can_hold_is_told_too(ledger: EmbeddedLedger) -> None:
    raw = transaction(0, _ONE, gasPrice=1)
    ledger.submit(raw)
    ledger.seal_pending()
    with pytest.raises(NotSealed):
        ledger.rpc.request("eth_getTransactionReceipt", ["0x" + keccak(raw).hex()])


def test_one_that_was_never_sent_is_not_known(ledger: EmbeddedLedger) -> None:
    assert ledger.rpc.request("eth_getTransactionReceipt", ["0x" + "11" * 32]) is None


# ---- keys ----


def test_keys_that_are_missing_are_told(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    with open_hand_held(path, hand, []) as ledger:
        assert isinstance(ledger.trouble(), QuorumMissing)
    with open_hand_held(path, hand, keys) as ledger:
        seating = call_data("set_validators(address[])", [key.address for key in sealers(4, first=60)])
        ledger.submit(transaction(0, seating))
        ledger.seal_pending()
        with pytest.raises(QuorumMissing):
            ledger.seal_pending()
        with pytest.raises(QuorumMissing) as caught:
            ledger.submit(transaction(1, _ONE))
        assert (caught.value.held, caught.value.needed) == (0, 3)


# ---- the disk ----


def test_a_full_disk_stops_publishing_and_nothing_else(
    keys: list[TestSealer], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The ledger's own thread tries again by itself."""
    clock = fast_clock(time.time(), speed=20)
    with small_disk(tmp_path / "disk", 4_096) as disk:
        path = disk / "ledger.sqlite"
        EmbeddedLedger.create(path, genesis([key.address for key in keys]))
        with EmbeddedLedger.open(path, keys, clock=clock, heartbeat_s=1e9) as ledger:  # none meets the full disk first
            assert ledger.submit(transaction(0, _ONE)).result(WITHIN_S).succeeded
            ballast = fill(disk)
            told = ledger.submit(transaction(1, put([_KEY], [8]))).exception(WITHIN_S)
            assert isinstance(told, StorageFailed)
            assert "No space left on device" in str(told)
            for _ in range(10):
                with pytest.raises(StorageFailed):
                    ledger.submit(transaction(1, put([_KEY], [8])))
                assert _word(ledger) == 7
            time.sleep(2.5)  # it tries again, and keeps silent
            assert len(_lines(caplog)) == 1
            ballast.unlink()
            await_that(lambda: ledger.trouble() is None)
            assert ledger.submit(transaction(1, put([_KEY], [9]))).result(WITHIN_S).succeeded
            assert _word(ledger) == 9
        assert _lines(caplog)[1:] == ["blocks are sealed again"]
        assert not check_ledger(path).damage


def test_a_ledger_on_a_full_disk_opens_to_be_read(keys: list[TestSealer], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4_096) as disk:
        path = disk / "ledger.sqlite"
        EmbeddedLedger.create(path, genesis([key.address for key in keys]))
        with open_hand_held(path, HandClock(), keys, marks=tmp_path / "machine") as ledger:
            ledger.submit(transaction(0, _ONE))
            ledger.seal_pending()
        fill(disk)
        with open_hand_held(path, HandClock(), keys, marks=tmp_path / "machine") as ledger:
            assert _word(ledger) == 7
            assert isinstance(ledger.trouble() or _try(ledger), StorageFailed)


def _try(ledger: EmbeddedLedger) -> Exception:
    with pytest.raises(StorageFailed) as caught:
        ledger.seal_pending()
    return caught.value


def test_a_ledger_on_a_read_only_disk_is_read_and_says_why_it_takes_nothing(
    path: Path, hand: HandClock, keys: list[TestSealer], tmp_path: Path
) -> None:
    with open_hand_held(path, hand, keys) as ledger:
        ledger.submit(transaction(0, _ONE))
        ledger.seal_pending()
    before = sorted(file.name for file in path.parent.iterdir())
    with read_only(path.parent, tmp_path.parent / f"{tmp_path.name}-ro") as place:
        shown = place / path.name
        with open_hand_held(shown, hand, keys, marks=tmp_path / "machine") as ledger:
            assert _word(ledger) == 7
            for refused in (lambda: ledger.submit(transaction(1, _ONE)), ledger.seal_pending):
                with pytest.raises(StorageFailed) as caught:
                    refused()
                assert caught.value.path == str(shown)
            with pytest.raises(LedgerInUse):
                open_hand_held(path, hand, keys)
        with EmbeddedLedger.open(shown, keys, clock=hand.clock, marks=tmp_path / "machine") as ledger:
            assert ledger._thread is None
        with EmbeddedLedger.open_to_read(shown) as ledger:
            assert ledger.head == 1
        assert not check_ledger(shown).damage
    assert sorted(file.name for file in path.parent.iterdir()) == before


def test_a_file_that_cannot_be_written_is_read(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    """Simulate a disk that becomes read-only: SQLite itself refuses to write."""
    with open_hand_held(path, hand, keys) as ledger:
        writer = ledger._reader.store._writer
        assert writer is not None
        writer.execute("PRAGMA query_only = ON")
        with pytest.raises(BlockUnfinished, match="readonly"):
            ledger.seal_pending()
        assert _word(ledger) == 0
        writer.execute("PRAGMA query_only = OFF")
        assert ledger.seal_pending() == 1


# ---- reading beside a running ledger ----


def test_a_ledger_is_read_while_another_process_seals_on_it(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    with open_hand_held(path, hand, keys) as sealing, EmbeddedLedger.open_to_read(path) as reading:
        for word in (7, 8):
            sealing.submit(transaction(sealing.head, put([_KEY], [word])))
            sealing.seal_pending()
            assert (reading.head, _word(reading)) == (sealing.head, word)
        with pytest.raises(QuorumMissing):
            reading.submit(transaction(2, _ONE))
        with pytest.raises(StorageFailed, match="opened for reading only"):
            reading.seal_pending()
        assert not check_ledger(path).damage
        reading.close()
        sealing.seal_pending()
    assert sorted(file.name for file in path.parent.iterdir() if file.is_file()) == [
        "ledger.sqlite",
        "ledger.sqlite.mark",
    ]


def test_the_last_blocks_of_a_copy_are_read_from_its_wal_or_asked_for(
    path: Path, keys: list[TestSealer], tmp_path: Path
) -> None:
    child = os.fork()
    if child == 0:
        open_hand_held(path, HandClock(), keys).seal_pending()
        os._exit(0)
    os.waitpid(child, 0)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite.mark"):
        shutil.copy(path.with_name(name), copy / name)
    with (
        read_only(copy, tmp_path / "ro") as place,
        pytest.raises(FileUnavailable, match=r"ledger\.sqlite-wal holds its last blocks"),
    ):
        EmbeddedLedger.open_to_read(place / path.name)
    with EmbeddedLedger.open_to_read(copy / path.name) as ledger:
        assert ledger.head == 1


# ---- damage ----


def test_damage_stops_what_rests_on_it_and_says_so_once(
    path: Path, hand: HandClock, keys: list[TestSealer], caplog: pytest.LogCaptureFixture
) -> None:
    found = [cell for cell in cells(path) if (cell.table, cell.column) == ("nodes", "value")]
    code = max(found, key=lambda cell: len(cell.value))
    flip(path, code, 77)
    with open_hand_held(path, hand, keys) as ledger:
        with pytest.raises(DamagedLedger):
            ledger.submit(transaction(0, _ONE))
        for _ in range(5):
            with pytest.raises(DamagedLedger) as caught:
                ledger.seal_pending()
            assert caught.value.part == f"table nodes, row {code.key.hex()}"
        with pytest.raises(DamagedLedger):
            ledger.rpc.request("eth_call", [_ASK])
        assert ledger.rpc.request("eth_getBlockByNumber", ["0x0"])["number"] == "0x0"
        answer = ledger.rpc.answer({"id": 1, "method": "eth_call", "params": [_ASK]})
        assert "is damaged: table nodes" in answer["error"]["message"]
    assert len(_lines(caplog)) == 1


def test_what_is_cheap_to_look_at_is_looked_at_when_a_ledger_is_opened(
    path: Path, hand: HandClock, keys: list[TestSealer], caplog: pytest.LogCaptureFixture
) -> None:
    with open_hand_held(path, hand, keys) as ledger:
        ledger.seal_pending()
    whole = path.read_bytes()
    for named in ("value of 730000000000000001", "code"):
        path.write_bytes(whole)
        found = [cell for cell in cells(path) if cell.column == "value"]
        by_name = {str(cell).partition(" in ")[0]: cell for cell in found if cell.table == "links"}
        code = max((cell for cell in found if cell.table == "nodes"), key=lambda cell: len(cell.value))
        flip(path, by_name.get(named, code), 9)
        caplog.clear()
        with open_hand_held(path, hand, keys) as ledger:
            assert isinstance(ledger.trouble(), DamagedLedger)
            assert ledger.head == 1
        assert len(_lines(caplog)) == 1


def test_another_genesis_than_that_of_block_0_is_no_ledger_to_open(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    with closing(connect_writing(path)) as connection:
        kept = json.loads(Links(connection).demand(b"g"))
        Links(connection).put({b"g": json.dumps({**kept, "timestamp": "0x1"}).encode()})
    with pytest.raises(DamagedLedger) as caught:
        open_hand_held(path, hand, keys)
    assert caught.value.part == "block 0"


def test_the_confirmation_of_a_clock_is_asked_for_where_it_is_needed(path: Path, keys: list[TestSealer]) -> None:
    late = HandClock(wall_s=GENESIS_TIME + 31 * 86_400)
    with open_hand_held(path, late, keys) as ledger:
        assert "--confirm-clock" in str(ledger.trouble())
    with open_hand_held(path, late, keys, confirm_clock=True) as ledger:
        assert ledger.trouble() is None
