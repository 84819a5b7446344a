"""Connections with limits: on the time for a request's head, on the time for reading an answer, and on their number for each caller.

uvicorn has a time limit for idle connections only. A client that sends half of a request's head, or stops reading an answer, would
keep its connection for ever; a few hundred such clients would occupy all connections.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import PlainTextResponse, Response
from uvicorn import Server
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.transport import ConnectionsFull, ConnectionsUsed
from aeo_ledger.transport.queue import caller_of

HEAD_S: Final = 10.0
"""Seconds within which the head of a request must arrive, counted from the connection or from the last answer."""

STALLED_S: Final = 60.0
"""Seconds for which an answer may wait for its reader."""

EACH: Final = 256
"""Connections of one caller at a time; further ones are refused before anything is read."""

ALL: Final = 768
"""Connections at a time; further ones are refused. Many systems let a process have 1,024 files."""

TOLD: Final = 64
"""Connections that are being told so, of one caller and of all. Since each of them takes memory too, further ones are closed as soon as it is
written: what they send meanwhile may then cost them the answer."""

_TELLING_S: Final = 1.0
"""Seconds for which a caller may go on sending after that answer: if the connection were closed at once, the answer could be lost."""

_RETRY_S: Final = int(HEAD_S)


class PromptServer(Server):
    """A uvicorn server that ends streams when it stops. It waits for every answer under way, and a stream has no end of its own."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the application end its streams (`app.state.end_streams`, if it has some), then stop."""
        end_streams = getattr(getattr(self.config.app, "state", None), "end_streams", None)
        if end_streams is not None:
            end_streams()
        await super().shutdown(sockets)


class PromptConnection(H11Protocol):
    """A uvicorn connection that is closed when a request's head or an answer's reader is too slow."""

    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    caller = ""
    _is_surplus = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head, unless the caller has too many connections."""
        super().connection_made(transport)
        self.caller = caller_of({"client": self.client})
        count = sum(self.caller == getattr(other, "caller", None) for other in self.connections)
        has_room = count <= EACH + TOLD and len(self.connections) <= ALL + TOLD
        if count > EACH:
            self._refuse(ConnectionsUsed(limit=EACH, retry_after_s=_RETRY_S), waits=has_room)
        elif len(self.connections) > ALL:
            self._refuse(ConnectionsFull(limit=ALL, retry_after_s=_RETRY_S), waits=has_room)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Parse the data, and start or stop the timer; ignore them on a surplus connection."""
        if self._is_surplus:
            return
        super().data_received(data)
        self._expect_head()

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        super().on_response_complete()
        self._expect_head()

    def pause_writing(self) -> None:
        """Start the reader's timer."""
        super().pause_writing()
        self._reader = self._reader or self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the reader's timer."""
        super().resume_writing()
        self._reader = _cancel(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop both timers."""
        super().connection_lost(exc)
        self._head, self._reader = _cancel(self._head), _cancel(self._reader)

    def _refuse(self, error: AeoLedgerError, *, waits: bool) -> None:
        """Answer that there are too many connections, in the form of the application's other errors, and read no request.

        Args:
            error: Says so.
            waits: Whether the caller may go on sending until it has read the answer.
        """
        self._is_surplus = True
        write: Callable[[AeoLedgerError], Response] = getattr(
            getattr(self.config.app, "state", None), "refuse", _in_words
        )
        response = write(error)
        response.headers["connection"] = "close"
        head = [b"HTTP/1.1 %d Refused" % response.status_code]
        head += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        if not waits:
            self.transport.close()
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._head = self.loop.call_later(_TELLING_S, self._drop)

    def _expect_head(self) -> None:
        """Start the timer while a head is expected; stop it when the head has arrived."""
        cycle: RequestResponseCycle | None = self.cycle
        under_way = cycle is not None and not cycle.response_complete
        if under_way or self.transport.is_closing():
            self._head = _cancel(self._head)
        elif self._head is None:
            self._head = self.loop.call_later(HEAD_S, self._drop)

    def _drop(self) -> None:
        """Abort the connection, unless it is closing already: then the last answer may still be on its way."""
        if not self.transport.is_closing():
            self.transport.abort()


def _in_words(error: AeoLedgerError) -> Response:
    return PlainTextResponse(f"{error}\n", status_code=503, headers={"retry-after": str(_RETRY_S)})


def _cancel(timer: asyncio.TimerHandle | None) -> Any:
    if timer is not None:
        timer.cancel()
    return None
