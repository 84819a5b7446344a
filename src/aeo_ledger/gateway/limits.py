"""A bound on what a stranger can make the gateway read."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aeo_ledger.errors import OversizedBody
from aeo_ledger.gateway.problems import MEDIA_TYPE, status_of, to_problem
from aeo_ledger.protocol.acts import LARGEST_ACT


class BodyLimit:
    """Read a request's body up to a limit, before anything parses it; refuse a longer one as a problem."""

    def __init__(self, app: ASGIApp, limit: int = LARGEST_ACT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more and len(body) <= self._limit:
            message = await receive()
            if message["type"] != "http.request":
                return  # whoever asked has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > self._limit:
            error = OversizedBody(limit=self._limit)
            refusal = JSONResponse(
                to_problem(error), status_code=status_of(error), media_type=MEDIA_TYPE, headers={"connection": "close"}
            )
            await refusal(scope, receive, send)
            return
        read: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return read.pop() if read else await receive()

        await self._app(scope, replay, send)
