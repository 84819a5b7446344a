"""Waiting for what another thread or process does: a test waits for a fact, as long as a busy machine may need, and for no moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

WITHIN_S: Final = 180
"""Seconds within which whatever happens at all has happened. Nobody waits so long, unless a test is about to fail."""


def await_that(happens: Callable[[], object], told: Callable[[], object] = lambda: "it never happened") -> None:
    """Wait until something is so.

    Args:
        happens: Tells whether it is so by now. It may also assert that nothing else is.
        told: What to say if it never is.
    """
    until = time.monotonic() + WITHIN_S
    while not happens():
        assert time.monotonic() < until, told()
        time.sleep(0.02)
