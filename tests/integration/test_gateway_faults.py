"""Whatever breaks below a gateway, or is thrown at it: each request has a clear answer, and service goes on afterwards.

What breaks below the ledger itself (a full disk, a wrong clock) is in `test_store_edges`; here it is the index's database, and callers.
`AEO_LEDGER_BURST=10000 scripts/test tests/integration/test_gateway_faults.py` sends the whole burst.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

import httpx
import pytest

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.operation import Operation
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.gateway.record import DecisionRecord
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.prover import databases
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.transport import connection as connection_module
from aeo_ledger.verify import verify_recognition
from support.disks import fill, read_only, small_disk
from support.network import Network, now, served
from support.waiting import WITHIN_S, await_that

TIN: Final = "BY511125808"
QUESTION: Final = read_question(TIN, "CN", "import", "carrier")
BURST: Final = int(os.environ.get("AEO_LEDGER_BURST", "500"))
KINDS: Final = cycle((EventKind.SUSPEND, EventKind.REINSTATE))


def publish(network: Network) -> int:
    """Let an act be sealed; return its block."""
    number = network.number("BY")
    _, done = change_status(
        network.office, network.entry(TIN, "BY", 2), Change(kind=next(KINDS)), register=number, issuer=number,
        signers=[network.signer("BY")],
    )  # fmt: skip
    assert done.sealed is not None
    return done.sealed.block


@dataclass(frozen=True)
class Shared:
    """A second gateway of a network, with an index of its own in a database."""

    network: Network
    ledger: IndexedLedger
    url: str
    file: Path

    def require_service(self) -> None:
        """Demand that what is published now is answered, with evidence that proves it."""
        block = publish(self.network)
        with GatewayClient(self.url, timeout_s=WITHIN_S) as desk:

            def is_answered() -> bool:
                evidence = desk.evidence(QUESTION)
                proven = verify_recognition(evidence, QUESTION, self.network.trust, now=now(), max_age=WITHIN_S)
                return proven.block_number >= block

            await_that(is_answered)

    def await_fault(self, said: str | None) -> None:
        """Wait until the database works, or fails in these words; publish meanwhile, since only then it is written."""
        until = time.monotonic() + WITHIN_S
        while (said is None) != (self.ledger.index.fault is None):
            assert time.monotonic() < until, self.ledger.index.fault
            self.require_service()
        if said is not None:
            assert said in str(self.ledger.index.fault)

    def stored_block(self) -> int:
        with closing(sqlite3.connect(self.file)) as database:
            return int(database.execute("SELECT block FROM state").fetchone()[0])

    def await_stored(self) -> None:
        """Wait until the database has the newest block."""
        self.await_fault(None)
        block = publish(self.network)
        await_that(lambda: self.stored_block() >= block)


@contextmanager
def sharing(network: Network, file: Path) -> Iterator[Shared]:
    running = network.running
    node = Ledger(running.ledger.provider, running.ledger.contracts, beginning=running.ledger.beginning)
    with (
        IndexStore(f"sqlite:///{file}") as store,
        IndexedLedger(node, store) as ledger,
        DecisionRecord(store, every_s=3_600) as record,
    ):
        app = create_app(ledger, running.relay, network.trust, behind="", operation=Operation(record=record))
        with served(app) as url:
            yield Shared(network, ledger, url, file)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for another process that has the database for a quarter of a second, instead of ten."""
    monkeypatch.setattr(databases, "_WAIT_S", 0.25)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


# ---- the index's database ----


def test_a_full_disk_under_the_index_costs_no_answer_and_is_made_good(recognising: Network, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4_096) as disk, sharing(recognising, disk / "index.sqlite") as shared:
        shared.await_stored()
        ballast = fill(disk)
        shared.await_fault("full")
        shared.require_service()
        assert problem(httpx.get(f"{shared.url}/v1/statistics")) == (503, "index-unavailable")
        ballast.unlink()
        shared.await_stored()
        assert httpx.get(f"{shared.url}/v1/statistics").status_code == 200


def test_an_index_on_a_read_only_disk_costs_no_answer(recognising: Network, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with sharing(recognising, tmp_path / "kept/index.sqlite") as shared:
        shared.await_stored()
    with (
        read_only(tmp_path / "kept", tmp_path / "shown") as place,
        sharing(recognising, place / "index.sqlite") as shared,
    ):
        shared.require_service()
        assert shared.ledger.index.fault is not None
        assert problem(httpx.get(f"{shared.url}/v1/statistics")) == (503, "index-unavailable")


def test_a_locked_database_costs_no_answer_and_is_made_good(recognising: Network, tmp_path: Path) -> None:
    with sharing(recognising, tmp_path / "index.sqlite") as shared:
        shared.await_stored()
        with closing(sqlite3.connect(shared.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            shared.await_fault("locked")
            shared.require_service()
            assert problem(httpx.get(f"{shared.url}/v1/statistics")) == (503, "index-unavailable")
            other.execute("ROLLBACK")
        shared.await_stored()
        assert httpx.get(f"{shared.url}/v1/statistics").status_code == 200


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99], ids=str)
def test_a_damaged_page_of_the_index_is_mended_or_named_and_believed_by_nobody(
    recognising: Network, tmp_path: Path, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "index.sqlite"
    with sharing(recognising, file) as shared:
        shared.await_stored()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = int(database.execute("PRAGMA page_size").fetchone()[0])
    pages = bytearray(file.read_bytes())
    begin = int(len(pages) // size * share) * size
    pages[begin + 8 : begin + size] = random.Random(7).randbytes(size - 8)  # noqa: S311 (a seeded test)
    file.write_bytes(pages)
    caplog.clear()
    with sharing(recognising, file) as shared:
        shared.require_service()
        fault = shared.ledger.index.fault
        is_mended = "made again" in caplog.text or "rows were damaged" in caplog.text
        assert (fault is not None) or is_mended or shared.ledger.head() <= shared.stored_block()
        if fault is not None:
            assert str(file) in str(fault)
            assert str(fault) in caplog.text


# ---- callers ----


def connect(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=WITHIN_S)


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    found = bytearray()
    try:
        while part := connection.recv(1 << 16):
            found += part
    except ConnectionResetError:
        pass
    return bytes(found)


def test_slow_clients_are_sent_away_and_nobody_waits_for_them(recognising: Network) -> None:
    """They have ten seconds each; the others are served meanwhile."""
    head = b"POST /v1/decisions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    with ExitStack() as opened:
        slow = []
        for place in range(120):
            slow.append(connection := opened.enter_context(connect(recognising.url)))
            connection.sendall(head[: 40 + place % 20] if place % 2 else head + b"content-length: 9000\r\n\r\n{")
        assert recognising.http.get("/livez").status_code == 200
        publish(recognising)
        said = [read_all(connection) for connection in slow]
    assert {bytes(answer) for answer in said[1::2]} == {b""}, "half a head is no request"
    for answer in said[::2]:
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"urn:aeo-ledger:problem:slow-request" in answer
    assert recognising.http.get("/readyz").status_code == 200


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_a_body_of_a_hundred_megabytes_is_refused_before_it_is_there(recognising: Network, announced: bool) -> None:
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield bytes(1_000_000)

    length = b"content-length: 100000000" if announced else b"transfer-encoding: chunked"
    head = (
        b"POST /v1/decisions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" + length + b"\r\n\r\n"
    )
    with connect(recognising.url) as connection:
        connection.sendall(head)
        try:
            for part in body():
                connection.sendall(part if announced else b"%x\r\n%b\r\n" % (len(part), part))
        except (ConnectionResetError, BrokenPipeError):
            pass
        answer = read_all(connection)
    assert answer == b"" or (answer.startswith(b"HTTP/1.1 413 ") and b"oversized-body" in answer), answer[:200]
    assert sent < 100, "all of it was read"
    if announced:
        with connect(recognising.url) as connection:
            connection.sendall(head)
            told = read_all(connection)
        assert told.startswith(b"HTTP/1.1 413 ")
        assert MEDIA_TYPE.encode() in told
        assert b"urn:aeo-ledger:problem:oversized-body" in told
    assert recognising.http.get("/readyz").status_code == 200


def test_a_burst_is_answered_or_refused_by_name_and_service_goes_on(recognising: Network) -> None:
    path = f"/v1/decisions?tin={TIN}&recogniser=CN&direction=import&role=carrier"
    counted: Counter[tuple[int, str]] = Counter()

    async def ask(count: int) -> None:
        async with httpx.AsyncClient(base_url=recognising.url, timeout=300) as client:
            for _ in range(count):
                answer = await client.get(path)
                if answer.status_code != 200:
                    assert int(answer.headers["retry-after"]) >= 1
                counted[(200, "") if answer.status_code == 200 else problem(answer)] += 1

    async def burst() -> None:
        async with asyncio.TaskGroup() as all_of_them:
            for _ in range(connection_module.EACH + 30):
                all_of_them.create_task(ask(BURST // connection_module.EACH + 1))

    asyncio.run(burst())
    assert sum(counted.values()) >= BURST
    assert set(counted) <= {(200, ""), (429, "connections-used"), (429, "share-used"), (503, "line-full")}, counted
    assert counted[200, ""] > 0
    assert recognising.http.get("/readyz").status_code == 200
    publish(recognising)
