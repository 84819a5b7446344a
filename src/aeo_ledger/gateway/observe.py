"""Tell observers of every request: which route, by its template, with which status, and after how long.

A template has no TIN, alias or code that a caller wrote, so what observers keep is harmless. Refusals that end before a route is reached are
told too: this stands outside everything else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.routing import Match, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE: Final = "none"
"""Instead of a template, where no route fits."""

CALLER_LEFT: Final = 499
"""Status of a request whose caller left before the answer began. HTTP has none; this one is customary."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
"""A caller can invent others, without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A request, without anything that its caller wrote."""

    method: str
    route: str
    """The route's template, as in /v1/traders/{tin}/recognitions."""
    status: int
    seconds: float
    """Until the answer began."""


Observe = Callable[[Served], None]


class Observing:
    """An ASGI middleware.

    Args:
        app: The application.
        router: Of that application.
        observers: Called in the event loop after each request, so they must be quick.
    """

    def __init__(self, app: ASGIApp, *, router: Router, observers: Sequence[Observe]) -> None:
        self._app, self._router, self._observers = app, router, observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, took = time.perf_counter(), CALLER_LEFT, 0.0

        async def answer(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], time.perf_counter() - begun
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            seconds = took or time.perf_counter() - begun
            served = Served(method=method, route=self._template(scope), status=status, seconds=seconds)
            for observe in self._observers:
                observe(served)

    def _template(self, scope: Scope) -> str:
        """Return the template of the route that served a request, or would have if it had not been refused before."""
        found = scope.get("route")
        if found is None:
            for route in self._router.routes:
                if route.matches(scope)[0] is not Match.NONE:
                    found = route
                    break
        return str(getattr(found, "path", NO_ROUTE))
