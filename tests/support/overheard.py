"""A line that is listened to: what passes between a client and a server of loopback, as whoever runs the server sees it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Overheard:
    """The line's address, and what was said so far."""

    url: str
    asked: bytearray = field(default_factory=bytearray)
    """What clients sent."""
    answered: bytearray = field(default_factory=bytearray)


@contextmanager
def listening_to(port: int) -> Iterator[Overheard]:
    """Open a port of loopback that leads to another one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard = Overheard(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:  # closed
                    return
                threading.Thread(target=_join, args=(client, port, heard), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield heard
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _join(client: socket.socket, port: int, heard: Overheard) -> None:
    """Pass on what both sides say until both have ended."""
    with client, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_pass_on, args=(server, client, heard.answered), daemon=True)
        back.start()
        _pass_on(client, server, heard.asked)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            kept += data
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
