"""Several processes that serve one port: each does the same work, and they end together."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from aeo_ledger.cli.output import flush_both, guard

MOST: Final = 32
"""Workers at most."""


def work_in_processes(
    count: int, work: Callable[[], None], *, note: Callable[[str], None], last: Callable[[], None] = lambda: None
) -> int:
    """Do the same work in several processes until SIGINT or SIGTERM, or until one of them ends; return an exit code.

    They are forks, so `work` finds everything that was read before: no password is asked for again. If this process is killed, they notice
    it and end. If one of them ends by itself, all end, and whoever watches over this process starts it again.

    Args:
        count: How many.
        work: Called in each; returns after SIGTERM.
        note: Told why they end.
        last: Called in each that outlives this process, after its work: nobody else cleans up then.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    here, there = os.pipe()
    children = [_start(work, here, there, last) for _ in range(count)]
    os.close(here)
    code = 0
    try:
        child, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        note(f"worker {child} {ended}: the others are stopped")
    except KeyboardInterrupt:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError):  # none is left
        os.write(there, bytes(count))  # a word for each
    os.close(there)
    for child in children:
        try:
            os.waitpid(child, 0)
        except ChildProcessError:  # the one that ended first
            continue
    note("stopped")
    return code if code >= 0 else 128 - code


def _start(work: Callable[[], None], here: int, there: int, last: Callable[[], None]) -> int:
    """Fork a worker; return its process id."""
    flush_both()
    child = os.fork()
    if child == 0:
        os.close(there)
        left = threading.Event()
        threading.Thread(target=_end_with_parent, args=(here, left), daemon=True).start()
        code = guard(lambda: work(), as_json=False)  # noqa: PLW0108 (a work has no exit code)
        if left.is_set():
            last()
        flush_both()
        os._exit(code)  # without what the parent does at its end
    return child


def _end_with_parent(pipe: int, left: threading.Event) -> None:
    """Wait for the parent's word, or until it ends and so closes the pipe without one; then end this process."""
    if not os.read(pipe, 1):
        left.set()
    os.kill(os.getpid(), signal.SIGTERM)
