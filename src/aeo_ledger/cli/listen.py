"""Open a port, and serve on it until stopped: what `gateway` and `node` share."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aeo_ledger.cli.output import keep_log
from aeo_ledger.errors.cli import PortTaken
from aeo_ledger.errors.primitives import MalformedText


def listen(port: int, host: str = "127.0.0.1", *, shared: bool = False) -> socket.socket:
    """Open a port before anything else, so that a failure says why and leaves nothing behind.

    Several processes of one user may open a shared port. The system deals the connections out among those that accept them. From one socket
    that all inherit, the first process that wakes up would take nearly all.

    Raises:
        PortTaken: it cannot be opened.
        MalformedText: the host is not an address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only if the protocol is named; without it each answer waits 40 ms for an acknowledgement
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(port=port, detail=error.strerror or str(error)) from error
    except (UnicodeError, TypeError, ValueError) as error:
        listener.close()
        raise MalformedText("--host", ascii(host[:80]), "an address of this machine, such as 127.0.0.1") from error
    return listener


def make_server(app: Any) -> Any:
    """Make the server of an ASGI application: uvicorn, without its name in answers, with time limits on connections."""
    import uvicorn  # noqa: PLC0415 (needs the extra)

    from aeo_ledger.transport.connection import PromptConnection, PromptServer  # noqa: PLC0415

    return PromptServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            http=PromptConnection,
            ws="none",
            server_header=False,
        )
    )


def serve_until_stopped(app: Any, listener: socket.socket, keep: Callable[[], None] = keep_log) -> None:
    """Serve an ASGI application until SIGINT or SIGTERM; then return, so that the caller can close the ledger. `keep` sets up the log."""
    keep()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises it again
    with suppress(KeyboardInterrupt):
        make_server(app).run(sockets=[listener])
