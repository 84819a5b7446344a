"""A node's HTTP server: JSON-RPC for programs, nothing for browsers, and limits on everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from aeo_ledger.rpc import server
from aeo_ledger.rpc.server import BATCH_S, LARGEST_BATCH, LARGEST_BODY, create_node
from aeo_ledger.transport import queue
from support.network import served
from support.waiting import WITHIN_S

ASK = {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []}


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    if request["method"] == "fault":
        raise ZeroDivisionError("secret")
    return {"jsonrpc": "2.0", "id": request.get("id"), "result": request["method"]}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(create_node(_answer)) as url, httpx.Client(base_url=url) as client:
        yield client


def _refused(client: httpx.Client, status: int, code: int, **request: Any) -> str:
    answer = client.post("/", **request)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    message: str = answer.json()["error"]["message"]
    return message


def test_a_request_and_a_batch_are_answered(client: httpx.Client) -> None:
    assert client.post("/", json=ASK).json() == {"jsonrpc": "2.0", "id": 7, "result": "eth_chainId"}
    batch = client.post("/", json=[ASK, {**ASK, "id": "x"}, 3]).json()
    assert [one["id"] for one in batch] == [7, "x", None]
    assert batch[2]["error"]["code"] == -32600


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8545", "localhost:8545", "[::1]:8545", "192.168.1.5:8545"])
def test_hosts_that_are_addresses_are_answered(client: httpx.Client, host: str) -> None:
    assert client.post("/", json=ASK, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:8545", "localhost.rebound.example", "", "[::1", "127.0.0.1.x"]
)
def test_a_host_that_is_a_name_is_refused_since_names_can_be_rebound(client: httpx.Client, host: str) -> None:
    assert "Host" in _refused(client, 403, -32600, json=ASK, headers={"host": host})


def test_a_web_pages_request_is_refused_and_no_cors_is_offered(client: httpx.Client) -> None:
    _refused(client, 403, -32600, json=ASK, headers={"origin": "http://127.0.0.1:8545"})
    _refused(client, 403, -32600, json=ASK, headers={"origin": "null"})
    preflight = client.options("/", headers={"origin": "http://x.example", "access-control-request-method": "POST"})
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_must_say_that_it_is(client: httpx.Client, kind: str) -> None:
    _refused(client, 415, -32600, content=json.dumps(ASK), headers={"content-type": kind})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_post_is_answered(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/").status_code == 405


def test_nothing_is_at_other_paths(client: httpx.Client) -> None:
    assert client.post("/rpc", json=ASK).status_code == 404


def test_a_body_beyond_the_limit_is_not_read(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    assert (
        client.post("/", content=b" " * (LARGEST_BODY - 200) + json.dumps(ASK).encode(), headers=headers).status_code
        == 200
    )
    _refused(client, 413, -32600, content=b" " * (LARGEST_BODY + 1), headers=headers)


@pytest.mark.parametrize("size", [0, LARGEST_BATCH + 1])
def test_a_batch_has_one_to_so_many_requests(client: httpx.Client, size: int) -> None:
    _refused(client, 400, -32600, json=[ASK] * size)


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"', '"\\udc00\\ud800"'])
@pytest.mark.parametrize("form", ["{}", '[{{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}}, {}]'])
@pytest.mark.parametrize("member", ["id", "method", "params"])
def test_what_json_cannot_say_is_a_parse_error_wherever_it_stands(
    client: httpx.Client, odd: str, form: str, member: str
) -> None:
    request = {"jsonrpc": '"2.0"', "id": "7", "method": '"eth_chainId"', "params": "[]"}
    request[member] = odd if member != "params" else f"[{odd}]"
    text = form.format("{" + ", ".join(f'"{name}": {value}' for name, value in request.items()) + "}")
    message = _refused(client, 400, -32700, content=text, headers={"content-type": "application/json"})
    assert "the request cannot be read" in message


def test_a_key_that_stands_twice_is_a_parse_error(client: httpx.Client) -> None:
    text = '{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "method": "eth_sendRawTransaction"}'
    message = _refused(client, 400, -32700, content=text, headers={"content-type": "application/json"})
    assert "the key 'method' appears twice" in message


@pytest.mark.parametrize("odd", [True, [1], {"a": 1}])
def test_an_id_of_another_kind_is_answered_as_no_request_and_the_others_of_its_batch_are(
    client: httpx.Client, odd: object
) -> None:
    alone = client.post("/", json={**ASK, "id": odd})
    assert (alone.status_code, alone.json()["error"]["code"], alone.json()["id"]) == (200, -32600, None)
    batch = client.post("/", json=[ASK, {**ASK, "id": odd}, {**ASK, "id": 1.5}, {**ASK, "id": 10**60}]).json()
    assert [one["id"] for one in batch] == [7, None, 1.5, 10**60]
    assert ["error" in one for one in batch] == [False, True, False, False]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b""])
def test_what_is_no_json_is_a_parse_error(client: httpx.Client, body: bytes) -> None:
    _refused(client, 400, -32700, content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    ("body", "code"),
    [(3, -32600), ({}, -32600), ({"method": 3}, -32600), ({"method": "x", "params": {"a": 1}}, -32602)],
)
def test_what_is_no_request_is_said_so(client: httpx.Client, body: object, code: int) -> None:
    assert client.post("/", json=body).json()["error"]["code"] == code


@pytest.mark.parametrize(
    "body", [b"[" + b"[[]]," * 100_000 + b"0]", b"[" * 65 + b"]" * 65, b'{"":' * 65 + b"0" + b"}" * 65]
)
def test_json_made_to_be_dear_is_refused_before_it_is_parsed(client: httpx.Client, body: bytes) -> None:
    assert len(body) < LARGEST_BODY
    _refused(client, 400, -32700, content=body, headers={"content-type": "application/json"})


def test_every_answer_says_what_it_is_and_not_who_serves_it(client: httpx.Client) -> None:
    for answer in (client.post("/", json=ASK), client.get("/"), client.post("/", content=b"{")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


def test_a_node_may_be_given_names() -> None:
    with served(create_node(_answer, names=["node1"])) as url:
        assert httpx.post(url, json=ASK, headers={"host": "node1:8545"}).status_code == 200
        assert httpx.post(url, json=ASK, headers={"host": "node2:8545"}).status_code == 403


# ---- queues ----

DEAR = [
    {**ASK, "method": "eth_call"},
    {**ASK, "method": "eth_estimateGas"},
    {**ASK, "method": "eth_getLogs"},
    {**ASK, "method": "eth_getProof", "params": ["0x", ["0x0"] * 65, "latest"]},
    [ASK, {**ASK, "method": "eth_call"}],
]


@pytest.mark.parametrize("expensive", DEAR, ids=["call", "estimate", "logs", "large proof", "in a batch"])
def test_short_reads_are_answered_while_expensive_requests_wait(
    expensive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two run, sixty-four wait or belong to one caller, and the others are told when to try again."""
    monkeypatch.setattr(queue, "PATIENCE_S", WITHIN_S)
    free = threading.Event()

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        if request["method"] != "eth_chainId":
            free.wait(WITHIN_S)
        return {"jsonrpc": "2.0", "id": request["id"], "result": "0x1"}

    with served(create_node(answer)) as url, ThreadPoolExecutor(80) as pool:
        limits = httpx.Limits(max_connections=None)
        with httpx.Client(base_url=url, timeout=WITHIN_S, limits=limits) as client:
            try:
                answers = [pool.submit(client.post, "/", json=expensive) for _ in range(80)]
                refused = [one.result() for one in islice(as_completed(answers, timeout=WITHIN_S), 16)]
                short = client.post("/", json=ASK)
            finally:
                free.set()
            assert short.json()["result"] == "0x1"
            for one in refused:
                assert (one.status_code, one.json()["error"]["code"]) == (429, -32005)
                assert int(one.headers["retry-after"]) >= 1
            assert sorted(one.result().status_code for one in answers) == [200] * 64 + [429] * 16


def test_what_is_left_of_a_batch_is_not_begun_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        passed[0] += 0.4 * BATCH_S
        return _answer(request)

    with served(create_node(answer)) as url:
        batch = httpx.post(url, json=[{**ASK, "id": place} for place in range(20)], timeout=WITHIN_S).json()
    assert [one["id"] for one in batch] == list(range(20))
    assert ["result" in one for one in batch] == [True] * 3 + [False] * 17
    assert {one["error"]["code"] for one in batch[3:]} == {-32005}


def test_a_fault_is_an_internal_error_that_tells_no_secret(client: httpx.Client) -> None:
    answer = client.post("/", json={**ASK, "method": "fault"})
    assert answer.json()["error"] == {
        "code": -32603,
        "message": "the node met an unexpected error: ZeroDivisionError",
    }
