"""Nodes that misbehave, over real HTTP: in front of a real ledger, with one thing changed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[Mapping[str, Any]], Any]
"""Answers a request: an object is sent as JSON, bytes as they are, a number as an HTTP status; None closes the connection."""


@dataclass
class RogueNode:
    """A node on a port; `behave` may be changed while it runs."""

    behave: Behaviour
    url: str = ""
    clock_ahead_s: float = 0.0
    """How far the `Date` of its answers is ahead."""
    asked: list[str] = field(default_factory=list)

    def count(self, method: str) -> int:
        return self.asked.count(method)


@contextmanager
def rogue(behave: Behaviour) -> Iterator[RogueNode]:
    node = RogueNode(behave)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            node.asked.append(request["method"])
            said = node.behave(request)
            if said is None:
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            status = said if isinstance(said, int) else 200
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            with suppress(OSError):
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((time.time() if timestamp is None else timestamp) + node.clock_ahead_s)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def result(request: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], "result": value}


def failure(request: Mapping[str, Any], message: str, code: int = -32000) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message}}
