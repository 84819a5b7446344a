"""Nobody is starved: cheap requests are answered at once while a gateway, in its own process, is flooded with costly ones."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, Role
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.signing import Password, open_key_file
from support.network import PASSWORD, now
from support.waiting import WITHIN_S
from support.workshop import TYPE_3, Workshop, opened_workshop

QUESTION: dict[str, Any] = {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}
MANIFEST = {"questions": [{**QUESTION, "tin": f"BY{100_000_000 + place}"} for place in range(1_000)]}
AT_ONCE_S = 4.0
"""Seconds that count as at once; without queues it took 4 to 90."""
PROBE = f"""
import json, select, sys, time, httpx
url, path, asked = sys.argv[1:]
with httpx.Client(base_url=url, timeout={WITHIN_S}) as client:
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        began = time.monotonic()
        client.get(path, params=json.loads(asked)).raise_for_status()
        print(time.monotonic() - began, flush=True)
"""
"""Asks until its input ends, and prints the seconds of each answer: a process of its own, so that a busy test delays nothing."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A workshop of its own, so that no other test runs in a flood."""
    with opened_workshop(tmp_path_factory.mktemp("flooded")) as shop:
        yield shop


Send = Callable[[httpx.AsyncClient, int], Coroutine[Any, Any, httpx.Response]]


def flood(url: str, count: int, send: Send) -> list[httpx.Response]:
    """Send many requests at the same time, each on its own connection."""

    async def all_of_them() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=300, limits=limits) as client:
            return await asyncio.gather(*(send(client, place) for place in range(count)))

    return asyncio.run(all_of_them())


@contextmanager
def answered_at_once(url: str, path: str, **asked: str) -> Iterator[None]:
    """Let another process send a cheap request again and again, and demand that none waited for the flood: on a slow machine, not for half of it."""
    command = [sys.executable, "-c", PROBE, url, path, json.dumps(asked)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probing:
        assert probing.stdin is not None
        assert probing.stdout is not None
        probing.stdout.readline()  # it has begun
        began = time.monotonic()
        try:
            yield
        finally:
            lasted = time.monotonic() - began
            said, _ = probing.communicate()
    assert probing.returncode == 0
    took = list(map(float, said.split()))
    assert max(took) < max(AT_ONCE_S, lasted / 2), f"{sorted(took)[-5:]} in {lasted:.1f} s"


def judge(answers: list[httpx.Response], good: int) -> Counter[int]:
    """Check that each was answered or told when to try again, and count the answers by status."""
    for answer in answers:
        if answer.status_code != good:
            assert answer.status_code in {429, 503}, answer.text
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.json()["type"].rpartition(":")[2] in {"share-used", "line-full"}
            assert int(answer.headers["retry-after"]) == answer.json()["facts"]["retry_after_s"] >= 1
    return Counter(answer.status_code for answer in answers)


def test_health_is_answered_at_once_during_eighty_manifests(shop: Workshop) -> None:
    content, kind = json.dumps(MANIFEST).encode(), {"content-type": "application/json"}
    with answered_at_once(shop.url, "/healthz"):
        counted = judge(
            flood(shop.url, 80, lambda client, _: client.post("/v1/decisions", content=content, headers=kind)), 200
        )
    assert counted[200] >= 4
    assert counted[429] > 60


def test_a_decision_is_answered_at_once_during_two_hundred_snapshots(shop: Workshop) -> None:
    with answered_at_once(shop.url, "/v1/decisions", **QUESTION, evidence="true"):
        counted = judge(flood(shop.url, 200, lambda client, _: client.get("/v1/snapshot")), 200)
    assert counted[200] >= 16
    assert counted[429] > 100


def test_a_decision_is_answered_at_once_during_two_hundred_acts(shop: Workshop) -> None:
    acts = _grants(shop, 200)
    kind = {"content-type": "application/json"}
    with answered_at_once(shop.url, "/v1/decisions", **QUESTION, evidence="true"):
        counted = judge(
            flood(shop.url, 200, lambda client, n: client.post("/v1/acts", content=acts[n], headers=kind)), 201
        )
    assert counted[201] >= 64
    assert counted[429] > 60


def test_histories_wait_in_their_queue_however_they_are_asked_for(shop: Workshop) -> None:
    asked = ({"history": "true"}, {"history": ""}, {"h%69story": "true"})
    for more in asked:
        query = "&".join(f"{name}={value}" for name, value in {**QUESTION, **more}.items())
        answers = flood(shop.url, 30, lambda client, _, query=query: client.get(f"/v1/decisions?{query}"))  # type: ignore[misc]
        assert Counter(answer.status_code for answer in answers)[429] > 10, more


def test_a_caller_that_comes_back_when_told_is_served(shop: Workshop) -> None:
    """Twelve border systems send a manifest each, and four may wait at a time: the client tries again by itself."""
    questions = [read_question(**QUESTION)] * 200
    with GatewayClient(shop.url, timeout_s=WITHIN_S) as desk, ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: desk.evidence_of_many(questions), range(12)))
    assert all(len(evidence.questions) == 200 for evidence in found)


def _grants(shop: Workshop, count: int) -> list[bytes]:
    """Sign grants, each in a publication of its own."""
    trust = read_trust(shop.folder / "trust.json")
    signer = open_key_file(shop.folder / "parties/BY/operator.json", Password(PASSWORD))
    change = Change(kind=EventKind.GRANT, roles=1 << Role.CARRIER, valid_from=now() - 1_000)
    record = encode_record(prepare(change, None, issuer=1, now=now()))
    made = []
    for place in range(count):
        entry = make_entry(1, 2, derive_open_holder(1, 2, Tin(f"BY{810_000_000 + place}")))
        values: dict[str, Any] = {
            "register": 1,
            "issuer": 1,
            "former": 0,
            "capacity": int(Capacity.OPERATORS),
            "deadline": now() + 600,
            "events": [{"entry": entry, "record": record, "document": bytes(32)}],
            "details": b"",
        }
        made.append(
            json.dumps(sign_act(SignedAct(name="Publication", values=values), [signer], trust).to_json()).encode()
        )
    return made
