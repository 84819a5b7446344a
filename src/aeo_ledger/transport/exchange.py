"""One question to a server and its whole answer, in bounded time and memory.

httpx bounds each wait for a byte, and not an answer: who sends one byte a second is never too slow for it. It
decompresses whatever comes, and a megabyte can become a gigabyte. So every wait is cut to what is left of the answer's
own time, and decompression is done here, as far as there is room.
"""

from __future__ import annotations

import threading
import time
import zlib
from dataclasses import dataclass
from typing import Any, Final

import httpcore
import httpx

CONNECT_S: Final = 3.0
"""Seconds within which a server must take the connection."""

_PIECE: Final = 1 << 12
"""Bytes that are sent between two looks at the clock: a server may take them as slowly as it likes."""
_GZIP: Final = 16 + zlib.MAX_WBITS

_CLOCK: Final = threading.local()
"""`until` is when this thread's answer must be there, by the monotonic clock."""


class AnswerTooLong(httpx.HTTPError):
    """More came than an answer may have, as it was sent or decompressed."""


class AnswerTooSlow(httpx.HTTPError):
    """The whole answer was not there in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, whole and decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes


def open_client(**options: Any) -> httpx.Client:
    """Make a client of httpx whose every wait ends with the time of the answer that it waits for.

    httpx has no setting for that: what it reads and writes with is put into its connection pools.

    Args:
        options: As httpx takes them.

    Raises:
        ValueError, OSError, ImportError: the environment's proxies or certificates cannot be used.
    """
    client = httpx.Client(**options)
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 (see above)
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001
    return client


def ask(client: httpx.Client, method: str, url: str, *, max_bytes: int, within_s: float, **content: Any) -> Answer:
    """Send a request and read its whole answer.

    Args:
        client: As `open_client` makes it.
        method: Of HTTP.
        url: Absolute.
        max_bytes: Longest answer, as it is sent and as it is decompressed.
        within_s: Seconds for all of it.
        content: `params`, `json`, `content` or `headers`, as httpx takes them.

    Raises:
        AnswerTooLong, AnswerTooSlow: it is.
        httpx.HTTPError: none came.
    """
    _CLOCK.until = time.monotonic() + within_s
    headers = {"accept-encoding": "gzip", **content.pop("headers", {})}
    limits = httpx.Timeout(within_s, connect=min(within_s, CONNECT_S))
    try:
        with client.stream(method, url, headers=headers, timeout=limits, **content) as response:
            body = _read(response, max_bytes)
            return Answer(status=response.status_code, headers=response.headers, body=body)
    except (httpx.ReadTimeout, httpx.WriteTimeout, httpcore.ReadTimeout) as error:
        raise AnswerTooSlow(f"no whole answer within {within_s:g} s") from error
    except UnicodeError as error:  # a name that is none of the DNS
        raise httpx.ConnectError(str(error)) from error
    finally:
        del _CLOCK.until


def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body as it comes, and decompress it as far as there is room."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise httpx.DecodingError(f"the answer is encoded as {encoding[:40]!r}, needed gzip or nothing")
    gzip = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    parts = [response.content] if response.is_stream_consumed else response.iter_raw()  # some transports give it whole
    body, sent = bytearray(), 0
    try:
        for part in parts:
            sent += len(part)
            body += part if gzip is None else gzip.decompress(part, max_bytes - len(body) + 1)
            if max(sent, len(body)) > max_bytes:
                raise AnswerTooLong(f"the answer is longer than {max_bytes} bytes")
            _left()
    except zlib.error as error:
        raise httpx.DecodingError(f"the answer is no gzip: {error}") from error
    if gzip is not None and (not gzip.eof or gzip.unused_data):
        raise httpx.DecodingError("the answer is not exactly one gzip")
    return bytes(body)


def _left() -> float:
    """Tell the seconds that are left for this thread's answer."""
    left: float = _CLOCK.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("no time is left")
    return left


class _Stream(httpcore.NetworkStream):
    """A connection on which no wait is longer than the time that is left."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (it is never the shorter one)
        """Read what is there, or wait for it."""
        return self._stream.read(max_bytes, _left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write piece by piece."""
        for at in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[at : at + _PIECE], _left())

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        """Speak TLS from here on."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, min(timeout or CONNECT_S, _left())))

    def get_extra_info(self, info: str) -> Any:
        """Tell what is asked of the socket."""
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections that keep to the time that is left."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> _Stream:
        """Connect."""
        within_s = min(timeout or CONNECT_S, _left())
        return _Stream(self._backend.connect_tcp(host, port, within_s, local_address, socket_options))
