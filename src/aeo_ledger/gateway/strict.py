"""Requests read strictly: what two readers could take for two things is refused before a route sees it.

A framework takes the last of two equal keys, or the first of two equal parameters, and a proxy or a log before it the other one. So
neither may stand twice, and JSON is read as everywhere in this project.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.protocol.acts import LARGEST_ACT


class _StrictRequest(Request):
    """A request whose JSON has one reading."""

    _read: Any = None

    async def json(self) -> Any:
        """Read the body.

        Raises:
            MalformedDocument: It is not JSON that this project reads.
        """
        if self._read is None:
            self._read = parse_json(await self.body(), document="request", max_bytes=LARGEST_ACT)
        return self._read


class StrictRoute(APIRoute):
    """A route that reads its requests strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what serves a request."""
        handle = super().get_route_handler()

        async def serve(request: Request) -> Response:
            for name in request.query_params:
                if len(request.query_params.getlist(name)) > 1:
                    raise MalformedText(f"query.{ascii(name[:40])[1:-1]}", "it twice", "each parameter once")
            strict = _StrictRequest(request.scope, request.receive)
            kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if self.body_field is not None and kind == "application/json":
                await strict.json()  # here, since the framework would tell its refusal in words of its own
            return await handle(strict)

        return serve
