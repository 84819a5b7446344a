"""Killed at any moment, the ledger keeps what it acknowledged.

One process after another opens the ledger, publishes without pause, says what was acknowledged, and is killed (SIGKILL)
at a random moment: while it opens, waits, executes, seals or writes. After each, every promise is looked up.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import NoReturn

import pytest
import rlp
from eth.constants import BLANK_ROOT_HASH

from aeo_ledger.chain import EmbeddedLedger
from support.chain_world import (
    BOARD,
    GENESIS_TIME,
    RELAY,
    HandClock,
    ServedHeader,
    TestSealer,
    call_data,
    fast_clock,
    genesis,
    open_hand_held,
    put,
    sealers,
    transaction,
)

_KILLS = 30
_SPEED = 20
"""Seconds of the ledger's clock in one real second: twenty blocks a second."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, so that thirty starts take no minute")


def _key(nonce: int, part: int) -> bytes:
    return nonce.to_bytes(16, "big") + part.to_bytes(16, "big")


def _twenty_words(nonce: int) -> bytes:
    return put([_key(nonce, part) for part in range(20)], [nonce + 1] * 20)


def _publish_until_killed(path: Path, keys: list[TestSealer], origin: float, out: int) -> NoReturn:
    """Publish three at a time, and write each acknowledgement (nonce and block) to the pipe when it has come."""
    try:
        ledger = EmbeddedLedger.open(path, keys, clock=fast_clock(origin, _SPEED), marks=path.parent / "machine")
        nonce = ledger.next_nonce(bytes.fromhex(RELAY.address[2:]))
        while True:
            promises = [ledger.submit(transaction(n, _twenty_words(n))) for n in range(nonce, nonce + 3)]
            for offset, promise in enumerate(promises):
                os.write(out, f"{nonce + offset} {promise.result().block_number}\n".encode())
            nonce += 3
    except BaseException as error:  # noqa: BLE001 (a forked child must not unwind into pytest)
        os.write(out, f"error {error!r}\n".encode())
    finally:
        os._exit(1)


def _run_and_kill(path: Path, keys: list[TestSealer], origin: float, delay_s: float) -> list[tuple[int, int]]:
    """Return what was acknowledged, as nonce and block."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _publish_until_killed(path, keys, origin, writing)
    os.close(writing)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    assert os.WTERMSIG(status) == signal.SIGKILL, lines
    return [(int(nonce), int(block)) for nonce, block in (line.split() for line in lines)]


def _walk(ledger: EmbeddedLedger, root: bytes) -> int:
    """Read every node of a trie and of its accounts' tries, and count the values; a missing node is a KeyError."""
    if root == BLANK_ROOT_HASH:
        return 0
    found, stack = 0, [rlp.decode(ledger._reader.store.reading[root])]
    while stack:
        node = stack.pop()
        is_leaf = len(node) == 2 and node[0][0] >> 4 in (2, 3)
        children = [] if is_leaf else node[1:] if len(node) == 2 else node[:16]
        for child in children:
            if isinstance(child, list):
                stack.append(child)
            elif child:
                stack.append(rlp.decode(ledger._reader.store.reading[child]))
        if is_leaf:
            account = rlp.decode(node[1])
            found += _walk(ledger, account[2]) if isinstance(account, list) else 1
    return found


def _check(path: Path, keys: list[TestSealer], promised: dict[int, int], checked: int) -> int:
    """Open the ledger and check its promises; return the last block, where the next check begins."""
    with open_hand_held(path, HandClock(wall_s=GENESIS_TIME + 1e6), keys) as ledger:
        request = ledger.rpc.request
        for number in range(max(checked, 1), ledger.head + 1):
            header = ServedHeader.read(ledger.header_rlp(number))
            parent = ledger.rpc.request("eth_getBlockByNumber", [hex(number - 1)])
            assert "0x" + header.fields[0].hex() == parent["hash"]
            assert header.timestamp > int(parent["timestamp"], 16)
            assert len(set(header.sealers) & {key.address for key in keys}) == 4
        published = ledger.next_nonce(bytes.fromhex(RELAY.address[2:]))
        assert set(promised) <= set(range(published))
        blocks = [request("eth_getBlockByNumber", [hex(number)]) for number in range(max(checked, 1), ledger.head + 1)]
        hashes = {one: int(block["number"], 16) for block in blocks for one in block["transactions"]}
        for one, number in hashes.items():
            receipt = request("eth_getTransactionReceipt", [one])
            assert (receipt["status"], int(receipt["blockNumber"], 16), len(receipt["logs"])) == ("0x1", number, 10)
            nonce = int(request("eth_getTransactionByHash", [one])["nonce"], 16)
            assert promised.get(nonce, number) == number
        for nonce in promised:
            word = request("eth_call", [{"to": "0x" + BOARD.hex(), "data": _ask(nonce)}])
            assert int(word, 16) == nonce + 1
        root = bytes.fromhex(request("eth_getBlockByNumber", ["latest"])["stateRoot"][2:])
        assert _walk(ledger, root) >= 20 * published
        return ledger.head


def _ask(nonce: int) -> str:
    return "0x" + call_data("words(bytes32)", _key(nonce, 19)).hex()


def test_what_was_acknowledged_survives_thirty_kills_at_random_moments(tmp_path: Path) -> None:
    path, keys = tmp_path / "ledger.sqlite", sealers(4)
    EmbeddedLedger.create(path, genesis([key.address for key in keys]))
    moments, origin = random.Random(20261122), time.time()  # noqa: S311 (a seeded test)
    promised: dict[int, int] = {}
    head = kills = 0
    while kills < _KILLS or len(promised) <= 2 * _KILLS or head <= _KILLS:  # a busy machine needs more
        news = dict(_run_and_kill(path, keys, origin, moments.uniform(0.0, 1.0) * (1 + kills // _KILLS)))
        assert not set(news) & set(promised)
        head = _check(path, keys, news, head)
        promised |= news
        kills += 1
    _check(path, keys, promised, 0)
