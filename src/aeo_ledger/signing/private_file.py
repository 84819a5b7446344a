"""Read and write files that only their owner may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from aeo_ledger.errors.files import FileExists, FileUnavailable
from aeo_ledger.errors.signing import ExposedFile, KeyFileExists, KeyFileUnavailable, MalformedKeyFile
from aeo_ledger.files import create_file, write_file

MAX_BYTES: Final = 1 << 20
"""Longest file that is read. A thousand keys take far less."""


def read_private_file(path: Path) -> str:
    """Read a file of at most 1 MiB that no other user may read or write.

    Raises:
        ExposedFile: Other users may read or write it.
        MalformedKeyFile: It is too large, or not UTF-8.
        KeyFileUnavailable: It does not exist, or cannot be read.
    """
    with _reporting(path), path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise ExposedFile(path=str(path), mode=mode)
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise MalformedKeyFile(path=str(path), reason=f"larger than {MAX_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        del data  # it may contain a password, and a traceback may show its frames' variables
        raise MalformedKeyFile(path=str(path), reason="not UTF-8")
    return text


def create_private_file(path: Path, text: str) -> None:
    """Write a new file of mode 0600, atomically and durably.

    Raises:
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
    """
    with _reporting(path):
        create_file(path, text.encode(), private=True)


def replace_private_file(path: Path, text: str) -> None:
    """Replace a file by one of mode 0600, atomically and durably.

    Raises:
        KeyFileUnavailable: The new file cannot be written; the old one is unchanged.
    """
    with _reporting(path):
        write_file(path, text.encode(), private=True)


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExists:
        raise KeyFileExists(path=str(path)) from None
    except FileUnavailable as error:
        raise KeyFileUnavailable(path=str(path), reason=error.detail) from None
    except OSError as error:
        raise KeyFileUnavailable(path=str(path), reason=error.strerror or type(error).__name__) from None
