"""One HTTP exchange over real sockets takes bounded time and memory, whatever the server does."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest

from aeo_ledger.transport import exchange
from aeo_ledger.transport.exchange import Answer, AnswerTooLong, AnswerTooSlow, ask, open_client
from support.hostile_server import (
    Behaviour,
    answering,
    close,
    dripping_body,
    dripping_head,
    endless_body,
    endless_head,
    gzip_bomb,
    hollow_gzip,
    hostile,
    silence,
)
from support.waiting import WITHIN_S

LIMIT = 1 << 20
QUICK_S = 0.6


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client(trust_env=False, limits=httpx.Limits(keepalive_expiry=WITHIN_S)) as client:
        yield client


def _ask(client: httpx.Client, behave: Behaviour, *, within_s: float = WITHIN_S, **content: object) -> Answer:
    with hostile(behave) as server:
        return ask(client, "POST", server.url, max_bytes=LIMIT, within_s=within_s, **content)


def test_an_answer_is_read_whole(client: httpx.Client) -> None:
    found = _ask(client, answering(b"abc", 418, x_more="y"), content=b"q")
    assert (found.status, found.body, found.headers["x-more"]) == (418, b"abc", "y")
    assert _ask(client, answering(b"x" * LIMIT)).body == b"x" * LIMIT


def test_an_answer_may_be_compressed(client: httpx.Client) -> None:
    body = b"abc" * 1_000
    found = _ask(client, answering(gzip.compress(body, mtime=0), content_encoding="gzip"))
    assert found.body == body
    assert _ask(client, answering(b"abc", content_encoding="identity")).body == b"abc"


@pytest.mark.parametrize("behave", [silence, dripping_head, dripping_body], ids=lambda behave: behave.__name__)
def test_a_slow_server_takes_no_longer_than_allowed(client: httpx.Client, behave: Behaviour) -> None:
    """It would never end by itself."""
    started = time.monotonic()
    with pytest.raises(AnswerTooSlow, match=r"within 0\.6 s"):
        _ask(client, behave, within_s=QUICK_S)
    assert time.monotonic() - started >= QUICK_S


@pytest.mark.parametrize("behave", [endless_body, gzip_bomb], ids=lambda behave: behave.__name__)
def test_an_endless_answer_takes_no_more_memory_than_allowed(client: httpx.Client, behave: Behaviour) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLong, match=str(LIMIT)):
            _ask(client, behave)
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
    finally:
        tracemalloc.stop()


def test_compressed_bytes_that_decompress_to_nothing_are_counted(client: httpx.Client) -> None:
    with pytest.raises(AnswerTooLong):
        _ask(client, hollow_gzip)


def test_endless_headers_are_not_an_answer(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        _ask(client, endless_head)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"abc", "gzip"),
        (gzip.compress(b"abc", mtime=0)[:-1], "gzip"),
        (gzip.compress(b"abc", mtime=0) + b"more", "gzip"),
        (gzip.compress(b"abc", mtime=0) * 2, "gzip"),
        (b"", "gzip"),
        (b"abc", "br"),
        (b"abc", "zstd"),
        (gzip.compress(gzip.compress(b"abc", mtime=0), mtime=0), "gzip, gzip"),
    ],
)
def test_what_is_not_exactly_one_gzip_is_refused(client: httpx.Client, body: bytes, encoding: str) -> None:
    with pytest.raises(httpx.DecodingError):
        _ask(client, answering(body, content_encoding=encoding))


def test_only_gzip_is_asked_for(client: httpx.Client) -> None:
    with hostile(answering(b"")) as server:
        ask(client, "GET", server.url, max_bytes=LIMIT, within_s=WITHIN_S)
    assert b"accept-encoding: gzip" in server.asked[0].split(b"\r\n")


def test_a_server_that_reads_slowly_takes_no_longer_than_allowed(client: httpx.Client) -> None:
    """The server accepts the connection and never reads, so the buffers fill up, and the caller would wait for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(AnswerTooSlow):
            ask(client, "POST", url, max_bytes=LIMIT, within_s=QUICK_S, content=bytes(64 << 20))


def test_a_missing_server_and_a_closed_connection_are_errors_of_httpx(client: httpx.Client) -> None:
    with pytest.raises(httpx.ConnectError):
        ask(client, "GET", "http://127.0.0.1:9", max_bytes=LIMIT, within_s=WITHIN_S)
    with pytest.raises(httpx.RemoteProtocolError):
        _ask(client, close)


@pytest.mark.parametrize("url", ["http://" + "a" * 70 + ".example", "http://a..b.example"])
def test_a_host_that_is_not_a_dns_name_is_a_connect_error(client: httpx.Client, url: str) -> None:
    with pytest.raises(httpx.ConnectError):
        ask(client, "GET", url, max_bytes=LIMIT, within_s=WITHIN_S)


def test_a_connection_is_used_again_and_each_answer_has_its_own_time(client: httpx.Client) -> None:
    passed = [0.0]
    with hostile(answering(b"abc")) as server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(exchange, "time", SimpleNamespace(monotonic=lambda: passed[0]))
            for _ in range(3):
                assert ask(client, "GET", server.url, max_bytes=LIMIT, within_s=WITHIN_S).body == b"abc"
                passed[0] += WITHIN_S
        server.behave = dripping_head
        with pytest.raises(AnswerTooSlow):
            ask(client, "GET", server.url, max_bytes=LIMIT, within_s=QUICK_S)
