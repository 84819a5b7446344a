"""The database of an audit: a temporary file, so that a long chain does not fill the memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from eth.db.backends.base import BaseDB

from aeo_ledger.primitives.hashes import keccak256

_CACHE_KIB = 65_536

Nodes = Callable[[bytes], bytes | None]
"""Returns a trie node or code by its hash of 32 bytes, or None. The result is checked against the hash."""


class ScratchDB(BaseDB):
    """Keys and values in an unnamed SQLite file, which is deleted when it is closed.

    Args:
        nodes: A source of state from before the audited blocks.
    """

    def __init__(self, nodes: Nodes | None = None) -> None:
        self._nodes = nodes
        # One thread uses it, but the garbage collector may close it in another.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "locking_mode=EXCLUSIVE"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.execute("CREATE TABLE kept (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")

    def __getitem__(self, key: bytes) -> bytes:
        """Read a value; KeyError if there is none."""
        found = self._file.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        if found is not None:
            value: bytes = found[0]
            return value
        if self._nodes is None or len(key) != 32:
            raise KeyError(key)
        given = self._nodes(key)
        if given is None or keccak256(given) != key:
            raise KeyError(key)
        self[key] = given
        return given

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Store a value."""
        self._file.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, value))

    def __delitem__(self, key: bytes) -> None:
        """Delete a value; KeyError if there is none."""
        if not self._file.execute("DELETE FROM kept WHERE key = ?", (key,)).rowcount:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        return self._file.execute("SELECT 1 FROM kept WHERE key = ?", (key,)).fetchone() is not None

    def __del__(self) -> None:
        """Close the file when the last state that uses it is gone, since py-evm never closes a database."""
        self._file.close()
