"""Servers that do harm, on real sockets of loopback: each answers a request in a way that costs its caller most."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]
"""Answers one request on its connection; a broken connection ends it."""

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@dataclass
class Hostile:
    """A server; `behave` may be changed while it runs."""

    behave: Behaviour
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    """Heads of the requests that came whole."""


@contextmanager
def hostile(behave: Behaviour) -> Iterator[Hostile]:
    """Run a hostile server on a free port."""
    server = Hostile(behave)
    listener = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    connections: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while (head := _read_request(connection)) is not None:
                server.asked.append(head)
                server.behave(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _read_request(connection: socket.socket) -> bytes | None:
    """Read a request with its body, and return its head; None when the caller went."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(1 << 16)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    rest = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while rest > 0:
        part = connection.recv(1 << 16)
        if not part:
            return None
        rest -= len(part)
    return head


# ---- ways to answer ----


def silence(_: socket.socket) -> None:
    """Never answer."""
    threading.Event().wait(60)


def close(connection: socket.socket) -> None:
    """End the connection."""
    connection.shutdown(socket.SHUT_RDWR)


def dripping_head(connection: socket.socket) -> None:
    """Send a head that never ends, a byte at a time, each well within any wait for a byte."""
    connection.sendall(_HEAD + b"x: ")
    _drip(connection)


def dripping_body(connection: socket.socket) -> None:
    """Send a body that never ends, a byte at a time."""
    connection.sendall(_HEAD + b"content-length: 100000\r\n\r\n{")
    _drip(connection)


def _drip(connection: socket.socket) -> None:
    while True:
        time.sleep(0.05)
        connection.sendall(b" ")


def endless_head(connection: socket.socket) -> None:
    """Send headers for ever."""
    connection.sendall(_HEAD)
    while True:
        connection.sendall(b"x: " + b"y" * 4_000 + b"\r\n")


def endless_body(connection: socket.socket) -> None:
    """Send a text of JSON for ever."""
    connection.sendall(_HEAD + b'\r\n{"a": "')
    while True:
        connection.sendall(b"x" * (1 << 16))


def gzip_bomb(connection: socket.socket) -> None:
    """Send megabytes that become gigabytes."""
    _send_gzip(connection, bytes(1 << 20))


def hollow_gzip(connection: socket.socket) -> None:
    """Send megabytes that become nothing at all."""
    _send_gzip(connection, b"")


def _send_gzip(connection: socket.socket, block: bytes) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    connection.sendall(_HEAD + b"content-encoding: gzip\r\n\r\n")
    while True:
        connection.sendall(squeeze.compress(block) + squeeze.flush(zlib.Z_FULL_FLUSH))


def answering(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """Answer with a body and headers; `_` in a header's name stands for `-`."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())

    def answer(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
        connection.sendall(head.encode() + body)

    return answer


def answering_json(document: object, status: int = 200, **headers: str) -> Behaviour:
    return answering(json.dumps(document).encode(), status, **headers)


def nested_lists(size: int) -> bytes:
    """Brackets within brackets, no deeper than documents may be."""
    return b"[" + b",".join([b"[" * 14 + b"]" * 14] * (size // 29)) + b"]"


def nested_objects(size: int) -> bytes:
    """Objects within objects: sixty times their bytes, once read."""
    return b"[" + b",".join([b'{"":' * 14 + b"0" + b"}" * 14] * (size // 72)) + b"]"


def brackets(size: int) -> bytes:
    """Nothing but brackets."""
    return b"[]" * (size // 2)
