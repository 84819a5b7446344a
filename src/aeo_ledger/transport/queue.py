"""Request queues: they limit how many requests of a kind run at a time, how many wait, and how many one caller may have.

Without them, requests that take seconds would occupy every thread, and a health check would wait for all of them. A queue is short: at
the end of a long one, a client would give up before its turn. A request that finds the queue full is refused at once, with a
time after which to try again.

All objects of this module belong to one event loop, so there are no locks.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, Protocol

import anyio

from aeo_ledger.errors.transport import LineFull, ShareUsed

PATIENCE_S: Final = 30.0
"""Seconds that a request waits at most."""

_LONGEST_RETRY_S: Final = 60
_WEIGHT: Final = 0.2
"""Weight of the latest request in the moving mean of their duration."""

HasLeft = Callable[[], Awaitable[bool]]
"""Returns whether the caller has disconnected; then its request is dropped."""


class CallerLeft(Exception):
    """The caller disconnected before its request ran."""


class Shares(Protocol):
    """Counts how many requests of each kind every caller has. Several processes may count together."""

    def take(self, what: str, caller: str, most: int) -> bool:
        """Count one more of a caller; False if it has `most` of this kind already."""

    def give(self, what: str, caller: str) -> None:
        """Count one less."""


class OwnShares:
    """The shares in one process."""

    def __init__(self) -> None:
        self._held: Counter[tuple[str, str]] = Counter()

    def take(self, what: str, caller: str, most: int) -> bool:
        """Count one more of a caller; see `Shares`."""
        if self._held[what, caller] >= most:
            return False
        self._held[what, caller] += 1
        return True

    def give(self, what: str, caller: str) -> None:
        """Count one less."""
        self._held[what, caller] -= 1
        if self._held[what, caller] <= 0:
            del self._held[what, caller]


class Capacity:
    """How many requests may run at a time; several queues may share one capacity."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.slots = anyio.Semaphore(at_once)


class RequestQueue:
    """A queue for requests of one kind.

    Args:
        what: The kind, for messages, such as "manifests".
        capacity: How many run at a time.
        length: How many may wait.
        each: How many of one caller may wait or run.
        shares: Counts them; by default here alone.
    """

    def __init__(self, what: str, capacity: Capacity, *, length: int, each: int, shares: Shares | None = None) -> None:
        self.what, self.capacity = what, capacity
        self._length, self._each = length, each
        self._shares = shares or OwnShares()
        self._waiting = 0
        self._takes_s = 1.0

    @asynccontextmanager
    async def slot(self, caller: str, has_left: HasLeft) -> AsyncIterator[None]:
        """Wait for a slot, and occupy it until the block ends.

        Raises:
            ShareUsed: the caller has `each` requests here already.
            LineFull: the queue is full, or no slot became free within `PATIENCE_S` seconds.
            CallerLeft: the caller disconnected meanwhile.
        """
        if not self._shares.take(self.what, caller, self._each):
            raise ShareUsed(what=self.what, limit=self._each, retry_after_s=self._retry_after())
        try:
            await self._wait()
            try:
                if await has_left():
                    raise CallerLeft
                started = time.monotonic()
                yield
                self._takes_s += _WEIGHT * (time.monotonic() - started - self._takes_s)
            finally:
                self.capacity.slots.release()
        finally:
            self._shares.give(self.what, caller)

    async def _wait(self) -> None:
        with suppress(anyio.WouldBlock):
            self.capacity.slots.acquire_nowait()
            return
        if self._waiting >= self._length:
            raise LineFull(what=self.what, limit=self._length, retry_after_s=self._retry_after())
        self._waiting += 1
        try:
            with anyio.fail_after(PATIENCE_S):
                await self.capacity.slots.acquire()
        except TimeoutError as error:
            raise LineFull(what=self.what, limit=self._length, retry_after_s=self._retry_after()) from error
        finally:
            self._waiting -= 1

    def _retry_after(self) -> int:
        """Estimate the seconds until half of the queue has run, by the recent durations."""
        half = (self._waiting + self.capacity.at_once) / 2 * self._takes_s / self.capacity.at_once
        return max(1, min(math.ceil(half), _LONGEST_RETRY_S))


def caller_of(scope: Any) -> str:
    """Return the sender's address; for IPv6 its /64 network, since one caller usually has all of that."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    return str(address) if not isinstance(address, IPv6Address) else address.exploded[:19]
