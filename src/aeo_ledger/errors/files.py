"""Errors of files and folders."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class FolderExists(Refused, wire="folder-exists"):
    """The folder of a new network exists already."""

    says = "{path} exists already: name another folder, or remove it first if nobody needs its keys"

    path: str


class UnreadableFile(Malformed, wire="unreadable-file"):
    """A file that was named cannot be read or written."""

    says = "{path}: {detail}"
    advises = "check that the file exists, has the right form and may be read"

    path: str
    detail: str


class OversizedFile(Malformed, wire="oversized-file"):
    """A file is longer than the limit for this use."""

    says = "{path} is longer than {limit} bytes, the most that are read"
    advises = "name the right file, or split it"

    path: str
    limit: int
    """Most bytes that are read."""


class FileUnavailable(Unavailable, wire="file-unavailable"):
    """A file or folder that the system cannot read or write now."""

    says = "{path}: {detail}"
    advises = "make room, or allow access, and try again"

    path: str
    detail: str


class FileExists(Refused, wire="file-exists"):
    """A new file or folder exists already."""

    says = "{path} exists already: choose another place"

    path: str
