"""The one way in which this project writes files: whole or not at all, on disk before it counts, and under no name that can be guessed.

*Decision*: it stands beside `primitives`, on the lowest floor above the errors, because rooms on every floor write files: `signing` keys,
`chain` a ledger and its marks, `office` and `cli` what officers keep. The core, which reaches no file, is forbidden to import it.

A draft is made beside its place, in the same folder, so that it can take the place in one step; its name is drawn at random and is never
followed if it is a link. A file that is secret has mode 0600 from its first byte on, whatever the umask and whatever was there before.
Everything that the system refuses, a full disk and a read-only one above all, is `FileUnavailable`, and then nothing is left behind.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from aeo_ledger.errors.files import FileExists, FileUnavailable, FolderExists

PRIVATE: Final = 0o600
"""Mode of a file that its owner alone may read."""

_SHARED: Final = 0o666
"""Mode of any other file, from which the umask takes; its owner can always read and write it."""

_FOLDER: Final = 0o700

_NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
"""Open nothing through a link; a system without this flag has no such links."""

_STREAMS: Final = ("/dev/fd/", "/proc/")
"""Where names stand for what is open already, such as standard output: written to, never replaced."""


def write_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file, in the place of another if there is one. A link there is replaced, not followed.

    Args:
        path: Where.
        data: All of it.
        private: Nobody else may read it: mode 0600. Otherwise a file that was there keeps its mode.

    Raises:
        FileUnavailable: It cannot be written; what was there is still there.
    """
    with writing(path, private=private) as file:
        file.write(data)


def create_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file where nothing is yet.

    Raises:
        FileExists: Something is there, be it a link that leads nowhere.
        FileUnavailable: It cannot be written.
    """
    with _reporting(path), _draft_beside(path, private=private) as (draft, file):
        file.write(data)
        _settle(file)
        _link(draft, path)


def copy_file(old: Path, new: Path) -> None:
    """Copy a file to where nothing is yet; a copy of what nobody else may read is as private.

    Raises:
        FileExists: Something is there already.
        FileUnavailable: The old one cannot be read, or the new one not written.
    """
    with _reporting(old):
        data, mode = old.read_bytes(), old.stat().st_mode
    create_file(new, data, private=not mode & 0o077)


def copy_folder(old: Path, new: Path) -> None:
    """Copy a folder with all that is in it; raises as `copy_file` does."""
    make_folder(new)
    with _reporting(old):
        found = sorted(old.iterdir())
    for path in found:
        (copy_folder if path.is_dir() else copy_file)(path, new / path.name)


@contextmanager
def writing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Yield a file to write to; when the block ends well it takes its place, else nothing happened.

    Raises:
        FileUnavailable: It cannot be written; what was there is still there.
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
    """Yield an empty file to fill for what opens files itself and leaves others beside them, as SQLite does.

    When the block ends well the file takes its place, where nothing may be yet; else it is removed with what is beside it.

    Raises:
        FileExists: Something is there already.
        FileUnavailable: It cannot be made.
    """
    with _reporting(path), _folder_beside(path) as folder:
        draft = folder / path.name
        create_file(draft, b"", private=private)
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        _link(draft, path)
        _settle_folder(path.parent)


def append_private(path: Path, data: bytes) -> None:
    """Add lines to the end of a file of mode 0600, which is made if it is not there; return when they are on disk.

    Two processes may add to one file: one waits for the other. A line that an earlier run left unfinished is ended first.

    Raises:
        FileUnavailable: It is a link, or cannot be written; of `data` nothing is kept.
    """
    import fcntl  # noqa: PLC0415 (POSIX alone; whatever else is here runs elsewhere too)

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
    """Yield a folder of mode 0700 to fill; when the block ends well it takes its place, else it is removed with all that is in it.

    Raises:
        FolderExists: Something is there already.
        FileUnavailable: It cannot be made.
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
    """Make a folder of mode 0700, whatever the umask, and those that it is in, unless they are there.

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
    """Draw a name in the same folder; it is short, since the one to come may be as long as names can be."""
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
    """Choose what a file that was there had, else what the umask left, and in any case that its owner can use it."""
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


def _is_stream(path: Path) -> bool:
    """Tell a device, a pipe or standard output from a place where a file can be."""
    if str(path).startswith(_STREAMS) or (path.is_symlink() and str(path.readlink()).startswith(_STREAMS)):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(path: Path) -> None:
    """Bring a folder's names to disk, where its file system knows how."""
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
