"""The clock that dates blocks, and the doubts that stop it.

A block may not be dated before its parent, so one block dated 2099 by a clock that was wrong for a second would be the
last. Hence two clocks are compared: the wall's, which people and NTP set, and the monotonic one, which nobody sets.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aeo_ledger.errors import ClockDoubtful

JUMP_S = 5
"""Seconds by which the wall clock may stray from the monotonic one between two looks."""

PAUSE_S = 30 * 86_400
"""Seconds since the last block after which an opening needs confirmation: less ahead costs less than a month."""


_STEADY = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
"""The system's clock that nobody sets and that counts a laptop's sleep, where it has one."""


def _steady() -> float:
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where time comes from; tests bring their own."""

    wall: Callable[[], float] = time.time
    """UTC seconds since 1970."""
    monotonic: Callable[[], float] = _steady
    """Seconds since any fixed moment, never set."""
    sleep: Callable[[float], None] = time.sleep
    """Wait for so many of the wall clock's seconds."""


class ClockWatch:
    """Tells the wall time as long as it can be believed.

    Each good look becomes the anchor of the next, so a slow drift is followed and a jump is not.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor = (clock.wall(), clock.monotonic())

    def now(self, last_block: int) -> float:
        """Tell the wall time in seconds.

        Args:
            last_block: Timestamp of the chain's last block.

        Raises:
            ClockDoubtful: The wall clock jumped, or stands before the last block. It stays so until the clock is put
                right, or, for a jump, until `confirm`.
        """
        wall, monotonic = self._clock.wall(), self._clock.monotonic()
        expected = self._anchor[0] + monotonic - self._anchor[1]
        if abs(wall - expected) > JUMP_S:
            raise ClockDoubtful(found=int(wall), needed=int(expected), reason="it jumped against the monotonic clock")
        if wall < last_block:
            raise ClockDoubtful(found=int(wall), needed=last_block, reason="it stands before the last block")
        self._anchor = (wall, monotonic)
        return wall

    def check_pause(self, last_block: int) -> None:
        """Doubt a clock more than `PAUSE_S` after the last block, which only a person can tell from a long pause.

        Raises:
            ClockDoubtful: It does.
        """
        wall = self._clock.wall()
        if wall > last_block + PAUSE_S:
            raise ClockDoubtful(
                found=int(wall), needed=last_block, reason=f"the last block is over {PAUSE_S // 86_400} days old"
            )

    def confirm(self) -> None:
        """Take the wall clock's present word for good: a person has looked."""
        self._anchor = (self._clock.wall(), self._clock.monotonic())
