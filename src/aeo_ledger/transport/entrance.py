"""What every request passes before anything is done for it: whom it is for, how long it is, how fast it comes, and a door."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from ipaddress import ip_address
from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.transport import OversizedBody, SlowRequest, StrangeHost
from aeo_ledger.primitives.documents import MAX_DEPTH, refuse_costly
from aeo_ledger.transport.door import CallerLeft, Door, caller_of

BODY_S: Final = 10.0
"""Seconds within which a request's body must be there."""

MEMORY_OF_BODY: Final = 1 << 23
"""Bytes that the values of a body of JSON may take: a manifest of a thousand questions takes two million."""

_HOST: Final = re.compile(r"(?:\[([0-9A-F:.]+)\]|([A-Z0-9._-]+))(?::[0-9]*)?", re.ASCII | re.IGNORECASE)
"""An address of IPv6 in brackets, or a name or an address of IPv4; and a port."""

Refuse = Callable[[AeoLedgerError], Response]
"""Writes a refusal as the server's other errors are written."""

DoorOf = Callable[[Scope], Door | None]
"""Tells the door that a request has to take; None for one that costs nothing."""


class Entrance:
    """An ASGI application before another one.

    A request is read whole, up to a limit of bytes and seconds, before anything parses it. It then waits at its door,
    and holds its place until the answer begins: how fast the caller reads is not the next one's loss. HEAD is asked as
    GET; the server leaves the body out. Nothing that is answered may be taken for another kind of content than it says.

    Args:
        app: What is behind it.
        refuse: Writes a refusal.
        max_bytes: Longest body.
        names: Host names besides addresses and `localhost` under which it may be asked. A page that rebinds a name of
            its own to this machine would otherwise be let in by the browser.
        door_of: Tells a request's door.
        max_depth: Levels of nesting in a body of JSON.
        headers: What every answer bears.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        max_bytes: int,
        names: Collection[str] = (),
        door_of: DoorOf = lambda _: None,
        max_depth: int = MAX_DEPTH,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._app, self._refuse, self._door_of = app, refuse, door_of
        self._max_bytes, self._max_depth = max_bytes, max_depth
        self._names = frozenset(name.lower() for name in names)
        always = {"x-content-type-options": "nosniff", **(headers or {})}
        self._headers = [(name.encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
            await send(message)

        try:
            self._check_host(Headers(scope=scope).get("host", ""))
            body = await self._read(Headers(scope=scope), receive)
            await self._pass(scope, body, receive, answer)
        except CallerLeft:
            return
        except AeoLedgerError as error:
            refusal = self._refuse(error)
            if isinstance(error, OversizedBody | SlowRequest):
                refusal.headers["connection"] = "close"  # the rest of it is not read
            await refusal(scope, receive, answer)

    def _check_host(self, host: str) -> None:
        """Refuse a name that anybody may point here.

        Raises:
            StrangeHost: It is neither an address nor known.
        """
        read = _HOST.fullmatch(host)
        name = (read[1] or read[2]).lower() if read else ""
        try:
            if name not in self._names and name != "localhost":
                ip_address(name)
        except ValueError as error:
            raise StrangeHost(host=host[:200]) from error

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """Read a body.

        Raises:
            OversizedBody, SlowRequest, MalformedDocument: It is too long, too slow, or JSON that would cost too much.
            CallerLeft: Whoever asked has gone.
        """
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._max_bytes:
            raise OversizedBody(limit=self._max_bytes)
        body = bytearray()
        more = True
        with anyio.move_on_after(BODY_S) as reading:
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise CallerLeft
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > self._max_bytes:
                    raise OversizedBody(limit=self._max_bytes)
        if reading.cancelled_caught:
            raise SlowRequest(waited_s=BODY_S)
        refuse_costly(
            body.decode("utf-8", "replace"), document="request", max_memory=MEMORY_OF_BODY, max_depth=self._max_depth
        )
        return bytes(body)

    async def _pass(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Hand a request on when it has its place, and give the place up when the answer begins."""
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        async with AsyncExitStack() as held:
            if (door := self._door_of(scope)) is not None:
                await held.enter_async_context(door.place(caller_of(scope), lambda: _has_left(receive)))

            async def replay() -> Message:
                return unread.pop() if unread else await receive()

            async def leave(message: Message) -> None:
                await held.aclose()
                await send(message)

            await self._app(scope, replay, leave)


async def _has_left(receive: Receive) -> bool:
    """Look whether a caller has gone, without waiting."""
    message: Message = {"type": ""}
    with anyio.CancelScope() as looking:
        looking.cancel()
        message = await receive()
    return bool(message["type"] == "http.disconnect")
