"""A gateway is watched: alive, ready, counted and logged, and nothing of it names a trader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from aeo_ledger.cli.operating import counting_together
from aeo_ledger.errors.gateway import NotReady
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.metrics import Metrics
from aeo_ledger.gateway.operation import LOOPBACK, Operation, _is_from, read_networks
from aeo_ledger.gateway.problems import from_problem
from aeo_ledger.gateway.readiness import NOTICE_S, examine, tell_ready
from aeo_ledger.prover.indexed import IndexedLedger
from support.disks import small_disk
from support.network import Network, now, served
from support.processes import Served

TIN, OTHER, TOKEN, NAME = "BY511125808", "BY000000777", "secret-token-0123456789", "Aliaksandr"
SECRETS = (TIN, OTHER, TOKEN, NAME, "511125808", "000000777")


def ask_everywhere(http: httpx.Client) -> list[int]:
    """Put TINs, a token and a name wherever a caller can put them; return the statuses."""
    headers = {"x-token": TOKEN, "x-trader": OTHER, "user-agent": NAME, "referer": f"http://x/{TIN}"}
    question = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "carrier"}
    answers = [
        http.get(f"/v1/traders/{TIN}/recognitions", params={"role": "carrier"}, headers=headers),
        http.get("/v1/decisions", params=question, headers=headers),
        http.get("/v1/decisions", params={**question, OTHER: NAME}, headers=headers),
        http.head("/v1/decisions", params=question, headers=headers),
        http.post("/v1/decisions", json={"questions": [question, {"tin": OTHER}]}, headers=headers),
        http.post("/v1/decisions", content=f'{{"{TIN}": ', headers={**headers, "content-type": "application/json"}),
        http.get(f"/{TIN}/{NAME}", headers=headers),
        http.request(OTHER, f"/v1/traders/{TIN}/recognitions", headers=headers),
        http.get("/v1/parties", headers={"host": f"{OTHER}.example"}),
        http.get(f"/v1/documents/0x{'00' * 32}", headers=headers),
        http.get("/v1/keys", params={"party": TIN}, headers={**headers, "authorization": f"Bearer {TOKEN}"}),
    ]
    return [answer.status_code for answer in answers]


@pytest.fixture(scope="module")
def watched(recognising: Network) -> Iterator[httpx.Client]:
    """A gateway that counts, on the ledger of the module."""
    running = recognising.running
    operation = Operation(metrics=Metrics(running.ledger, running.trust))
    app = create_app(running.ledger, running.relay, running.trust, behind="a test", operation=operation)
    with served(app) as url, httpx.Client(base_url=url, timeout=60) as http:
        yield http


# ---- alive, ready ----


def test_a_gateway_that_follows_its_ledger_is_alive_and_ready(recognising: Network) -> None:
    assert recognising.http.get("/livez").json() == {"alive": True}
    assert recognising.http.get("/readyz").json() == {"ready": True, "notes": []}


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        (-60, "ahead of this machine's clock"),
        (3_600, "old, at most 5m is fresh"),
        (None, "the trust bundle ends in 1d"),
        (1 << 30, "the trust bundle has ended"),
    ],
)
def test_what_cannot_be_proven_is_not_ready_and_says_why(recognising: Network, shift: int | None, told: str) -> None:
    ledger, trust = recognising.running.ledger, recognising.trust
    at = trust.expires_at - NOTICE_S if shift is None else ledger.time_of(ledger.head()) + shift
    app = create_app(ledger, recognising.running.relay, trust, behind="", operation=Operation(clock=lambda: at))
    with served(app) as url:
        answer = httpx.get(f"{url}/readyz")
        assert httpx.get(f"{url}/livez").status_code == httpx.get(f"{url}/healthz").status_code == 200
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:aeo-ledger:problem:not-ready")
    assert told in answer.json()["detail"]
    assert str(from_problem(answer.json(), 503)) in answer.json()["detail"]


def test_a_node_that_fails_and_an_index_that_stays_behind_are_not_ready(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, trust = recognising.running.ledger, recognising.trust
    assert examine(ledger, trust, now()).reasons == ()
    with monkeypatch.context() as patch:
        patch.setattr(IndexedLedger, "fault", "its log is of another chain")
        with pytest.raises(NotReady, match="the index does not follow the node"):
            tell_ready(ledger, trust, now())

    def fail() -> int:
        raise NodeFailed(method="eth_blockNumber", detail="it is gone")

    monkeypatch.setattr(ledger, "head", fail)
    with pytest.raises(NotReady, match="it is gone"):
        tell_ready(ledger, trust, now())
    assert b"aeo_ledger_gateway_ready 0.0" in Metrics(ledger, trust).write()


def test_without_the_indexs_database_it_is_ready_and_says_that_memory_answers(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, metrics = recognising.running.ledger, Metrics(recognising.running.ledger, recognising.trust)
    assert isinstance(ledger, IndexedLedger)
    assert recognising.http.get("/healthz").json()["database"] is None
    assert b"aeo_ledger_index_database_works 1.0" in metrics.write()
    fault = IndexUnavailable(database="sqlite:///index.sqlite", detail="database or disk is full")
    monkeypatch.setattr(ledger.index, "fault", fault)
    ready, health = recognising.http.get("/readyz"), recognising.http.get("/healthz").json()
    assert (ready.status_code, ready.json()["notes"]) == (200, [f"answers come from memory alone: {fault}"])
    assert (health["status"], health["database"]) == ("ok", str(fault))
    lines = metrics.write().decode().splitlines()
    assert {"aeo_ledger_index_database_works 0.0", "aeo_ledger_gateway_ready 1.0"} <= set(lines)


# ---- metrics ----


def test_requests_are_counted_by_template_and_no_trader_is_in_the_metrics(watched: httpx.Client) -> None:
    statuses = ask_everywhere(watched)
    text = watched.get("/metrics").text
    assert [secret for secret in SECRETS if secret in text] == []
    lines = text.splitlines()
    for method, route, status in (
        ("GET", "/v1/traders/{tin}/recognitions", 200),
        ("GET", "/v1/decisions", 200),
        ("GET", "/v1/decisions", 400),
        ("HEAD", "/v1/decisions", 200),
        ("OTHER", "/v1/traders/{tin}/recognitions", 405),
        ("GET", "none", 404),
        ("GET", "/v1/parties", 421),
        ("GET", "/v1/keys", 401),
    ):
        labels = f'{{method="{method}",route="{route}",status="{status}"}}'
        assert f"aeo_ledger_gateway_requests_total{labels} 1.0" in lines, text
    counted = sum(float(line.split()[1]) for line in lines if line.startswith("aeo_ledger_gateway_requests_total"))
    assert counted == len(statuses)
    assert "aeo_ledger_gateway_ready 1.0" in lines
    assert any(line.startswith("aeo_ledger_trust_left_seconds ") for line in lines)


def test_metrics_are_for_loopback_and_the_networks_that_are_named(watched: httpx.Client, recognising: Network) -> None:
    for header in ("forwarded", "x-forwarded-for"):
        refused = watched.get("/metrics", headers={header: "127.0.0.1"})
        assert (refused.status_code, refused.json()["type"]) == (404, "urn:aeo-ledger:problem:no-such-route")
    assert recognising.http.get("/metrics").status_code == 404  # nothing is counted there
    allowed = (*LOOPBACK, *read_networks(["10.1.0.0/16", "fd00::1"]))
    for address, may in (
        ("127.0.0.1", 1),
        ("::1", 1),
        ("10.1.9.9", 1),
        ("fd00::1", 1),
        ("10.2.0.1", 0),
        ("8.8.8.8", 0),
    ):
        request = Request({"type": "http", "client": (address, 1), "headers": []})
        assert _is_from(request, allowed) is bool(may), address
    assert not _is_from(Request({"type": "http", "client": None, "headers": []}), allowed)
    for odd in ("10.1.0.1/16", "everywhere", ""):
        with pytest.raises(MalformedText):
            read_networks([odd])


def test_several_workers_count_together(tmp_path: Path) -> None:
    script = """
import os
import shutil
from aeo_ledger.gateway.metrics import Metrics
from aeo_ledger.gateway.observe import Served
counted = Metrics(None, None)
for worker in range(3):
    child = os.fork()
    if child == 0:
        counted.observe(Served(method="GET", route="/v1/x", status=200, seconds=0.1))
        os._exit(0)
    os.waitpid(child, 0)
counted._ledger.collect = lambda: iter(())
print(counted.write().decode())
"""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert 'aeo_ledger_gateway_requests_total{method="GET",route="/v1/x",status="200"} 3.0' in told.stdout
    assert 'aeo_ledger_gateway_request_seconds_count{route="/v1/x"} 3.0' in told.stdout


def test_a_full_disk_ends_no_worker(tmp_path: Path) -> None:
    """The library maps its files: without blocks of their own, the first count on a full disk would end the process by a signal."""
    script = """
import sys
from pathlib import Path
from aeo_ledger.errors import Unavailable
from aeo_ledger.gateway.metrics import Metrics
from aeo_ledger.gateway.observe import Served
from support.disks import fill
counted = Metrics(None, None)
fill(Path(sys.argv[1]))
for number in range(900):
    counted.observe(Served(method="GET", route=f"/v1/x/{number % 50}", status=200 + number % 18, seconds=0.1))
print("counted")
"""
    with small_disk(tmp_path / "disk", 2_048) as disk:
        paths = [str(Path(__file__).parents[1]), *sys.path]
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(disk), "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-c", script, str(disk)]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "counted\n"), told.stderr
    assert "FileUnavailable" in again.stderr  # it says so at its start


def test_what_workers_count_is_in_memory_and_removed() -> None:
    with counting_together() as folder:
        assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
    memory = Path("/dev", "shm")
    assert folder.parent == memory or not os.access(memory, os.W_OK)
    assert not folder.exists()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


# ---- the log ----


def test_a_log_of_json_names_no_trader_whatever_callers_send(tmp_path: Path, founded: Path) -> None:
    shutil.copytree(founded, tmp_path / "net")
    (tmp_path / "gateway.toml").write_text('folder = "net"\nlog = "json"\n')
    gateway = Served(["gateway", "--config", str(tmp_path / "gateway.toml")], tmp_path / "log")
    gateway.start()
    try:
        with httpx.Client(base_url=gateway.url, timeout=60) as http:
            statuses = ask_everywhere(http)
            text = http.get("/metrics").text
    finally:
        gateway.stop()
    log = (tmp_path / "log").read_text()
    assert [secret for secret in SECRETS if secret in log + text] == []
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request" and line["route"] not in {"/metrics", "/healthz"}]
    assert [line["status"] for line in requests][-len(statuses) :] == statuses
    assert {"time", "level", "logger", "method", "route", "status", "ms", "event"} == set(requests[0])
    assert any("a simulation on one machine" in line["event"] for line in lines)
