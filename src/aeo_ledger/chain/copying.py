"""Copy an SQLite file while another process writes to it, as of one moment, and give up when the copy stands still."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from aeo_ledger.chain.connection import connect_reading, connect_writing
from aeo_ledger.errors.chain import StorageFailed

STALL_S: Final = 30.0
"""Seconds without one more page, after which a copy ends with an error."""

_PAGES: Final = 4096
"""Pages in one step: 16 MB."""
_PAUSE_S: Final = 0.05
"""Pause before a step is tried again, when one of the files is locked."""


def copy_pages(path: Path, draft: Path) -> None:
    """Copy a file into an empty one.

    One reading transaction spans all steps. Without it, SQLite would begin again after each block that is sealed meanwhile, and a ledger that
    is busy enough could never be copied. The writer does not wait for it.

    Raises:
        sqlite3.Error: One of the files cannot be read or written.
        StorageFailed: The copy made no progress. SQLite itself would wait for a locked file without end.
    """
    with closing(connect_writing(draft)) as new, closing(connect_reading(path)) as old:
        old.execute("BEGIN")
        old.execute("SELECT 1 FROM sqlite_schema").fetchall()
        old.backup(new, pages=_PAGES, progress=Stall(draft, STALL_S), sleep=_PAUSE_S)


class Stall:
    """Notices that a copy makes no progress; SQLite calls it after each step.

    Args:
        path: The copy, for the error.
        limit_s: Longest time without progress, in seconds.
        clock: Returns seconds.
    """

    def __init__(self, path: Path, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._limit_s, self._clock = path, limit_s, clock
        self._least: int | None = None
        self._since = clock()

    def __call__(self, _: int, remaining: int, __: int) -> None:
        """Compare the pages that remain with the least that ever remained.

        Raises:
            StorageFailed: There has been no progress for too long.
        """
        now = self._clock()
        if self._least is None or remaining < self._least:
            self._least, self._since = remaining, now
        elif now - self._since > self._limit_s:
            raise StorageFailed(path=str(self._path), reason=f"its copy made no progress for {self._limit_s:g} s")
