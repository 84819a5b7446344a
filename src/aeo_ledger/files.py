"""Write files atomically and durably: a file appears whole or not at all, and is on disk when the call returns.

*Decision*: this module is in the layer of `primitives`, because packages of every layer write files: `signing` writes keys, `chain` a ledger
and its marks, `office` and `cli` the officers' files. The core may not import it: the core accesses no files.

A draft is written in the same folder under a random name, and then renamed. Symbolic links are not followed. A private file has mode 0600
from its first byte, whatever the umask, and whatever file it replaces. Every error of the system, such as a full or read-only disk, becomes
`FileUnavailable`; then no draft is left.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO, Final

from aeo_ledger.errors.files import FileExists, FileUnavailable, FolderExists

PRIVATE: Final = 0o600
"""Mode of a file that only its owner may read."""

_SHARED: Final = 0o666
"""Mode of any other file, before the umask; its owner can always read and write it."""

_FOLDER: Final = 0o700

_NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
"""Do not follow symbolic links; a system without this flag has no such links."""

_HELD: Final[ContextVar[frozenset[tuple[int, int]]]] = ContextVar("held", default=frozenset())
"""The folders that this thread has locked."""

_STREAMS: Final = ("/dev/fd/", "/proc/")
"""Paths of open files, such as standard output: these are written to, never replaced."""


def write_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file, and replace an existing one. A symbolic link is replaced, not followed.

    Args:
        path: The file.
        data: Its whole content.
        private: No other user may read it: mode 0600. Otherwise an existing file keeps its mode.

    Raises:
        FileUnavailable: It cannot be written; an existing file is unchanged.
    """
    with writing(path, private=private) as file:
        file.write(data)


def create_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a new file.

    Raises:
        FileExists: `path` exists, or is a symbolic link.
        FileUnavailable: It cannot be written.
    """
    with _reporting(path), _draft_beside(path, private=private) as (draft, file):
        file.write(data)
        _settle(file)
        _link(draft, path)


def copy_file(old: Path, new: Path) -> None:
    """Copy a file to a new one. The copy of a private file is private.

    Raises:
        FileExists: `new` exists.
        FileUnavailable: `old` cannot be read, or `new` cannot be written.
    """
    with _reporting(old):
        data, mode = old.read_bytes(), old.stat().st_mode
    create_file(new, data, private=not mode & 0o077)


def copy_folder(old: Path, new: Path) -> None:
    """Copy a folder and everything in it; raises as `copy_file` does."""
    make_folder(new)
    with _reporting(old):
        found = sorted(old.iterdir())
    for path in found:
        (copy_folder if path.is_dir() else copy_file)(path, new / path.name)


@contextmanager
def writing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Yield a file to write to. When the block ends without an error, it replaces `path`; otherwise nothing changes.

    Raises:
        FileUnavailable: It cannot be written; an existing file is unchanged.
    """
    with _reporting(path):
        if _is_stream(path):
            with path.open("wb") as stream:
                yield stream
            return
        with _draft_beside(path, private=private) as (draft, file):
            yield file
            _settle(file)
            draft.replace(path)


@contextmanager
def drafting(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield the path of an empty file, for a library that opens files itself and creates others beside them, as SQLite does.

    When the block ends without an error, the file moves to `path`; otherwise it is removed. The files beside it are removed in any case.

    Raises:
        FileExists: `path` exists.
        FileUnavailable: It cannot be written.
    """
    with _reporting(path), _folder_beside(path) as folder:
        draft = folder / path.name
        create_file(draft, b"", private=private)
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        _link(draft, path)
        _settle_folder(path.parent)


@contextmanager
def hold_folder(path: Path) -> Iterator[None]:
    """Lock a folder: whoever else locks or shares it waits until the block ends.

    Raises:
        FileUnavailable: It cannot be opened, or its file system has no locks.
    """
    import fcntl  # noqa: PLC0415 (only POSIX has it; the rest of this module runs on other systems too)

    with _reporting(path), _descriptor(path, os.O_RDONLY | os.O_DIRECTORY, 0) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        token = _HELD.set(_HELD.get() | {_identify(opened)})
        try:
            yield
        finally:
            _HELD.reset(token)


@contextmanager
def share_folder(path: Path) -> Iterator[None]:
    """Let nobody else lock a folder until the block ends. Whoever locked it need not wait for itself.

    Raises:
        FileUnavailable: It cannot be opened, or its file system has no locks.
    """
    import fcntl  # noqa: PLC0415 (only POSIX has it; the rest of this module runs on other systems too)

    with _reporting(path), _descriptor(path, os.O_RDONLY | os.O_DIRECTORY, 0) as opened:
        if _identify(opened) not in _HELD.get():
            fcntl.flock(opened, fcntl.LOCK_SH)
        yield


def set_aside(path: Path, *beside: str) -> Path:
    """Give a damaged file another name, so that a new one can be made in its place, and return that name.

    Args:
        path: The file; an older file of that other name is replaced.
        beside: Endings of files beside it that go with it, if they exist.

    Raises:
        FileUnavailable: The folder cannot be written.
    """
    aside = path.with_name(f"{path.name}.damaged")
    with _reporting(path):
        path.replace(aside)
        for ending in beside:
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        _settle_folder(path.parent)
    return aside


def append_private(path: Path, data: bytes) -> None:
    """Append lines to a file of mode 0600, and return when they are on disk. The file is created if it does not exist.

    Two processes may append to one file: one waits for the other. If an earlier run left an incomplete line, a line break is added first.

    Raises:
        FileUnavailable: It is a symbolic link, or cannot be written; then no part of `data` is kept.
    """
    import fcntl  # noqa: PLC0415 (only POSIX has it; the rest of this module runs on other systems too)

    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_LINK
    with _reporting(path), _descriptor(path, flags, PRIVATE) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        os.fchmod(opened, PRIVATE)
        end = os.fstat(opened).st_size
        is_whole = not end or os.pread(opened, 1, end - 1) == b"\n"
        left = memoryview(data if is_whole else b"\n" + data)
        try:
            while left:
                left = left[os.write(opened, left) :]
            os.fsync(opened)
        except OSError:
            os.ftruncate(opened, end)
            raise
        _settle_folder(path.parent)


@contextmanager
def making_folder(path: Path) -> Iterator[Path]:
    """Yield a folder of mode 0700 to fill. When the block ends without an error, it moves to `path`; otherwise it is removed.

    Raises:
        FolderExists: `path` exists.
        FileUnavailable: It cannot be written.
    """
    if os.path.lexists(path):
        raise FolderExists(path=str(path))
    with _reporting(path):
        make_folder(path.parent)
        with _folder_beside(path) as draft:
            yield draft
            for folder, _, _ in os.walk(draft):
                _settle_folder(Path(folder))
            draft.rename(path)
        _settle_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder of mode 0700, whatever the umask, and its parent folders, unless they exist.

    Raises:
        FileUnavailable: It cannot be made.
    """
    if not os.path.lexists(path.parent):
        make_folder(path.parent)
    with _reporting(path):
        with suppress(FileExistsError):
            path.mkdir(_FOLDER)
            path.chmod(_FOLDER)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _name_beside(path: Path) -> Path:
    """Choose a random name in the same folder. It is short, since the final name may have the maximal length."""
    return path.with_name(f".aeo-{secrets.token_hex(8)}")


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path, follow_symlinks=False)  # fails where a rename would overwrite
    except FileExistsError:
        raise FileExists(path=str(path)) from None


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    folder = _name_beside(path)
    try:
        make_folder(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _draft_beside(path: Path, *, private: bool) -> Iterator[tuple[Path, BinaryIO]]:
    draft = _name_beside(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
    try:
        opened = os.open(draft, flags, PRIVATE if private else _SHARED)
        with os.fdopen(opened, "wb") as file:
            draft.chmod(PRIVATE if private else _shared_mode(path, opened))
            yield draft, file
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    _settle_folder(path.parent)


def _shared_mode(path: Path, opened: int) -> int:
    """Choose the mode of the existing file, else the default under the umask; its owner can always read and write it."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        found = os.fstat(opened)
    kept = found if stat.S_ISREG(found.st_mode) else os.fstat(opened)
    return stat.S_IMODE(kept.st_mode) & 0o777 | PRIVATE


@contextmanager
def _descriptor(path: Path, flags: int, mode: int) -> Iterator[int]:
    opened = os.open(path, flags, mode)
    try:
        yield opened
    finally:
        os.close(opened)


def _identify(opened: int) -> tuple[int, int]:
    found = os.fstat(opened)
    return found.st_dev, found.st_ino


def _is_stream(path: Path) -> bool:
    """Whether a path is a device, a pipe or an open file, and not a place for a new file."""
    if str(path).startswith(_STREAMS) or (path.is_symlink() and str(path.readlink()).startswith(_STREAMS)):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(path: Path) -> None:
    """Bring a folder's names to disk, if its file system supports that."""
    if os.name != "posix":
        return
    with _descriptor(path, os.O_RDONLY, 0) as opened:
        try:
            os.fsync(opened)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        detail = "a symbolic link is not followed" if error.errno == errno.ELOOP else error.strerror
        raise FileUnavailable(path=str(path), detail=detail or str(error)) from error
