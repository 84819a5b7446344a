"""Serve a ledger's JSON-RPC over HTTP, so that several gateways share one embedded ledger.

Whoever reaches the port may read and relay; that is all that a node's JSON-RPC gives, since acts carry their own
signatures. What is refused is the browser: a page from anywhere could otherwise reach loopback. So there is no CORS, a
request that names its origin is refused, JSON must say that it is JSON (which no form can), and the `Host` must be an
address or `localhost`: DNS rebinding works through names.

What executes code, searches the logs or proves many words takes a door of its own, so that short reads go on beside it.
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
from aeo_ledger.transport.door import CallerLeft, Door, Room, caller_of
from aeo_ledger.transport.entrance import MEMORY_OF_BODY, Entrance

LARGEST_BODY: Final = 1 << 20
"""Bytes of a request that are read at most: the largest publication, as hex in a transaction, has a tenth."""

LARGEST_BATCH: Final = 100
"""Requests in one batch at most."""

BATCH_S: Final = 10.0
"""Seconds after which what is left of a batch is not begun."""

_MANY: Final = 64
"""Words in one proof from which on it is dear."""
_DEAR: Final = frozenset({"eth_call", "eth_estimateGas", "eth_getLogs"})

_STATUS: Final[dict[type[AeoLedgerError], tuple[int, int]]] = {
    StrangeHost: (403, -32600),
    SlowRequest: (408, -32600),
    OversizedBody: (413, -32600),
    ShareUsed: (429, -32005),
    LineFull: (503, -32005),
}
"""HTTP status and JSON-RPC code of what is refused at the entrance; anything else is a request that cannot be parsed.

Source: EIP-1474 for -32005, limit exceeded.
"""

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Answers one request object with a response object, from any thread."""


def create_node(answer: Answer, *, names: Collection[str] = ()) -> Starlette:
    """Make the HTTP application of a node.

    Args:
        answer: The ledger's own JSON-RPC.
        names: Host names under which it may be asked, besides addresses and `localhost`.
    """
    short = Door("short reads", Room(16), line=400, each=400)
    dear = Door("calls, logs and large proofs", Room(2), line=64, each=64)

    async def serve(request: Request) -> Response:
        if (refusal := _refuse_browsers(request)) is not None:
            return refusal
        try:
            asked = read_json(await request.body(), max_memory=MEMORY_OF_BODY)
        except MalformedDocument as error:
            return _error(400, -32700, f"the request cannot be read: {error.reason}")
        door = dear if any(map(_is_dear, asked if isinstance(asked, list) else [asked])) else short
        try:
            async with door.place(caller_of(request.scope), request.is_disconnected):
                return await run_in_threadpool(_answer_all, answer, asked)
        except CallerLeft:
            return Response(status_code=400)
        except (LineFull, ShareUsed) as error:
            return _refuse(error)

    entrance = Middleware(Entrance, refuse=_refuse, max_bytes=LARGEST_BODY, names=names, max_depth=DEEPEST)
    return Starlette(routes=[Route("/", serve, methods=["POST"])], middleware=[entrance])


def _is_dear(asked: object) -> bool:
    """Tell a request that may keep the processor busy."""
    if not isinstance(asked, dict):
        return False
    params = asked.get("params")
    proven = params[1] if isinstance(params, list) and len(params) > 1 else ()
    return asked.get("method") in _DEAR or (isinstance(proven, list) and len(proven) > _MANY)


def _refuse_browsers(request: Request) -> Response | None:
    """Refuse what a web page elsewhere could send."""
    if "origin" in request.headers:
        return _error(403, -32600, "requests of web pages are not answered")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _error(415, -32600, "the Content-Type must be application/json")
    return None


def _refuse(error: AeoLedgerError) -> Response:
    """Write what the entrance refuses."""
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
        return _failure(-32600, "needed an id that is a text, a number or null")
    if not isinstance(asked.get("params", []), list):
        return _failure(-32602, "needed parameters in a list", asked.get("id"))
    if time.monotonic() > until:
        return _failure(-32005, f"the batch took longer than {BATCH_S:g} s: ask for less at once", asked.get("id"))
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
