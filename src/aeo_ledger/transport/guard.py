"""Check every request before it runs: its `Host`, its size, how fast it arrives; then let it wait in a queue."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from ipaddress import ip_address
from typing import Final

import anyio
import anyio.lowlevel
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.transport import OversizedBody, SlowRequest, StrangeHost
from aeo_ledger.primitives.documents import MAX_DEPTH, refuse_costly
from aeo_ledger.transport.queue import CallerLeft, RequestQueue, caller_of

BODY_S: Final = 10.0
"""Seconds within which a request's body must arrive."""

MEMORY_OF_BODY: Final = 1 << 23
"""Bytes of memory that the values of a JSON body may take: a manifest of a thousand questions takes two million."""

_HOST: Final = re.compile(r"(?:\[([0-9A-F:.]+)\]|([A-Z0-9._-]+))(?::[0-9]*)?", re.ASCII | re.IGNORECASE)
"""An IPv6 address in brackets, an IPv4 address or a name; then perhaps a port."""

Refuse = Callable[[AeoLedgerError], Response]
"""Writes a refusal in the form of the server's other errors."""

QueueOf = Callable[[Scope], RequestQueue | None]
"""Returns a request's queue; None for a request that need not wait."""


Admit = Callable[[Scope], Awaitable[str]]
"""Refuses a request that may not come in, by its error; else returns its caller, whose requests count together."""


async def admit_all(scope: Scope) -> str:
    """Admit everybody; the caller is the address."""
    return caller_of(scope)


class RequestGuard:
    """An ASGI middleware.

    It reads a whole request, within a limit of bytes and seconds, before the application parses it. The request then waits in its
    queue, and occupies a slot until the answer begins: a caller that reads slowly does not delay the next one. HEAD is passed on as GET,
    and ends when the answer begins: a stream would have no end. Every answer forbids browsers to guess another content type.

    Args:
        app: The application.
        refuse: Writes a refusal.
        limit_of: Returns the most bytes that the body of a request may have.
        names: Allowed host names, besides addresses and `localhost`. Any other is refused: through DNS rebinding, a web page could
            otherwise reach this server from a browser.
        queue_of: Chooses a request's queue.
        admit: Lets a request in before its body is read.
        max_depth: Levels of nesting in a JSON body.
        headers: Added to every answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        limit_of: Callable[[Scope], int],
        names: Collection[str] = (),
        queue_of: QueueOf = lambda _: None,
        admit: Admit = admit_all,
        max_depth: int = MAX_DEPTH,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._app, self._refuse, self._queue_of, self._admit = app, refuse, queue_of, admit
        self._limit_of, self._max_depth = limit_of, max_depth
        self._names = frozenset(name.lower() for name in names)
        always = {"x-content-type-options": "nosniff", **(headers or {})}
        self._headers = [(name.encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wants_head = scope["method"] == "HEAD"
        scope = {**scope, "method": "GET"} if wants_head else scope
        serving, begun = anyio.CancelScope(), False

        async def answer(message: Message) -> None:
            nonlocal begun
            begins = message["type"] == "http.response.start"
            if begins:
                begun = True
                message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
            await send(message)
            if begins and wants_head:
                await send({"type": "http.response.body"})
                serving.cancel()
                await anyio.lowlevel.checkpoint()

        with serving:
            try:
                self._check_host(Headers(scope=scope).get("host", ""))
                caller = await self._admit(scope)
                body = await self._read(scope, receive)
                await self._pass(scope, caller, body, receive, answer)
            except CallerLeft:
                return
            except ExceptionGroup as faults:
                if not begun or faults.split(anyio.BrokenResourceError)[1] is not None:
                    raise  # else FastAPI had an event in its hand when the reader of a stream left
            except AeoLedgerError as error:
                refusal = self._refuse(error)
                if isinstance(error, OversizedBody | SlowRequest):
                    refusal.headers["connection"] = "close"  # the rest of the request is not read
                await refusal(scope, receive, answer)

    def _check_host(self, host: str) -> None:
        """Check the `Host`.

        Raises:
            StrangeHost: It is not an address and not an allowed name.
        """
        read = _HOST.fullmatch(host)
        name = (read[1] or read[2]).lower() if read else ""
        try:
            if name not in self._names and name != "localhost":
                ip_address(name)
        except ValueError as error:
            raise StrangeHost(host=host[:200]) from error

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """Read a body.

        Raises:
            OversizedBody, SlowRequest, MalformedDocument: It is too long, too slow, or JSON that would take too much memory.
            CallerLeft: The caller disconnected.
        """
        announced, limit = Headers(scope=scope).get("content-length", "0"), self._limit_of(scope)
        if announced.isdecimal() and int(announced) > limit:
            raise OversizedBody(limit=limit)
        body = bytearray()
        more = True
        with anyio.move_on_after(BODY_S) as reading:
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise CallerLeft
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > limit:
                    raise OversizedBody(limit=limit)
        if reading.cancelled_caught:
            raise SlowRequest(waited_s=BODY_S)
        refuse_costly(
            body.decode("utf-8", "replace"), document="request", max_memory=MEMORY_OF_BODY, max_depth=self._max_depth
        )
        return bytes(body)

    async def _pass(self, scope: Scope, caller: str, body: bytes, receive: Receive, send: Send) -> None:
        """Pass a request on when it has a slot, and free the slot when the answer begins."""
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        async with AsyncExitStack() as held:
            if (queue := self._queue_of(scope)) is not None:
                await held.enter_async_context(queue.slot(caller, lambda: _has_left(receive)))

            async def replay() -> Message:
                return unread.pop() if unread else await receive()

            async def leave(message: Message) -> None:
                await held.aclose()
                await send(message)

            await self._app(scope, replay, leave)


async def _has_left(receive: Receive) -> bool:
    """Check, without waiting, whether the caller has disconnected."""
    message: Message = {"type": ""}
    with anyio.CancelScope() as looking:
        looking.cancel()
        message = await receive()
    return bool(message["type"] == "http.disconnect")
