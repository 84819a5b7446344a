"""The record of decisions counts what was told, over all processes, and tells of no trader."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.operation import Operation
from aeo_ledger.gateway.record import DAY_S, DecisionRecord
from aeo_ledger.prover.index_store import IndexStore
from support.network import Network, served
from support.postgres import postgres

__all__ = ["postgres"]

TIN, STRANGER = "BY511125808", "BY192900384"
DAY = 20_000
NOON = DAY * DAY_S + DAY_S // 2
FIRST = date(1970, 1, 1) + timedelta(days=DAY)


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


def told(recognised: bool | None = True, reason: str = "", registers: tuple[str, ...] = ("BY",)) -> dict[str, Any]:
    question = {"tin": TIN, "recogniser": "CN"}
    return {
        "question": question,
        "recognised": recognised,
        "reasons": [reason] if reason else [],
        "registers": list(registers),
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'index.sqlite'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@contextmanager
def recording(database: str, hand: Hand, **options: Any) -> Iterator[DecisionRecord]:
    with IndexStore(database) as store, DecisionRecord(store, clock=hand, every_s=3_600, **options) as record:
        yield record


def test_processes_add_to_one_count_and_small_counts_are_not_given(database: str) -> None:
    hand = Hand()
    with recording(database, hand) as one, recording(database, hand) as other:

        def work(record: DecisionRecord) -> None:
            for _ in range(10):
                record.tell(
                    {"decisions": [told(), told(recognised=False, reason="suspended"), told(None, "", ())]}, "a"
                )
                record.tell(told(registers=("EAC", "BY")), "a")
                record.flush()

        threads = [threading.Thread(target=work, args=(record,)) for record in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        other.tell({"decisions": [told(recognised=False, reason="not_found", registers=("EAC", "BY"))] * 4}, "a")
        assert one.read(DAY, DAY + 9) == [], "the day is not over"
    hand.now += DAY_S
    with recording(database, hand) as later:
        found = {counted.cell[1:]: counted.count for counted in later.read(DAY, DAY + 9)}
    assert found == {
        ("CN", "BY", "recognised", ""): 40,
        ("CN", "BY", "not_recognised", "suspended"): 20,
        ("CN", "", "unproven", ""): 20,
        ("CN", "EAC+BY", "not_recognised", "not_found"): None,
    }
    with recording(database, hand, small=4) as generous:
        counts = [counted.count for counted in generous.read(DAY, DAY + 9, "CN", "EAC+BY")]
        assert counts == [4]
        assert generous.read(DAY, DAY + 9, "KZ") == generous.read(DAY + 1, DAY + 9) == generous.read(DAY - 9, DAY) == []


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"a": 4}, None),
        ({"a": 5}, 5),
        ({"a": 100, "b": 1}, None),
        ({"a": 100, "b": 4}, None),
        ({"a": 100, "b": 5}, 105),
        ({"a": 3, "b": 2}, None),
        ({"a": 3, "b": 3, "c": 2}, 8),
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, None),
        (dict.fromkeys("abcdef", 1), 6),
    ],
    ids=str,
)
def test_no_asker_lifts_what_others_asked_over_the_limit(
    database: str, asked: dict[str, int], given: int | None
) -> None:
    """Whoever asks knows its own part: what is left of a count must be nothing, or as much as the limit."""
    hand = Hand()
    with recording(database, hand) as one, recording(database, hand) as other:
        for place, (asker, count) in enumerate(asked.items()):
            for _ in range(count):
                (one if place % 2 else other).tell(told(), asker)
            one.flush()
            other.flush()
        hand.now += DAY_S
        assert [counted.count for counted in one.read(DAY, DAY + 1)] == [given]


def test_what_has_no_decision_counts_nothing(tmp_path: Path) -> None:
    hand = Hand()
    unread: dict[str, Any] = {"question": None, "recognised": None, "reasons": [], "registers": [], "problem": {}}
    with recording(f"sqlite:///{tmp_path / 'x.sqlite'}", hand, small=1) as record:
        documents: list[dict[str, Any]] = [{"block": 1}, {"decisions": []}, {"decisions": [unread]}]
        for document in documents:
            record.tell(document, "a")
        record.flush()
        hand.now += DAY_S
        assert record.read(0, DAY + 9) == []


def test_a_killed_process_loses_what_it_counted_since_its_last_addition_and_no_more(tmp_path: Path) -> None:
    hand, database = Hand(), f"sqlite:///{tmp_path / 'index.sqlite'}"
    child = os.fork()
    if child == 0:
        with IndexStore(database) as store:
            record = DecisionRecord(store, clock=hand)
            record.tell({"decisions": [told()] * 30}, "a")
            record.flush()
            record.tell({"decisions": [told()] * 7}, "a")
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    hand.now += DAY_S
    with recording(database, hand) as record:
        assert [counted.count for counted in record.read(DAY, DAY + 1)] == [30]


def test_what_the_database_refuses_is_kept_and_added_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Hand()
    with recording(f"sqlite:///{tmp_path / 'index.sqlite'}", hand) as record:
        with monkeypatch.context() as patched:

            def refuse(**_: Any) -> Any:
                raise IndexUnavailable(database="x", detail="disk full")

            patched.setattr(record._store, "transaction", refuse)
            record.tell({"decisions": [told()] * 6}, "a")
            record.flush()
            with pytest.raises(IndexUnavailable):
                record.read(DAY, DAY + 1)
        record.tell(told(), "a")
        record.flush()
        hand.now += DAY_S
        assert [counted.count for counted in record.read(DAY, DAY + 1)] == [7]


# ---- over HTTP ----


def test_a_gateway_counts_what_it_told_and_keeps_no_trader(recognising: Network, tmp_path: Path) -> None:
    running, hand = recognising.running, Hand()
    file = tmp_path / "index.sqlite"
    asked = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "carrier"}
    lane = {name: value for name, value in asked.items() if name != "tin"}
    with recording(f"sqlite:///{file}", hand) as record:
        app = create_app(running.ledger, running.relay, running.trust, behind="", operation=Operation(record=record))
        with served(app) as url, httpx.Client(base_url=url, timeout=60) as http:
            for headers in ({}, {"accept": "application/cbor"}):
                assert http.get("/v1/decisions", params=asked, headers=headers).status_code == 200
            assert http.post("/v1/decisions", json={"questions": [asked] * 5}).status_code == 200
            view = http.get(f"/v1/traders/{STRANGER}/recognitions", params={"role": "carrier", "recognisers": "CN"})
            assert view.status_code == 200
            assert http.get("/v1/decisions", params={**asked, "tin": "??"}).status_code == 400
            about = http.get("/v1/recognitions", params={**lane, "register": "BY", "type": "3"})
            assert about.status_code == 200, about.text
            assert http.get("/v1/statistics").json()["counts"] == []
            record.flush()
            hand.now += DAY_S
            body = http.get("/v1/statistics").json()
            assert (body["since"], body["until"]) == (str(FIRST - timedelta(days=30)), str(FIRST + timedelta(days=1)))
            assert body["fewer_than"] == 5
            yes = {"day": str(FIRST), "recogniser": "CN", "register": "BY", "verdict": "recognised", "reason": None}
            assert {**yes, "count": 7} in body["counts"]
            assert [row["count"] for row in body["counts"] if row["verdict"] != "recognised"] == [None] * (
                len(body["counts"]) - 1
            )
            assert len(body["counts"]) > 1
            narrowed = http.get("/v1/statistics", params={"since": str(FIRST), "recogniser": "KZ"}).json()
            assert narrowed["counts"] == []
            for odd in (
                {"since": "2020-13-01"},
                {"since": "1969-01-01"},
                {"until": "0001-01-01"},
                {"since": str(FIRST + timedelta(days=9))},
                {"recogniser": "cn"},
                {"trader": TIN},
            ):
                refused = http.get("/v1/statistics", params=odd)
                assert (refused.status_code, refused.json()["family"]) == (400, "malformed"), odd
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [trader for trader in (TIN, STRANGER, TIN[2:], "127.0.0.1") if trader.encode() in kept] == []
    assert b"CNBYrecognised" in kept


@pytest.mark.parametrize(
    ("path", "asked", "cells"),
    [
        (
            "/authorization",
            {"entity_id": TIN, "authority_id": "CN", "action": "import", "resource": "carrier"},
            {("CN", "BY", "recognised", "")},
        ),
        (
            "/v1/corridors",
            {"tin": TIN, "corridor": ["BY", "KZ", "CN", "TR"], "role": "carrier"},
            {("KZ", "BY", "not_recognised", "no_arrangement"), ("CN", "BY", "recognised", "")},
        ),
        (
            "/recognition",
            {"entity_id": "BY", "authority_id": "CN", "action": "import", "resource": "3:carrier"},
            set(),
        ),
    ],
)
def test_every_way_to_ask_about_a_trader_counts(
    recognising: Network, tmp_path: Path, path: str, asked: dict[str, Any], cells: set[tuple[str, ...]]
) -> None:
    running, hand = recognising.running, Hand()
    with recording(f"sqlite:///{tmp_path / 'index.sqlite'}", hand, small=1) as record:
        operation = Operation(record=record)
        app = create_app(running.ledger, running.relay, running.trust, behind="", operation=operation)
        with served(app) as url:
            answer = httpx.post(url + path, json=asked, timeout=60)
        assert answer.status_code == 200, answer.text
        record.flush()
        hand.now += DAY_S
        found = {counted.cell[1:]: counted.count for counted in record.read(DAY, DAY + 1)}
    assert found == dict.fromkeys(cells, 1)


def test_a_gateway_without_a_database_says_that_it_keeps_no_record(recognising: Network) -> None:
    refused = recognising.http.get("/v1/statistics")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:aeo-ledger:problem:no-record-kept")
