"""A real gateway whose answers somebody falsifies on their way: what a signer must see through.

It stands before the real one, passes everything on, and alters what a test tells it to. Words it cannot forge, since it
has no validator's key; so it alters nodes, swaps them, keeps old answers, names other parties, and drops acts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support.network import served

Falsify: TypeAlias = Callable[[Any, "Asked"], Any]
"""From the real answer's document, and what was asked, to the one that is given."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request on its way."""

    path: str
    document: Any
    pass_on: Callable[[Any], Any]
    """Asks the real gateway the same with another document."""


@dataclass
class HostileGateway:
    """A gateway between a signer and the real one."""

    url: str = ""
    falsify: dict[str, Falsify] = field(default_factory=dict)
    """By path; whatever is not there is passed on."""
    drops_acts: bool = False
    """Answers a receipt for an act that it never relays."""
    acts: list[Any] = field(default_factory=list)
    """Acts that came."""


@contextmanager
def hostile_gateway(real: str) -> Iterator[HostileGateway]:
    """Run one before the real gateway at a URL."""
    hostile = HostileGateway()
    with httpx.Client(base_url=real) as client:

        def pass_on(request: Request, body: bytes) -> httpx.Response:
            path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            headers = {"content-type": "application/json"} if body else {}
            return client.request(request.method, path, content=body, headers=headers)

        def answer(request: Request, body: bytes) -> Response:
            path, asked = request.url.path, json.loads(body) if body else None
            if path == "/v1/acts":
                hostile.acts.append(asked)
                if hostile.drops_acts:
                    return _write(_receipt(client), 201)
            found = pass_on(request, body)
            if "json" not in found.headers["content-type"]:
                return Response(found.content, found.status_code, media_type=found.headers["content-type"])
            document = found.json()
            falsify = hostile.falsify.get(path)
            if falsify is not None and found.status_code < 300:
                way = Asked(path=path, document=asked, pass_on=lambda other: pass_on(request, _encode(other)).json())
                document = falsify(document, way)
            return _write(document, found.status_code)

        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(answer, request, await request.body())

        with served(Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])) as url:
            hostile.url = url
            yield hostile


def _receipt(client: httpx.Client) -> dict[str, Any]:
    block = client.get("/healthz").json()["block"] + 1
    return {"transaction": "0x" + "ab" * 32, "block": block, "block_hash": "0x" + "cd" * 32, "gas_used": 21_000}


def _encode(document: Any) -> bytes:
    return json.dumps(document).encode()


def _write(document: Any, status: int) -> Response:
    return Response(_encode(document), status_code=status, media_type="application/json")
