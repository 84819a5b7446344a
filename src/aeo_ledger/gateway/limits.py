"""The gateway's request queues: which queue a request takes, how many requests run at a time, how long one may be, and how a refusal looks.

Cheap requests have their own capacity, so that a decision or a health check never waits for expensive requests. Python runs one
thread at a time, so expensive requests that need the processor share one slot: in parallel, all of them would take longer. Acts
mostly wait for their block, so they have many slots.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse
from starlette.types import Scope

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.gateway import (
    NotAllowed,
    NotIdentified,
    RateExceeded,
    ScopeMissing,
    ScopeNotGiven,
    TokenNeeded,
    WrongMethod,
)
from aeo_ledger.errors.transport import ConnectionsFull, ConnectionsUsed, LineFull, ShareUsed
from aeo_ledger.gateway.problems import MEDIA_TYPE, status_of, to_problem
from aeo_ledger.protocol.act_file import LARGEST_FILE
from aeo_ledger.protocol.acts import LARGEST_ACT
from aeo_ledger.transport.queue import Capacity, OwnShares, RequestQueue, Shares

THREADS: Final = 128
"""Threads for all queues together: more than there are slots, so that no request waits for a thread."""

_AROUND_FILE: Final = 64
"""Bytes of a request around the file that it holds: its keys, and the reader's language."""


def longest_body(scope: Scope) -> int:
    """Return how many bytes a request's body may have: as many as an act, or, where the *Office* page shows a file, as many as an act's file."""
    holds_file = scope["path"] in ("/console/office/act", "/console/office/plan")
    return LARGEST_FILE + _AROUND_FILE if holds_file else LARGEST_ACT


def make_queues(shares: Shares | None = None) -> Callable[[Scope], RequestQueue]:
    """Make the queues of one gateway, and return the function that chooses a request's queue.

    Each worker has slots of its own, as it has a thread of its own that runs. What one caller may have is counted over all of them.

    Args:
        shares: Counts what callers have; by default in this process alone.
    """
    quick, lists, heavy = Capacity(16), Capacity(2), Capacity(1)
    shares = shares or OwnShares()
    cheap = RequestQueue("single answers", quick, length=400, each=200, shares=shares)
    standard = RequestQueue("standard questions", lists, length=64, each=32, shares=shares)
    views = RequestQueue("views", lists, length=32, each=16, shares=shares)
    histories = RequestQueue("histories", heavy, length=8, each=4, shares=shares)
    manifests = RequestQueue("manifests", heavy, length=8, each=4, shares=shares)
    acts = RequestQueue("acts", Capacity(64), length=64, each=64, shares=shares)
    pages = RequestQueue("pages", Capacity(8), length=200, each=100, shares=shares)
    health = RequestQueue("health", Capacity(4), length=200, each=100, shares=shares)
    queues = {
        "/healthz": health,
        "/livez": health,
        "/readyz": health,
        "/metrics": health,
        "/console/office/act": views,
        "/console/office/draft": views,
        "/console/office/plan": manifests,
        "/v1/acts": acts,
        "/workshop/room": RequestQueue(
            "room", Capacity(128), length=64, each=128, shares=shares
        ),  # a screen waits there
        "/v1/completions": acts,
        "/v1/standings": RequestQueue("standings", lists, length=32, each=16, shares=shares),
        "/v1/proofs": RequestQueue("proofs", lists, length=32, each=16, shares=shares),
        "/v1/keys": RequestQueue("keys", lists, length=32, each=16, shares=shares),
        "/v1/arrangements": RequestQueue("arrangements", lists, length=32, each=16, shares=shares),
        "/v1/corridors": views,
        "/v1/recognitions": views,
        "/recognition": standard,
        "/authorization": standard,
        "/v1/history": histories,
        "/v1/trust/update": RequestQueue("trust updates", heavy, length=8, each=4, shares=shares),
        "/v1/snapshot": RequestQueue("snapshots", heavy, length=64, each=16, shares=shares),
    }

    def queue_of(scope: Scope) -> RequestQueue:
        path: str = scope["path"]
        if path.startswith("/console"):
            return queues.get(path, pages)
        if path.startswith("/workshop/"):
            return queues.get(path, acts)
        if path.startswith(("/v1/traders/", "/v1/registers/")):
            return histories if path.endswith("/history") else views
        if path != "/v1/decisions":
            return queues.get(path, cheap)
        if scope["method"] == "POST":
            return manifests
        return histories if _asks_for_history(scope["query_string"]) else cheap

    return queue_of


def _asks_for_history(query: bytes) -> bool:
    """Look for the parameter; most questions do not have its name anywhere, and need not be parsed for this."""
    return (b"history" in query or b"%" in query) and "history" in QueryParams(query)


def refuse(error: AeoLedgerError) -> JSONResponse:
    """Write an error as a problem, with the headers that HTTP has for what it says."""
    headers = {"cache-control": "no-store"}
    if isinstance(error, LineFull | ShareUsed | RateExceeded | ConnectionsUsed | ConnectionsFull):
        headers["retry-after"] = str(error.retry_after_s)
    if isinstance(error, WrongMethod):
        headers["allow"] = error.needed
    if isinstance(error, NotIdentified | NotAllowed):
        headers["www-authenticate"] = f'Bearer realm="aeo-ledger"{_say_why(error)}'
    return JSONResponse(to_problem(error), status_code=status_of(error), media_type=MEDIA_TYPE, headers=headers)


def _say_why(error: AeoLedgerError) -> str:
    """Say in the words of RFC 6750, section 3, why a token is not enough; nothing if there is none."""
    if isinstance(error, ScopeMissing | ScopeNotGiven):
        return f', error="insufficient_scope", scope="{error.needed}"'
    return "" if isinstance(error, TokenNeeded) else ', error="invalid_token"'
