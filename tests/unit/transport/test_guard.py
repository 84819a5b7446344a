"""The request guard of a server, over real sockets: incomplete requests, wrong hosts, long bodies, callers that do not read."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import partial

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.transport import connection as connection_module
from aeo_ledger.transport import guard as guard_module
from aeo_ledger.transport.guard import RequestGuard
from aeo_ledger.transport.queue import Capacity, RequestQueue
from support.network import served
from support.waiting import WITHIN_S, await_that

LIMIT = 10_000
LARGE = 32 << 20
QUICK_S = 0.5


def _refuse(error: AeoLedgerError) -> Response:
    return JSONResponse({"error": type(error).__name__}, status_code=418)


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


async def _large(_: Request) -> Response:
    return Response(bytes(LARGE))


_ONE_SLOT = Capacity(1)


def _queue_of(scope: Scope) -> RequestQueue | None:
    return RequestQueue("large answers", _ONE_SLOT, length=1, each=9) if scope["path"] == "/large" else None


def _limit_of(scope: Scope) -> int:
    return 2 * LIMIT if scope["path"] == "/long" else LIMIT


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    echoes = [Route(path, _echo, methods=["GET", "POST"]) for path in ("/", "/long")]
    app = Starlette(routes=[*echoes, Route("/large", _large)])
    guard = RequestGuard(
        app,
        refuse=_refuse,
        limit_of=_limit_of,
        names=("Gateway.Example",),
        queue_of=_queue_of,
        headers={"x-chain": "7"},
    )
    with served(guard) as url:
        yield url


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the limit of a head from ten seconds to half a second."""
    monkeypatch.setattr(connection_module, "HEAD_S", QUICK_S)


def _connect(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=WITHIN_S)


def _read_until(connection: socket.socket, said: bytes) -> None:
    """Read until the server has said something. If it closes the connection before, nothing more will come."""
    answer = b""
    while said not in answer:
        part = connection.recv(1 << 16)
        assert part, f"the connection was closed after {answer!r}"
        answer += part


def _await_end(connection: socket.socket, said: bytes = b"") -> None:
    """Wait until the server closes the connection, saying a byte now and then."""
    connection.settimeout(0.1)

    def is_closed() -> bool:
        try:
            connection.sendall(said)
            return connection.recv(1 << 16) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    await_that(is_closed)


@contextmanager
def _no_sooner_than(seconds: float) -> Iterator[None]:
    """Demand that what is done took so long at least, but for what two clocks may differ."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began > seconds - 0.1


# ---- incomplete requests ----


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"G"])
def test_an_incomplete_head_is_dropped(url: str, head: bytes, quick: None) -> None:
    with _no_sooner_than(QUICK_S), _connect(url) as connection:
        connection.sendall(head)
        _await_end(connection)


def test_a_slow_head_is_dropped(url: str, quick: None) -> None:
    with _no_sooner_than(QUICK_S), _connect(url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nx: ")
        _await_end(connection, said=b"y")


def test_an_incomplete_second_request_is_dropped(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with _no_sooner_than(QUICK_S), _connect(url) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        _read_until(connection, b"100 Continue")
        monkeypatch.setattr(connection_module, "HEAD_S", QUICK_S)  # from the second one on
        connection.sendall(b"body")
        _read_until(connection, b"POST 4")
        with suppress(OSError):  # where the time was over before the second one was begun
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nx: ")
        _await_end(connection, said=b"y")


def test_an_incomplete_body_is_refused_and_the_connection_closed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_module, "BODY_S", QUICK_S)
    with _connect(url) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
        answer = b""
        while part := connection.recv(1 << 16):
            answer += part
        assert b"SlowRequest" in answer
        assert b"connection: close" in answer.lower()


def test_a_request_that_comes_in_pieces_is_answered(url: str) -> None:
    with _connect(url) as connection:
        for piece in (b"POST / HT", b"TP/1.1\r\nHost: localhost\r\nConten", b"t-Length: 4\r\n\r\nha", b"lf"):
            connection.sendall(piece)
            time.sleep(0.05)
        _read_until(connection, b"POST 4")


def test_a_caller_that_does_not_read_is_dropped_and_occupies_no_slot(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with _connect(url) as patient:
        patient.sendall(asked)
        patient.recv(1, socket.MSG_PEEK)
        assert len(httpx.get(f"{url}/large").content) == LARGE  # the only slot is free already
    monkeypatch.setattr(connection_module, "STALLED_S", QUICK_S)
    ended: list[object] = []
    end = connection_module.PromptConnection.connection_lost

    def note_end(ending: connection_module.PromptConnection, error: Exception | None) -> None:
        end(ending, error)
        ended.append(ending.client)

    monkeypatch.setattr(connection_module.PromptConnection, "connection_lost", note_end)
    with _connect(url) as connection:
        connection.sendall(asked)
        await_that(lambda: connection.getsockname() in ended)
        read = 0
        with suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                read += len(part)
        assert 0 < read < LARGE


def test_a_caller_with_incomplete_requests_on_all_its_connections_gets_an_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "EACH", 3)
    monkeypatch.setattr(connection_module, "TOLD", 2)
    half = [_connect(url) for _ in range(3)]
    try:
        for connection in half:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        for _ in range(2):
            answer = httpx.get(url)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
            assert "3 connections are yours already" in answer.text
    finally:
        for connection in half:
            connection.close()


def test_the_connections_of_all_callers_are_limited(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "ALL", 3)
    with ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(_connect(url))
        answer = httpx.get(url)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.text.startswith("3 connections are open, as many as this server has")


def test_the_connections_of_one_caller_are_limited(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "EACH", 3)
    with ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(_connect(url))
        with _connect(url) as surplus:
            said = b""
            while part := surplus.recv(1 << 16):
                said += part
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"3 connections are yours already" in said
    await_that(lambda: httpx.get(url).status_code == 200)


def test_a_burst_of_connections_is_told_why_and_none_of_them_is_kept(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "EACH", 3)
    monkeypatch.setattr(connection_module, "TOLD", 1)
    with ExitStack() as opened:
        kept = [opened.enter_context(_connect(url)) for _ in range(3)]
        kept[-1].sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert kept[-1].recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        burst = [opened.enter_context(_connect(url)) for _ in range(40)]
        told = [b"".join(iter(partial(connection.recv, 1 << 16), b"")) for connection in burst]
    assert {answer[:12] for answer in told} == {b"HTTP/1.1 503"}
    assert all(b"3 connections are yours already" in answer for answer in told)


# ---- host and size ----


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8547", "localhost", "LOCALHOST:1", "[::1]:8547", "gateway.example", "GATEWAY.example:1"],
)
def test_addresses_localhost_and_names_of_its_own_are_answered(url: str, host: str) -> None:
    assert httpx.get(url, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "gateway.example.rebound",
        "localhost.rebound",
        "",
        "[::1",
        "127.0.0.1.x",
        "a@b",
        "a@localhost",
        "localhost/x",
        "localhost#.x",
        "localhost.",
        "xn--.",
    ],
)
def test_another_name_is_refused_since_a_web_page_may_point_it_here(url: str, host: str) -> None:
    assert httpx.get(url, headers={"host": host}).json() == {"error": "StrangeHost"}


@pytest.mark.parametrize(("path", "limit"), [("", LIMIT), ("/long", 2 * LIMIT)])
def test_a_body_beyond_the_limit_of_its_path_is_refused_announced_or_not(url: str, path: str, limit: int) -> None:
    assert httpx.post(url + path, content=bytes(limit)).text == f"POST {limit}"
    for content in (bytes(limit + 1), (bytes(1_000) for _ in range(limit // 1_000 + 1))):
        answer = httpx.post(url + path, content=content)
        assert (answer.json(), answer.headers["connection"]) == ({"error": "OversizedBody"}, "close")


@pytest.mark.parametrize("body", ["[" * 17, '{"":' * 17, json.dumps([[[]]] * 100).replace("[", "[" * 6)])
def test_json_that_nests_too_deep_is_refused_before_it_is_parsed(url: str, body: str) -> None:
    assert httpx.post(url, content=body.encode()).json() == {"error": "MalformedDocument"}


def test_json_that_would_take_too_much_memory_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_module, "MEMORY_OF_BODY", 1_000)
    assert httpx.post(url, content=b"[{},{},{},{},{}]").json() == {"error": "MalformedDocument"}
    assert httpx.post(url, content=b"[{},{}]").text == "POST 7"


# ---- headers of every answer ----


@pytest.mark.parametrize(("path", "host"), [("/", "localhost"), ("/nothing", "localhost"), ("/", "rebound.example")])
def test_every_answer_forbids_to_guess_its_type_and_does_not_name_the_server(url: str, path: str, host: str) -> None:
    answer = httpx.get(url + path, headers={"host": host})
    assert (answer.headers["x-content-type-options"], answer.headers["x-chain"]) == ("nosniff", "7")
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("fault", "begins", "passes"),
    [
        (ExceptionGroup("", [anyio.BrokenResourceError()]), True, True),
        (ExceptionGroup("", [ExceptionGroup("", [anyio.BrokenResourceError()])]), True, True),
        (ExceptionGroup("", [anyio.BrokenResourceError()]), False, False),
        (ExceptionGroup("", [anyio.BrokenResourceError(), ValueError()]), True, False),
    ],
)
def test_a_reader_that_leaves_a_stream_is_no_fault(fault: Exception, begins: bool, passes: bool) -> None:
    """Whoever closes a stream at the wrong moment must not fill the log with tracebacks; a bug still must."""

    async def serve(_: Scope, __: Receive, send: Send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise fault

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ignore(_: Message) -> None:
        pass

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "client": ("::1", 1)}
    guard = RequestGuard(serve, refuse=_refuse, limit_of=_limit_of)
    with nullcontext() if passes else pytest.raises(ExceptionGroup):
        anyio.run(guard, scope, receive, ignore)


def test_head_is_answered_like_get_without_the_body(url: str) -> None:
    got, head = httpx.get(url), httpx.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == "5"
