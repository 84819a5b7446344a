"""A receiver of webhooks, which is no part of this project: it keeps what it gets, and answers as a test says."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from support.waiting import await_that


@dataclass
class Received:
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def signatures(self) -> dict[str, bytes]:
        parts = [part.split(",", 1) for part in self.headers["webhook-signature"].split(" ")]
        return {version: base64.b64decode(text, validate=True) for version, text in parts}

    def signed(self) -> bytes:
        """What the standard says that is signed."""
        return f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body

    def check_secret(self, whsec: str) -> None:
        key = base64.b64decode(whsec.removeprefix("whsec_"), validate=True)
        assert hmac.compare_digest(hmac.digest(key, self.signed(), "sha256"), self.signatures()["v1"])

    def check_key(self, whpk: str) -> None:
        """Raises InvalidSignature."""
        key = base64.b64decode(whpk.removeprefix("whpk_"), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(self.signatures()["v1a"], self.signed())


@dataclass
class Receiver:
    url: str = ""
    got: list[Received] = field(default_factory=list)
    answer: Callable[[int], tuple[int, dict[str, str], bytes]] = lambda _: (204, {}, b"")
    """From the number of a request, counted from 1, to status, headers and body."""

    def await_ids(self, count: int) -> list[str]:
        """Wait until so many requests came, and return their ids."""
        await_that(lambda: len(self.got) >= count, lambda: [one.id for one in self.got])
        return [one.id for one in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = receiver.answer  # a test that sees the request may already have changed it
            receiver.got.append(Received({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers, content = answer(len(receiver.got))
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/secret-path"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
