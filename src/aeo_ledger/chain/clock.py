"""The clock that dates blocks, and the doubts that stop it.

A block may not be dated before its parent, so one block dated 2099 by a clock that was wrong for a second would be the
last. Hence two clocks are compared: the wall's, which people and NTP set, and the monotonic one, which nobody sets.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aeo_ledger.errors.chain import ClockDoubtful

JUMP_S = 5
"""Seconds by which the wall clock may stray from the monotonic one between two looks."""

PAUSE_S = 30 * 86_400
"""Seconds since the last block after which an opening needs confirmation: less ahead costs less than a month."""


_RIGHT = "put it right"
_RIGHT_OR_CONFIRM = f"{_RIGHT}, or if it is right start again with --confirm-clock"

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

    def __init__(self, clock: Clock, *, opened_at: int | None = None) -> None:
        """Watch a clock.

        Args:
            clock: It.
            opened_at: Timestamp of the block that was the last when the ledger was opened: a clock more than `PAUSE_S` after it is doubted,
                since only a person can tell a wrong clock from a long pause. None if a person has looked.
        """
        self._clock = clock
        self._anchor = (clock.wall(), clock.monotonic())
        self._opened_at = opened_at

    def now(self, last_block: int) -> float:
        """Tell the wall time in seconds.

        Args:
            last_block: Timestamp of the chain's last block.

        Raises:
            ClockDoubtful: The wall clock jumped, stands before the last block, or long after the one at which the ledger was opened. It
                stays so until the clock is put right, or, unless it stands before the last block, until `confirm`.
        """
        wall, monotonic = self._clock.wall(), self._clock.monotonic()
        expected = self._anchor[0] + monotonic - self._anchor[1]
        if wall < last_block:
            raise ClockDoubtful(found=int(wall), needed=last_block, reason=f"it stands before the last block; {_RIGHT}")
        if self._opened_at is not None and wall > self._opened_at + PAUSE_S:
            days = f"the last block is over {PAUSE_S // 86_400} days old"
            raise ClockDoubtful(found=int(wall), needed=self._opened_at, reason=f"{days}; {_RIGHT_OR_CONFIRM}")
        was_put_right = self._opened_at is not None and expected > self._opened_at + PAUSE_S
        if abs(wall - expected) > JUMP_S and not was_put_right:
            jumped = "it jumped against the monotonic clock"
            raise ClockDoubtful(found=int(wall), needed=int(expected), reason=f"{jumped}; {_RIGHT_OR_CONFIRM}")
        self._anchor, self._opened_at = (wall, monotonic), None
        return wall

    def confirm(self) -> None:
        """Take the wall clock's present word for good: a person has looked."""
        self._anchor, self._opened_at = (self._clock.wall(), self._clock.monotonic()), None
