"""Server-sent events, as a client reads them: bounded lines, one event at a time.

Source: HTML Living Standard, section 9.2.6 (interpreting an event stream).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx

MAX_EVENT: Final = 1 << 17
"""Most bytes of one event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event."""

    kind: str
    id: str
    """The last id that the stream gave; empty if it gave none."""
    data: str


def read_events(parts: Iterable[bytes]) -> Iterator[Event]:
    """Read the events of a stream, from its parts of any length. Comments and fields that nobody uses are passed over.

    Raises:
        httpx.DecodingError: A line is not UTF-8, or an event is longer than `MAX_EVENT`.
    """
    kind, last, size = "message", "", 0
    data: list[str] = []
    for line in _lines(parts):
        size += len(line)
        if size > MAX_EVENT:
            raise httpx.DecodingError(f"an event is longer than {MAX_EVENT} bytes")
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Event(kind=kind, id=last, data="\n".join(data))
            kind, data, size = "message", [], 0
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif name == "id":
            last = value


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    """Divide a stream into lines that end with LF or CRLF. A gateway of this project writes no others."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        if len(rest) > MAX_EVENT:
            raise httpx.DecodingError(f"a line is longer than {MAX_EVENT} bytes")
        for line in lines:
            try:
                yield line.removesuffix(b"\r").decode()
            except UnicodeDecodeError as error:
                raise httpx.DecodingError("an event is not UTF-8") from error
