"""Files that only their owner may read: whole or not there, never overwritten by accident."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aeo_ledger.errors import ExposedFile, KeyFileExists, KeyFileUnavailable, MalformedKeyFile

_MAX_BYTES = 1 << 20
"""Far more than a thousand keys take."""


def read_private_file(path: Path) -> str:
    """Read a file of at most 1 MiB that nobody else may read or write.

    Raises:
        ExposedFile: Others may.
        MalformedKeyFile: It is too large, or no UTF-8.
        KeyFileUnavailable: It is not there, or cannot be read.
    """
    with _reporting(path), path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise ExposedFile(path=str(path), mode=mode)
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise MalformedKeyFile(path=str(path), reason=f"larger than {_MAX_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        del data  # a password may be in it, and a traceback may show its frames' variables
        raise MalformedKeyFile(path=str(path), reason="not UTF-8")
    return text


def create_private_file(path: Path, text: str) -> None:
    """Write a new file of mode 0600, at once and durably.

    Raises:
        KeyFileExists: Something is there.
        KeyFileUnavailable: It cannot be written.
    """
    with _reporting(path), _written_beside(path, text) as beside:
        try:
            os.link(beside, path)  # fails where a rename would overwrite
        except FileExistsError:
            raise KeyFileExists(path=str(path)) from None


def replace_private_file(path: Path, text: str) -> None:
    """Write a file of mode 0600 in the place of another, at once and durably.

    Raises:
        KeyFileUnavailable: It cannot be written; the other is still there.
    """
    with _reporting(path), _written_beside(path, text) as beside:
        beside.replace(path)


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeyFileUnavailable(path=str(path), reason=error.strerror or type(error).__name__) from None
