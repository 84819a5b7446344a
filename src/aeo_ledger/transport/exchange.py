"""One request to a server and its whole answer, in bounded time and memory.

httpx limits the time for each read, and not for the whole answer: a server that sends one byte a second is never too slow. httpx also
decompresses without a limit, and a megabyte can become a gigabyte. So here every read and write gets the time that is left for the
answer, and this module decompresses up to a limit.
"""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final

import httpcore
import httpx

from aeo_ledger.errors.transport import PrivateAddress

CONNECT_S: Final = 3.0
"""Seconds within which a server must accept the connection."""

EVENTS: Final = "text/event-stream"
"""Media type of server-sent events."""

_PIECE: Final = 1 << 12
"""Bytes that are sent between two checks of the time, since a server may read slowly."""
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Addresses that a router translates to the IPv4 address in them (RFC 6052)."""
_ASSIGNED: Final = IPv6Network("2000::/3")
"""All public addresses of IPv6 that are assigned (IANA, IPv6 Global Unicast Address Space)."""
_GZIP: Final = 16 + zlib.MAX_WBITS

_CLOCK: Final = threading.local()
"""`until` is the deadline of this thread's answer, by the monotonic clock."""


class AnswerTooLong(httpx.HTTPError):
    """The answer is too long, compressed or decompressed."""


class AnswerTooSlow(httpx.HTTPError):
    """The whole answer did not arrive in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, whole and decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """An answer that has no end of its own."""

    headers: httpx.Headers
    parts: Iterator[bytes]


def open_client(*, only_public: bool = False, **options: Any) -> httpx.Client:
    """Make an httpx client that limits the time of a whole answer.

    httpx has no setting for this, so the network backend in its connection pools is replaced.

    Args:
        only_public: Whether it refuses to connect to an address inside this machine or its network, also if a public name leads there.
        options: Those of `httpx.Client`.

    Raises:
        ValueError, OSError, ImportError: the environment's proxies or certificates cannot be used.
    """
    client = httpx.Client(**options)
    backend = _PublicBackend if only_public else _Backend
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 (see above)
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = backend(pool._network_backend)  # noqa: SLF001
    return client


def ask(client: httpx.Client, method: str, url: str, *, max_bytes: int, within_s: float, **content: Any) -> Answer:
    """Send a request and read its whole answer.

    Args:
        client: From `open_client`.
        method: The HTTP method.
        url: Absolute.
        max_bytes: Longest answer, both compressed and decompressed.
        within_s: Seconds for the whole answer.
        content: `params`, `json`, `content` or `headers` of httpx.

    Raises:
        AnswerTooLong, AnswerTooSlow: the answer is too long or too slow.
        httpx.HTTPError: no answer came.
    """
    headers = {"accept-encoding": "gzip", **content.pop("headers", {})}
    limits = httpx.Timeout(within_s, connect=min(within_s, CONNECT_S))
    with _within(within_s), client.stream(method, url, headers=headers, timeout=limits, **content) as response:
        return Answer(status=response.status_code, headers=response.headers, body=_read(response, max_bytes))


@contextmanager
def open_stream(
    client: httpx.Client, url: str, *, max_bytes: int, within_s: float, **content: Any
) -> Iterator[Answer | Stream]:
    """Open a stream of events; or yield the whole answer, if it is something else.

    Args:
        client: From `open_client`.
        url: Absolute.
        max_bytes: Longest answer that is something else.
        within_s: Seconds within which the answer must begin, and each next part arrive.
        content: `params` or `headers` of httpx.

    Raises:
        AnswerTooLong, AnswerTooSlow: the answer is too long, or the next part too slow; also while the parts are read.
        httpx.HTTPError: no answer came, or it broke off.
    """
    headers = {"accept": EVENTS, "accept-encoding": "identity", **content.pop("headers", {})}
    limits = httpx.Timeout(within_s, connect=min(within_s, CONNECT_S))
    with _within(within_s), client.stream("GET", url, headers=headers, timeout=limits, **content) as response:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if (response.status_code, kind) == (200, EVENTS):
            yield Stream(headers=response.headers, parts=_extend(response.iter_raw(), within_s))
        else:
            yield Answer(status=response.status_code, headers=response.headers, body=_read(response, max_bytes))


def _extend(parts: Iterator[bytes], within_s: float) -> Iterator[bytes]:
    """Give each part the whole time."""
    while True:
        _CLOCK.until = time.monotonic() + within_s
        try:
            yield next(parts)
        except StopIteration:
            return


@contextmanager
def _within(within_s: float) -> Iterator[None]:
    """Limit the time of this thread's answer."""
    _CLOCK.until = time.monotonic() + within_s
    try:
        yield
    except (httpx.ReadTimeout, httpx.WriteTimeout, httpcore.ReadTimeout) as error:
        raise AnswerTooSlow(f"nothing more within {within_s:g} s") from error
    except UnicodeError as error:  # the host name is not a DNS name
        raise httpx.ConnectError(str(error)) from error
    finally:
        vars(_CLOCK).pop("until", None)  # while a stream is open, its reader may have asked something else


def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body in parts, and decompress it up to the limit."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise httpx.DecodingError(f"the answer is encoded as {encoding[:40]!r}, needed gzip or nothing")
    gzip = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    parts = (
        [response.content] if response.is_stream_consumed else response.iter_raw()
    )  # some transports return it whole
    body, sent = bytearray(), 0
    try:
        for part in parts:
            sent += len(part)
            body += part if gzip is None else gzip.decompress(part, max_bytes - len(body) + 1)
            if max(sent, len(body)) > max_bytes:
                raise AnswerTooLong(f"the answer is longer than {max_bytes} bytes")
            _left()
    except zlib.error as error:
        raise httpx.DecodingError(f"the answer is not valid gzip: {error}") from error
    if gzip is not None and (not gzip.eof or gzip.unused_data):
        raise httpx.DecodingError("the answer is not exactly one gzip stream")
    return bytes(body)


def _left() -> float:
    """Return the seconds that are left for this thread's answer."""
    left: float = _CLOCK.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("no time is left")
    return left


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the time that is left."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (it is never the shorter one)
        """Read the available bytes, or wait for some."""
        return self._stream.read(max_bytes, _left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write in small pieces."""
        for at in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[at : at + _PIECE], _left())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        """Start TLS."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, min(timeout or CONNECT_S, _left())))

    def get_extra_info(self, info: str) -> Any:
        """Return information about the socket."""
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose reads and writes end with the time that is left."""

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
        reached, within_s = self._choose(host, port), min(timeout or CONNECT_S, _left())
        return _Stream(self._backend.connect_tcp(reached, port, within_s, local_address, socket_options))

    def _choose(self, host: str, port: int) -> str:  # noqa: ARG002 (a subclass looks the host up)
        return host


class _PublicBackend(_Backend):
    """Connects to public addresses alone: to the very address that was looked at, so no second answer of a name server counts."""

    def _choose(self, host: str, port: int) -> str:
        """Look the host up, and choose an address if all of them are public.

        Raises:
            PrivateAddress: one is not.
            httpcore.ConnectError: the host is unknown.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(place[0]) for *_, place in found]
        for address in addresses:
            if not is_public(address):
                raise PrivateAddress(host=host, address=address)
        return addresses[0]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, also where it carries an IPv4 address in it.

    Of IPv6, only what is assigned for that counts. Python's own lists differ by version, and lack what a network's own routers translate.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    if found.ipv4_mapped is not None:
        return is_public(str(found.ipv4_mapped))
    if found in _TRANSLATED:
        return is_public(str(IPv4Address(found.packed[-4:])))
    inner = (found.sixtofour, *(found.teredo or ()))
    return found in _ASSIGNED and found.is_global and all(one is None or is_public(str(one)) for one in inner)
