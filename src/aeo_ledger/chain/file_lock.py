"""Lock a ledger's file for this process. The lock is on the file itself, so it holds under every name of the file.

With a lock file beside the ledger, each hard or symbolic link would have its own lock. The system's `flock` locks the open file, does not
interfere with SQLite's own locks, and ends with the process.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.errors.chain import LedgerInUse, MalformedLedger, StorageFailed
from aeo_ledger.errors.files import FileUnavailable

_LOCKED: Final[set[tuple[int, int]]] = set()
"""Files that this process has locked, by device and inode. A second descriptor of such a file must not be opened: closing it would drop
SQLite's own locks on the file."""
_GUARD: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A locked file."""

    path: Path
    identity: tuple[int, int]
    """Device and inode of the file."""

    def demand_place(self) -> None:
        """Check that the locked file is still the one at its path.

        Raises:
            StorageFailed: It was moved, removed or replaced.
        """
        if _identify(self.path) != self.identity:
            reason = "it is no longer the file that was opened: stop, put the old file back, and start again"
            raise StorageFailed(path=str(self.path), reason=reason)


@contextmanager
def lock_file(path: Path) -> Iterator[LockedFile]:
    """Lock a file until the block ends.

    Raises:
        LedgerInUse: Another process has locked it, or this process has it open already.
        MalformedLedger: There is no such file.
        FileUnavailable: The system cannot open or lock it.
    """
    identity = _identify(path)
    if identity is None:
        raise MalformedLedger(path=str(path), reason="there is no such file")
    with _GUARD:
        if identity in _LOCKED:
            raise LedgerInUse(path=str(path))
        _LOCKED.add(identity)
    try:
        with _lock_at(path):
            yield LockedFile(path, identity)
    finally:
        with _GUARD:
            _LOCKED.discard(identity)


@contextmanager
def _lock_at(path: Path) -> Iterator[None]:
    try:
        opened = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=error.strerror or str(error)) from error
    try:
        lock_descriptor(opened, path)
        yield
    finally:
        os.close(opened)


def lock_descriptor(opened: int, path: Path) -> None:
    """Lock an open file or folder until its descriptor is closed.

    Raises:
        LedgerInUse: It is locked already; the error names `path`.
        FileUnavailable: Its file system has no locks.
    """
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LedgerInUse(path=str(path)) from error
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=f"it cannot be locked: {error.strerror}") from error


def _identify(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if path.is_file() else None
