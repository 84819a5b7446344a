"""The gateway's doors: which request costs what, how many of a kind are worked on at a time, and how a refusal looks.

What is cheap has a room of its own, so that a decision and the question whether the gateway is well never wait behind
what is dear. Python works on one thing at a time: dear work that keeps the processor busy shares one place, or all of it
would only take longer. Acts mostly wait for their block, so there are many places for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse
from starlette.types import Scope

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.gateway import WrongMethod
from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.gateway.problems import MEDIA_TYPE, status_of, to_problem
from aeo_ledger.transport.door import Door, Room

THREADS: Final = 128
"""Threads for all rooms together: more than the places in them, so that no work waits for a thread."""


def make_doors() -> Callable[[Scope], Door]:
    """Make the doors of one gateway; what they return tells the door of a request."""
    quick, lists, heavy = Room(16), Room(2), Room(1)
    cheap = Door("single answers", quick, line=400, each=200)
    histories = Door("histories", heavy, line=8, each=4)
    manifests = Door("manifests", heavy, line=8, each=4)
    doors = {
        "/healthz": Door("health", Room(4), line=200, each=100),
        "/v1/acts": Door("acts", Room(64), line=64, each=64),
        "/v1/standings": Door("standings", lists, line=32, each=16),
        "/v1/proofs": Door("proofs", lists, line=32, each=16),
        "/v1/arrangements": Door("arrangements", lists, line=32, each=16),
        "/v1/history": histories,
        "/v1/trust/update": Door("trust updates", heavy, line=8, each=4),
        "/v1/snapshot": Door("snapshots", heavy, line=64, each=16),
    }

    def door_of(scope: Scope) -> Door:
        if scope["path"] != "/v1/decisions":
            return doors.get(scope["path"], cheap)
        if scope["method"] == "POST":
            return manifests
        return histories if "history" in QueryParams(scope["query_string"]) else cheap

    return door_of


def refuse(error: AeoLedgerError) -> JSONResponse:
    """Write an error as a problem, with the headers that HTTP has for what it says."""
    headers: dict[str, str] = {}
    if isinstance(error, LineFull | ShareUsed):
        headers["retry-after"] = str(error.retry_after_s)
    if isinstance(error, WrongMethod):
        headers["allow"] = error.needed
    return JSONResponse(to_problem(error), status_code=status_of(error), media_type=MEDIA_TYPE, headers=headers)
