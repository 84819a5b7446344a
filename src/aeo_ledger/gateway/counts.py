"""What all workers of a gateway count together: how often a caller asks, and how many requests of one are under way.

The workers are processes of one machine, and end together. So they share a file that begins empty with them: SQLite, which lets one after
another write, and loses nothing if one is killed in the middle. Nothing waits for the disk: after a crash nobody needs the numbers.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from weakref import finalize

from limits.storage import Storage

from aeo_ledger.errors.gateway import CountsUnavailable

_LOG = logging.getLogger(__name__)
_WAIT_S: Final = 5
"""Seconds to wait for another worker, which writes for microseconds."""
_SWEEP_S: Final = 60
"""Seconds between two removals of what is over."""

_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (what TEXT, caller TEXT, count INTEGER NOT NULL, PRIMARY KEY (what, caller)) WITHOUT ROWID;
"""
_HIT: Final = """
INSERT INTO hits VALUES (:key, :amount, now() + :expiry) ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN until > excluded.until - :expiry AND until <= excluded.until THEN count ELSE 0 END + :amount,
  until = CASE WHEN until > excluded.until - :expiry AND until <= excluded.until THEN until ELSE excluded.until END
RETURNING count
"""
"""A window that would last longer than windows do began before the clock was put back, and is over. So the time is read once this
worker's turn has come: one that was read before may be earlier than the beginning of a window, which another worker opened meanwhile."""
_TAKE: Final = """
INSERT INTO held VALUES (?, ?, 1) ON CONFLICT (what, caller) DO UPDATE SET count = count + 1 WHERE count < ? RETURNING count
"""


class Counts(Storage):
    """A storage of `limits`, and the `Shares` of request queues. It belongs to one thread.

    Args:
        path: The file, or `:memory:` for a gateway of one process.

    Raises:
        CountsUnavailable: From each method: the file cannot be used.
    """

    STORAGE_SCHEME = None

    def __init__(self, path: Path | str = ":memory:") -> None:
        super().__init__()
        self._owed: list[tuple[str, str]] = []
        self._swept = time.time()
        with _reporting():
            self._file = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
            self._file.create_function("now", 0, lambda: time.time())  # noqa: PLW0108 (a test may set the clock)
            self._file.executescript(_TABLES)
        self._closing = finalize(self, self._file.close)

    def close(self) -> None:
        """Close the file."""
        self._closing()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Name what its library raises."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how many there are since the window of `expiry` seconds began."""
        now = time.time()
        with _reporting():
            if not 0 <= now - self._swept < _SWEEP_S:
                self._swept = now
                self._file.execute("DELETE FROM hits WHERE until <= ?", (now,))
            asked = {"key": key, "amount": amount, "expiry": expiry}
            return int(self._file.execute(_HIT, asked).fetchone()[0])

    def get(self, key: str) -> int:
        """Return how many there are."""
        return int(self._find(key, "count", 0))

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, UTC seconds."""
        return self._find(key, "until", time.time())

    def _find(self, key: str, column: str, absent: float) -> float:
        with _reporting():
            found = self._file.execute(f"SELECT {column} FROM hits WHERE key = ? AND until > ?", (key, time.time()))  # noqa: S608 (a name of this module)
            row = found.fetchone()
            return absent if row is None else float(row[0])

    def check(self) -> bool:
        """Tell whether the file can be read."""
        self.get("")
        return True

    def reset(self) -> int:
        """Forget all hits; return how many keys there were."""
        with _reporting():
            return self._file.execute("DELETE FROM hits").rowcount

    def clear(self, key: str) -> None:
        """Forget a key."""
        with _reporting():
            self._file.execute("DELETE FROM hits WHERE key = ?", (key,))

    def take(self, what: str, caller: str, most: int) -> bool:
        """Count one more request of a caller under way; False if it has `most` of this kind already."""
        with _reporting():
            while self._owed:
                self._give(*self._owed[-1])
                self._owed.pop()
            return self._file.execute(_TAKE, (what, caller, most)).fetchone() is not None

    def give(self, what: str, caller: str) -> None:
        """Count one less. If the file cannot be used now, this is made good at the next `take`."""
        try:
            self._give(what, caller)
        except sqlite3.Error as error:
            _LOG.warning("a finished request is not counted yet: %s", error)
            self._owed.append((what, caller))

    def _give(self, what: str, caller: str) -> None:
        self._file.execute("UPDATE held SET count = count - 1 WHERE what = ? AND caller = ?", (what, caller))
        self._file.execute("DELETE FROM held WHERE what = ? AND caller = ? AND count <= 0", (what, caller))


def make_counts(folder: Path) -> Path:
    """Make the file in a folder, before workers open it; return its path.

    Raises:
        CountsUnavailable: It cannot be made.
    """
    path = folder / "counts.sqlite"
    Counts(path).close()
    return path


@contextmanager
def _reporting() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CountsUnavailable(detail=str(error)) from error
