"""Doors: so many requests of a kind at a time, a short line before each, and a share of it for every caller.

Work that takes seconds would otherwise take every thread, and the question "are you well?" would wait behind all of it.
A line is as long as it is of use: who stands at its end gives up before its turn. So it is refused at once and told when
to come back.

Everything here belongs to one event loop; nothing is locked.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

import anyio

from aeo_ledger.errors.transport import LineFull, ShareUsed

PATIENCE_S: Final = 30.0
"""Seconds that a request waits in a line at most."""

_LONGEST_RETRY_S: Final = 60
_WEIGHT: Final = 0.2
"""Of the latest request, in the mean of how long one takes."""

HasLeft = Callable[[], Awaitable[bool]]
"""Tells whether a caller has gone: nobody works for it then."""


class CallerLeft(Exception):
    """A caller went before anything was done for it."""


class Room:
    """A place where so many requests are worked on at a time; several doors may lead to one."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.places = anyio.Semaphore(at_once)


class Door:
    """A way into a room for requests of one kind.

    Args:
        what: What it is for, as in "manifests".
        room: Where it leads.
        line: How many may wait before it.
        each: How many of one caller may wait or be inside.
    """

    def __init__(self, what: str, room: Room, *, line: int, each: int) -> None:
        self.what, self.room = what, room
        self._line, self._each = line, each
        self._of_caller: Counter[str] = Counter()
        self._waiting = 0
        self._takes_s = 1.0

    @asynccontextmanager
    async def place(self, caller: str, has_left: HasLeft) -> AsyncIterator[None]:
        """Wait for a place, and hold it while inside.

        Raises:
            ShareUsed: this caller has as many requests here as one may have.
            LineFull: the line is full, or did not move for `PATIENCE_S` seconds.
            CallerLeft: the caller went meanwhile.
        """
        if self._of_caller[caller] >= self._each:
            raise ShareUsed(what=self.what, limit=self._each, retry_after_s=self._retry_after())
        self._of_caller[caller] += 1
        try:
            await self._wait()
            try:
                if await has_left():
                    raise CallerLeft
                started = time.monotonic()
                yield
                self._takes_s += _WEIGHT * (time.monotonic() - started - self._takes_s)
            finally:
                self.room.places.release()
        finally:
            self._of_caller[caller] -= 1
            self._of_caller += Counter()  # forgets those who have none

    async def _wait(self) -> None:
        with suppress(anyio.WouldBlock):
            self.room.places.acquire_nowait()
            return
        if self._waiting >= self._line:
            raise LineFull(what=self.what, limit=self._line, retry_after_s=self._retry_after())
        self._waiting += 1
        try:
            with anyio.fail_after(PATIENCE_S):
                await self.room.places.acquire()
        except TimeoutError as error:
            raise LineFull(what=self.what, limit=self._line, retry_after_s=self._retry_after()) from error
        finally:
            self._waiting -= 1

    def _retry_after(self) -> int:
        """Guess the seconds until the line has moved on: half of it, as long as requests took lately."""
        half = (self._waiting + self.room.at_once) / 2 * self._takes_s / self.room.at_once
        return max(1, min(math.ceil(half), _LONGEST_RETRY_S))


def caller_of(scope: Any) -> str:
    """Name who sends a request: its address, or of IPv6 its network of 64 bits, since one caller has all of that."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    return str(address) if not isinstance(address, IPv6Address) else address.exploded[:19]
