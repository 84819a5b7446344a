"""The embedded ledger's guarantees to publishers."""

from __future__ import annotations

import io
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_account import Account as Relay

from aeo_ledger.chain import BANNER, Clock, EmbeddedLedger
from aeo_ledger.chain.clock import PAUSE_S
from aeo_ledger.errors.chain import (
    BlockUnknown,
    ClockDoubtful,
    LedgerClosed,
    LedgerExists,
    MalformedLedger,
    MalformedTransaction,
    NonceOutOfOrder,
    TransactionRefused,
)
from aeo_ledger.errors.files import FileExists
from support.chain_world import (
    BOARD,
    CHAIN_ID,
    GENESIS_TIME,
    HandClock,
    ServedHeader,
    TestSealer,
    call_data,
    fast_clock,
    genesis,
    open_hand_held,
    put,
    transaction,
)
from support.waiting import WITHIN_S, await_that

_ONE = put([b"\1" * 32], [7])


def _word(ledger: EmbeddedLedger, key: bytes, block: str = "latest") -> int:
    return int(
        ledger.rpc.request("eth_call", [{"to": "0x" + BOARD.hex(), "data": "0x" + _words(key).hex()}, block]), 16
    )


def _words(key: bytes) -> bytes:
    return call_data("words(bytes32)", key)


def _header(ledger: EmbeddedLedger, number: int) -> ServedHeader:
    return ServedHeader.read(ledger.header_rlp(number))


# ---- publishing ----


def test_an_acknowledged_transaction_is_in_a_block_that_all_validators_sealed(
    ledger: EmbeddedLedger, keys: list[TestSealer]
) -> None:
    promise = ledger.submit(transaction(0, _ONE))
    assert not promise.done()
    assert ledger.seal_pending() == 1
    receipt = promise.result(0)
    header = _header(ledger, 1)
    assert receipt.succeeded
    assert (receipt.block_number, receipt.block_hash) == (1, header.block_hash)
    assert sorted(header.sealers) == sorted(key.address for key in keys)
    assert (header.validators, header.vote, header.round) == ([], [], b"")
    assert len(header.vanity) == 32
    assert len(header.fields) == 15
    assert _word(ledger, b"\1" * 32) == 7


def test_everything_that_waited_goes_into_one_block_in_order_whoever_sent_it(ledger: EmbeddedLedger) -> None:
    other = Relay.from_key(b"\x78" * 32)
    promises = [ledger.submit(transaction(nonce, put([bytes([nonce]) * 32], [nonce + 1]))) for nonce in range(5)]
    promises += [ledger.submit(transaction(0, put([b"\0" * 32], [99]), sender=other))]
    assert ledger.seal_pending() == 1
    assert {promise.result(0).block_number for promise in promises} == {1}
    assert [_word(ledger, bytes([n]) * 32) for n in range(5)] == [99, 2, 3, 4, 5]


def test_what_does_not_fit_into_a_blocks_gas_goes_into_the_next(ledger: EmbeddedLedger) -> None:
    promises = [ledger.submit(transaction(nonce, _ONE, gas=40_000_000)) for nonce in range(3)]
    assert ledger.seal_pending() == 1
    assert all(
        promise.done() for promise in promises
    )  # what counts is what the ones before used, not what they asked for
    seven_million_gas = [
        put([bytes([n]) * 30 + m.to_bytes(2, "big") for m in range(300)], [1] * 300) for n in range(10)
    ]
    promises = [ledger.submit(transaction(3 + n, data, gas=30_000_000)) for n, data in enumerate(seven_million_gas)]
    ledger.seal_pending()
    ledger.seal_pending()
    blocks = [promise.result(0).block_number for promise in promises]
    assert blocks == [2] * 5 + [3] * 5


def test_a_transaction_that_reverts_is_in_the_block_as_failed(ledger: EmbeddedLedger) -> None:
    failing = ledger.submit(transaction(0, put([b"\1" * 32], [])))
    following = ledger.submit(transaction(1, _ONE))
    ledger.seal_pending()
    assert not failing.result(0).succeeded
    assert following.result(0).succeeded
    served = ledger.rpc.request("eth_getTransactionReceipt", ["0x" + failing.result(0).transaction_hash.hex()])
    assert (served["status"], served["logs"]) == ("0x0", [])


def test_a_transaction_that_no_block_can_hold_is_refused_and_its_sender_goes_on(ledger: EmbeddedLedger) -> None:
    bought = ledger.submit(transaction(0, _ONE, gasPrice=1))
    behind_it = ledger.submit(transaction(1, _ONE))
    ledger.seal_pending()
    assert isinstance(bought.exception(0), TransactionRefused)
    assert isinstance(behind_it.exception(0), TransactionRefused)
    assert ledger.next_nonce(_relay()) == 0
    again = ledger.submit(transaction(0, _ONE))
    ledger.seal_pending()
    assert again.result(0).succeeded


def _relay() -> bytes:
    return bytes.fromhex(Relay.from_key(b"\x77" * 32).address[2:])


def test_the_next_nonce_counts_what_waits(ledger: EmbeddedLedger) -> None:
    ledger.submit(transaction(0, _ONE))
    assert ledger.next_nonce(_relay()) == 1
    ledger.seal_pending()
    assert ledger.next_nonce(_relay()) == 1


def test_a_legacy_transaction_for_this_chain_is_taken(ledger: EmbeddedLedger) -> None:
    promise = ledger.submit(transaction(0, _ONE, type=None, accessList=None))
    ledger.seal_pending()
    assert promise.result(0).succeeded


# ---- refused when submitted ----


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x00", b"\xc0", b"\x80", b"\x02\xc0", b"\x05abc", b"hello"])
def test_bytes_that_are_no_transaction_are_malformed(ledger: EmbeddedLedger, raw: bytes) -> None:
    with pytest.raises(MalformedTransaction):
        ledger.submit(raw)


def test_a_dynamic_fee_has_no_place_under_berlin(ledger: EmbeddedLedger) -> None:
    raw = transaction(0, _ONE, type=2, gasPrice=None, maxFeePerGas=0, maxPriorityFeePerGas=0)
    with pytest.raises(MalformedTransaction, match="Berlin"):
        ledger.submit(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"chainId": CHAIN_ID + 1},
        {"chainId": CHAIN_ID + 1, "type": None, "accessList": None},
        {"chainId": None, "type": None, "accessList": None},
        {"gas": 60_000_001},
        {"gas": 21_000},
    ],
    ids=["another chain", "another chain, legacy", "no chain", "more gas than a block", "less gas than its data"],
)
def test_a_transaction_that_could_never_be_right_is_refused(ledger: EmbeddedLedger, change: dict[str, Any]) -> None:
    with pytest.raises(TransactionRefused):
        ledger.submit(transaction(0, _ONE, **change))


def test_the_twin_signature_with_high_s_is_refused_as_real_nodes_do(ledger: EmbeddedLedger) -> None:
    raw = transaction(0, _ONE)
    fields = rlp.decode(raw[1:])
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    fields[8] = b"" if fields[8] else b"\1"
    fields[10] = (order - int.from_bytes(fields[10], "big")).to_bytes(32, "big")
    with pytest.raises(TransactionRefused, match="high s"):
        ledger.submit(b"\1" + rlp.encode(fields))


@pytest.mark.parametrize("nonce", [0, 2, 7])
def test_a_nonce_out_of_order_is_refused(ledger: EmbeddedLedger, nonce: int) -> None:
    ledger.submit(transaction(0, _ONE))
    with pytest.raises(NonceOutOfOrder) as caught:
        ledger.submit(transaction(nonce, _ONE))
    assert (caught.value.found, caught.value.needed) == (nonce, 1)


# ---- time ----


def test_blocks_are_a_period_apart_and_never_dated_in_the_future(ledger: EmbeddedLedger, hand: HandClock) -> None:
    dates = []
    for _ in range(5):
        ledger.seal_pending()
        dates.append(_header(ledger, ledger.head).timestamp)
        assert dates[-1] <= hand.wall_s
    assert all(after - before >= 1 for before, after in pairwise(dates))
    assert dates[-1] - dates[0] == 4


def test_when_the_clock_jumps_reading_goes_on_and_publishing_waits_for_a_person(
    ledger: EmbeddedLedger, hand: HandClock
) -> None:
    queued = ledger.submit(transaction(0, _ONE))
    hand.wall_s += 70 * 365 * 86_400
    with pytest.raises(ClockDoubtful):
        ledger.submit(transaction(1, _ONE))
    with pytest.raises(ClockDoubtful):
        ledger.seal_pending()
    assert isinstance(queued.exception(0), ClockDoubtful)
    assert _word(ledger, b"\1" * 32) == 0
    hand.wall_s -= 70 * 365 * 86_400
    put_right = ledger.submit(transaction(0, _ONE))
    ledger.seal_pending()
    assert put_right.result(0).succeeded
    hand.wall_s += 3_600
    ledger.confirm_clock()
    ledger.seal_pending()
    assert _header(ledger, ledger.head).timestamp == int(hand.wall_s)


def test_a_clock_before_the_last_block_lets_read_and_not_publish(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    with open_hand_held(path, hand, keys) as ledger:
        ledger.seal_pending()
    behind = HandClock(wall_s=GENESIS_TIME + 50)
    with open_hand_held(path, behind, keys, confirm_clock=True) as ledger:
        assert ledger.head == 1
        with pytest.raises(ClockDoubtful) as caught:
            ledger.submit(transaction(0, _ONE))
        assert (caught.value.found, caught.value.needed) == (GENESIS_TIME + 50, GENESIS_TIME + 100)
        behind.pass_(51)
        ledger.seal_pending()
        assert _header(ledger, 2).timestamp == GENESIS_TIME + 101


def test_an_opening_after_a_pause_too_long_to_be_believed_needs_a_person(path: Path, keys: list[TestSealer]) -> None:
    late = HandClock(wall_s=GENESIS_TIME + PAUSE_S + 1)
    with open_hand_held(path, late, keys) as ledger:
        assert _word(ledger, b"\1" * 32) == 0  # to read needs no clock
        for refused in (lambda: ledger.submit(transaction(0, _ONE)), ledger.seal_pending):
            with pytest.raises(ClockDoubtful, match="--confirm-clock") as caught:
                refused()
            assert (caught.value.found, caught.value.needed) == (GENESIS_TIME + PAUSE_S + 1, GENESIS_TIME)
        assert isinstance(ledger.trouble(), ClockDoubtful)
        assert ledger.head == 0
    with open_hand_held(path, late, keys, confirm_clock=True) as ledger:
        assert ledger.seal_pending() == 1


def test_an_idle_ledger_seals_empty_blocks_as_its_heart_beats(path: Path, keys: list[TestSealer]) -> None:
    clock = fast_clock(time.time(), speed=20)
    with EmbeddedLedger.open(path, keys, clock=clock, heartbeat_s=5) as ledger:
        await_that(lambda: ledger.head >= 3)
    with open_hand_held(path, HandClock(wall_s=GENESIS_TIME + 10_000), []) as ledger:
        dates = [_header(ledger, number).timestamp for number in range(1, 4)]
    assert all(after - before >= 5 for before, after in pairwise(dates))


def test_a_ledger_that_lay_idle_is_opened_with_a_block_of_now(path: Path, keys: list[TestSealer]) -> None:
    for passed, head, dated in ((29, 0, 0), (31, 1, 31), (60, 1, 31), (1_000, 2, 1_000)):
        with EmbeddedLedger.open(path, keys, clock=HandClock(wall_s=GENESIS_TIME + passed).clock) as ledger:
            assert (ledger.head, _header(ledger, ledger.head).timestamp) == (head, GENESIS_TIME + dated)


def test_its_own_thread_seals_what_many_threads_submit(path: Path, keys: list[TestSealer]) -> None:
    clock = fast_clock(time.time(), speed=20)
    relays = [Relay.from_key(bytes([n]) * 32) for n in range(101, 105)]
    blocks: list[int] = []

    def publish(number: int) -> None:
        for nonce in range(3):
            raw = transaction(nonce, put([bytes([number, nonce]) * 16], [1]), sender=relays[number])
            blocks.append(ledger.submit(raw).result(WITHIN_S).block_number)
            assert _word(ledger, bytes([number, nonce]) * 16) == 1

    with EmbeddedLedger.open(path, keys, clock=clock) as ledger:
        threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
        with ledger._sealing:
            for thread in threads:
                thread.start()
            await_that(lambda: len(ledger._queue) == len(threads))
        for thread in threads:
            thread.join()
    assert len(blocks) == 12
    assert blocks.count(min(blocks)) == 4, "what waited went together"


# ---- the file ----


def test_closing_seals_what_waits(path: Path, keys: list[TestSealer]) -> None:
    clock = fast_clock(time.time(), speed=20)
    ledger = EmbeddedLedger.open(path, keys, clock=clock)
    promises = [ledger.submit(transaction(nonce, _ONE)) for nonce in range(3)]
    ledger.close()
    ledger.close()
    assert all(promise.result(0).succeeded for promise in promises)
    with pytest.raises(LedgerClosed):
        ledger.submit(transaction(3, _ONE))
    with pytest.raises(LedgerClosed):
        ledger.seal_pending()
    with pytest.raises(LedgerClosed):
        ledger.rpc.request("eth_blockNumber", [])


def test_closing_what_seals_only_when_told_tells_those_who_wait(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    ledger = open_hand_held(path, hand, keys)
    promise = ledger.submit(transaction(0, _ONE))
    ledger.close()
    assert isinstance(promise.exception(0), LedgerClosed)


def test_what_was_there_is_there_after_reopening(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    with open_hand_held(path, hand, keys) as ledger:
        ledger.submit(transaction(0, _ONE))
        ledger.seal_pending()
        before = [ledger.header_rlp(number) for number in range(2)]
    with open_hand_held(path, hand, keys) as ledger:
        assert [ledger.header_rlp(number) for number in range(2)] == before
        assert (_word(ledger, b"\1" * 32, "0x0"), _word(ledger, b"\1" * 32)) == (0, 7)
        ledger.submit(transaction(1, put([b"\1" * 32], [8])))
        ledger.seal_pending()
        assert _header(ledger, 2).fields[0] == _header(ledger, 1).block_hash
        assert [_word(ledger, b"\1" * 32, hex(block)) for block in range(3)] == [0, 7, 8]


def test_a_ledger_is_not_made_over_another(path: Path, keys: list[TestSealer]) -> None:
    with pytest.raises(LedgerExists) as caught:
        EmbeddedLedger.create(path, genesis([key.address for key in keys]))
    assert caught.value.path == str(path)


def test_a_copy_is_the_ledger_as_it_was_and_can_be_read_beside_it(
    ledger: EmbeddedLedger, path: Path, tmp_path: Path
) -> None:
    ledger.submit(transaction(0, _ONE))
    ledger.seal_pending()
    ledger.copy(tmp_path / "copy.sqlite")
    ledger.submit(transaction(1, put([b"\1" * 32], [8])))
    ledger.seal_pending()
    with EmbeddedLedger.open_to_read(tmp_path / "copy.sqlite") as copy:
        assert (copy.head, ledger.head) == (1, 2)
        assert copy.header_rlp(1) == ledger.header_rlp(1)
        assert (_word(copy, b"\1" * 32), _word(ledger, b"\1" * 32)) == (7, 8)
    for taken in (tmp_path / "copy.sqlite", path):
        with pytest.raises(FileExists):
            ledger.copy(taken)


def test_a_ledger_that_is_not_there_is_not_made_by_opening(tmp_path: Path) -> None:
    with pytest.raises(MalformedLedger):
        EmbeddedLedger.open(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_header_of_a_block_to_come(ledger: EmbeddedLedger) -> None:
    with pytest.raises(BlockUnknown) as caught:
        ledger.header_rlp(1)
    assert caught.value.head == 0


def test_the_export_is_the_chain_with_its_seals(ledger: EmbeddedLedger) -> None:
    for nonce in range(3):
        ledger.submit(transaction(nonce, _ONE))
        ledger.seal_pending()
    out = io.BytesIO()
    assert ledger.export(out) == 4
    rest, blocks = out.getvalue(), []
    while rest:
        block, _, end = rlp.codec.consume_item(rest, 0)
        blocks.append(block)
        rest = rest[end:]
    assert [rlp.encode(block[0]) for block in blocks] == [ledger.header_rlp(number) for number in range(4)]
    assert [[bytes(one) for one in block[1]] for block in blocks[1:]] == [[transaction(n, _ONE)] for n in range(3)]


def test_it_says_that_one_machine_holds_all_keys() -> None:
    assert "one machine, which holds all validators' keys" in BANNER
    assert EmbeddedLedger.banner is BANNER


def test_it_lives_by_the_worlds_clock_unless_told(path: Path, keys: list[TestSealer]) -> None:
    before = int(time.time())
    with EmbeddedLedger.open(path, keys, confirm_clock=True) as ledger:
        receipt = ledger.submit(transaction(0, _ONE)).result(WITHIN_S)
    assert receipt.succeeded
    with EmbeddedLedger.open(path, clock=Clock()) as ledger:
        assert before <= _header(ledger, receipt.block_number).timestamp <= time.time()
