"""A node's HTTP: JSON-RPC for programs, nothing for browsers, and a bound on everything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from aeo_ledger.rpc.server import LARGEST_BATCH, LARGEST_BODY, create_node
from support.network import served

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


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b""])
def test_what_is_no_json_is_a_parse_error(client: httpx.Client, body: bytes) -> None:
    _refused(client, 400, -32700, content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    ("body", "code"),
    [(3, -32600), ({}, -32600), ({"method": 3}, -32600), ({"method": "x", "params": {"a": 1}}, -32602)],
)
def test_what_is_no_request_is_said_so(client: httpx.Client, body: object, code: int) -> None:
    assert client.post("/", json=body).json()["error"]["code"] == code


def test_a_fault_is_an_internal_error_that_tells_no_secret(client: httpx.Client) -> None:
    answer = client.post("/", json={**ASK, "method": "fault"})
    assert answer.json()["error"] == {
        "code": -32603,
        "message": "the node met an error that it did not foresee: ZeroDivisionError",
    }
