"""Serve a ledger's JSON-RPC over HTTP, so that several gateways share one embedded ledger.

Whoever reaches the port may read and relay; that is all that a node's JSON-RPC gives, since acts carry their own
signatures. What is refused is the browser: a page from anywhere could otherwise reach loopback. So there is no CORS, a
request that names its origin is refused, JSON must say that it is JSON (which no form can), and the `Host` must be an
address or `localhost`: DNS rebinding works through names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aeo_ledger.rpc.node import read_json

LARGEST_BODY: Final = 1 << 20
"""Bytes of a request that are read at most: the largest publication, as hex in a transaction, has a tenth."""

LARGEST_BATCH: Final = 100
"""Requests in one batch at most."""

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Answers one request object with a response object, from any thread."""


def create_node(answer: Answer) -> Starlette:
    """Make the HTTP application of a node.

    Args:
        answer: The ledger's own JSON-RPC.
    """

    async def serve(request: Request) -> Response:
        if (refusal := _refuse_browsers(request)) is not None:
            return refusal
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _error(413, -32600, f"the request is longer than {LARGEST_BODY} bytes")
        try:
            asked = read_json(body)
        except ValueError:
            return _error(400, -32700, "the request is no JSON")
        return await run_in_threadpool(_answer_all, answer, asked)

    return Starlette(routes=[Route("/", serve, methods=["POST"])])


def _refuse_browsers(request: Request) -> Response | None:
    """Refuse what a web page elsewhere could send."""
    if not _is_address(request.headers.get("host", "")):
        return _error(403, -32600, "the Host header must be an IP address or localhost")
    if "origin" in request.headers:
        return _error(403, -32600, "requests of web pages are not answered")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _error(415, -32600, "the Content-Type must be application/json")
    return None


def _is_address(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _answer_all(answer: Answer, asked: object) -> Response:
    if not isinstance(asked, list):
        return JSONResponse(_answer_one(answer, asked))
    if not 0 < len(asked) <= LARGEST_BATCH:
        return _error(400, -32600, f"a batch of {len(asked)} requests, needed 1 to {LARGEST_BATCH}")
    return JSONResponse([_answer_one(answer, one) for one in asked])


def _answer_one(answer: Answer, asked: object) -> dict[str, Any]:
    if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
        return _failure(-32600, "needed an object with a method")
    if not isinstance(asked.get("params", []), list):
        return _failure(-32602, "needed parameters in a list", asked.get("id"))
    try:
        return answer(asked)
    except Exception as error:  # noqa: BLE001 (one request must not end a batch; a node has no other way to say so)
        return _failure(
            -32603, f"the node met an error that it did not foresee: {type(error).__name__}", asked.get("id")
        )


def _failure(code: int, message: str, asked_as: object = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked_as, "error": {"code": code, "message": message}}


def _error(status: int, code: int, message: str) -> Response:
    return JSONResponse(_failure(code, message), status_code=status)
