"""Take a port, and serve on it until told to stop: what `gateway` and `node` share."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from typing import Any

from aeo_ledger.errors import PortTaken


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """Take a port before anything is opened, so that a failure says why and leaves nothing behind.

    Raises:
        PortTaken: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an acknowledgement
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(port=port, detail=error.strerror or str(error)) from error
    return listener


def serve_until_stopped(app: Any, listener: socket.socket) -> None:
    """Serve an ASGI application until SIGINT or SIGTERM; then return, so that what is behind it can be closed."""
    import uvicorn  # noqa: PLC0415 (needs the extra)

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises it again
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
