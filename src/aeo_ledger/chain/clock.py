"""The clock that dates blocks, and the checks that it is right.

A block may not be dated before its parent. So one block dated 2099, by a clock that was wrong for a second, would be the last block.
Therefore two clocks are compared: the wall clock, which people and NTP set, and the monotonic clock, which nobody sets.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aeo_ledger.errors.chain import ClockDoubtful

JUMP_S = 5
"""Seconds by which the wall clock may differ from the monotonic clock between two readings."""

_MOMENT_S = 1
"""Seconds that reading both clocks may take."""

PAUSE_S = 30 * 86_400
"""If the last block is older than this many seconds, opening needs a confirmation of the clock. So a clock that runs ahead unnoticed costs a month
at most."""


_RIGHT = "put it right"
_RIGHT_OR_CONFIRM = f"{_RIGHT}, or if it is right start again with --confirm-clock"

_STEADY = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
"""The system's clock that nobody sets; one that goes on while a laptop sleeps, if there is one."""


def _steady() -> float:
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The sources of time; tests supply their own."""

    wall: Callable[[], float] = time.time
    """UTC seconds since 1970."""
    monotonic: Callable[[], float] = _steady
    """Seconds since a fixed moment; nobody sets this clock."""
    sleep: Callable[[float], None] = time.sleep
    """Waits for the given seconds of the wall clock."""


class ClockWatch:
    """Reads the wall clock, and refuses a time that is implausible.

    Each accepted reading is compared with the one before. So a slow drift is accepted, and a jump is refused.
    """

    def __init__(self, clock: Clock, *, opened_at: int | None = None) -> None:
        """Watch a clock.

        Args:
            clock: The clock.
            opened_at: Timestamp of the last block when the ledger was opened. A time more than `PAUSE_S` later is refused, since only a
                person can tell a wrong clock from a long pause. None if a person has confirmed the clock.
        """
        self._clock = clock
        self._anchor = self._read()
        self._opened_at = opened_at

    def now(self, last_block: int) -> float:
        """Read the wall clock, in seconds.

        Args:
            last_block: Timestamp of the chain's last block.

        Raises:
            ClockDoubtful: The clock jumped, or is before the last block, or is long after the block at which the ledger was opened. Every
                reading is refused until the clock is corrected, or until `confirm` (which does not help if it is before the last block).
        """
        wall, monotonic = self._read()
        expected = self._anchor[0] + monotonic - self._anchor[1]
        if wall < last_block:
            raise ClockDoubtful(found=int(wall), needed=last_block, reason=f"it is before the last block; {_RIGHT}")
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
        """Accept the wall clock as it is: a person has checked it."""
        self._anchor, self._opened_at = self._read(), None

    def _read(self) -> tuple[float, float]:
        """Read the wall clock and the monotonic clock at one moment. If the machine pauses between them, read again: it would look like a jump."""
        while True:
            before, wall, after = self._clock.monotonic(), self._clock.wall(), self._clock.monotonic()
            if after - before <= _MOMENT_S:
                return wall, after
