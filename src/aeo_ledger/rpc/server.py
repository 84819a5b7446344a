"""Serve a ledger's JSON-RPC over HTTP, so that several gateways share one embedded ledger.

Anybody who reaches the port may read and relay. That is safe, since acts carry their own signatures. Browsers are refused: a web page
could otherwise reach the loopback interface. So there is no CORS; a request with an `Origin` is refused; the content type must be JSON, which
no HTML form can send; and the `Host` must be an address or `localhost`, since DNS rebinding needs a name.

Requests that execute code, search the logs or prove many words have their own queue, so that they do not delay short reads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.transport import LineFull, OversizedBody, ShareUsed, SlowRequest, StrangeHost
from aeo_ledger.rpc.node import DEEPEST, read_json
from aeo_ledger.transport.guard import MEMORY_OF_BODY, RequestGuard
from aeo_ledger.transport.queue import CallerLeft, Capacity, RequestQueue, caller_of

LARGEST_BODY: Final = 1 << 20
"""Bytes of a request that are read at most: the largest publication, in hexadecimal, has a tenth of that."""

LARGEST_BATCH: Final = 100
"""Requests in one batch at most."""

BATCH_S: Final = 10.0
"""Seconds after which the rest of a batch is refused."""

_MANY: Final = 64
"""A proof of more words than this is expensive."""
_EXPENSIVE: Final = frozenset({"eth_call", "eth_estimateGas", "eth_getLogs"})

_STATUS: Final[dict[type[AeoLedgerError], tuple[int, int]]] = {
    StrangeHost: (403, -32600),
    SlowRequest: (408, -32600),
    OversizedBody: (413, -32600),
    ShareUsed: (429, -32005),
    LineFull: (503, -32005),
}
"""HTTP status and JSON-RPC code of each refusal; any other error means that the request cannot be parsed.

Source: EIP-1474 for -32005, limit exceeded.
"""

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Answers one request object with a response object, from any thread."""


def create_node(answer: Answer, *, names: Collection[str] = ()) -> Starlette:
    """Make the HTTP application of a node.

    Args:
        answer: The ledger's own JSON-RPC.
        names: Allowed host names, besides addresses and `localhost`.
    """
    short = RequestQueue("short reads", Capacity(16), length=400, each=400)
    expensive = RequestQueue("calls, logs and large proofs", Capacity(2), length=64, each=64)

    async def serve(request: Request) -> Response:
        if (refusal := _refuse_browsers(request)) is not None:
            return refusal
        try:
            asked = read_json(await request.body(), max_memory=MEMORY_OF_BODY)
        except MalformedDocument as error:
            return _error(400, -32700, f"the request cannot be read: {error.reason}")
        queue = expensive if any(map(_is_expensive, asked if isinstance(asked, list) else [asked])) else short
        try:
            async with queue.slot(caller_of(request.scope), request.is_disconnected):
                return await run_in_threadpool(_answer_all, answer, asked)
        except CallerLeft:
            return Response(status_code=400)
        except (LineFull, ShareUsed) as error:
            return _refuse(error)

    guard = Middleware(RequestGuard, refuse=_refuse, limit_of=lambda _: LARGEST_BODY, names=names, max_depth=DEEPEST)
    return Starlette(routes=[Route("/", serve, methods=["POST"])], middleware=[guard])


def _is_expensive(asked: object) -> bool:
    """Whether a request may keep the processor busy."""
    if not isinstance(asked, dict):
        return False
    params = asked.get("params")
    proven = params[1] if isinstance(params, list) and len(params) > 1 else ()
    return asked.get("method") in _EXPENSIVE or (isinstance(proven, list) and len(proven) > _MANY)


def _refuse_browsers(request: Request) -> Response | None:
    """Refuse requests that a web page could send."""
    if "origin" in request.headers:
        return _error(403, -32600, "requests of web pages are not answered")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _error(415, -32600, "the Content-Type must be application/json")
    return None


def _refuse(error: AeoLedgerError) -> Response:
    """Write a refusal."""
    status, code = _STATUS.get(type(error), (400, -32700))
    refusal = _error(status, code, str(error))
    if isinstance(error, LineFull | ShareUsed):
        refusal.headers["retry-after"] = str(error.retry_after_s)
    return refusal


def _answer_all(answer: Answer, asked: object) -> Response:
    if not isinstance(asked, list):
        return JSONResponse(_answer_one(answer, asked))
    if not 0 < len(asked) <= LARGEST_BATCH:
        return _error(400, -32600, f"a batch of {len(asked)} requests, needed 1 to {LARGEST_BATCH}")
    until = time.monotonic() + BATCH_S
    return JSONResponse([_answer_one(answer, one, until) for one in asked])


def _answer_one(answer: Answer, asked: object, until: float = math.inf) -> dict[str, Any]:
    if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
        return _failure(-32600, "needed an object with a method")
    if not isinstance(asked.get("id"), str | int | float | None) or isinstance(asked.get("id"), bool):
        return _failure(-32600, "needed an id that is text, a number or null")
    if not isinstance(asked.get("params", []), list):
        return _failure(-32602, "needed parameters in a list", asked.get("id"))
    if time.monotonic() > until:
        return _failure(-32005, f"the batch took longer than {BATCH_S:g} s: ask for less at once", asked.get("id"))
    try:
        return answer(asked)
    except Exception as error:  # noqa: BLE001 (one request must not end a batch; a node has no other way to say so)
        return _failure(-32603, f"the node met an unexpected error: {type(error).__name__}", asked.get("id"))


def _failure(code: int, message: str, asked_as: object = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked_as, "error": {"code": code, "message": message}}


def _error(status: int, code: int, message: str) -> Response:
    return JSONResponse(_failure(code, message), status_code=status)
