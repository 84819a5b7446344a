"""Files and folders."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class FolderExists(Refused, wire="folder-exists"):
    """A network is to be founded where something is already."""

    says = "{path} exists already: name another folder, or remove it first if nobody needs its keys"

    path: str


class UnreadableFile(Malformed, wire="unreadable-file"):
    """A file named cannot be read or written."""

    says = "{path}: {detail}"
    advises = "look whether the file is there, is of the right form and may be read"

    path: str
    detail: str


class OversizedFile(Malformed, wire="oversized-file"):
    """A file that is longer than any that is read for this."""

    says = "{path} is longer than the {limit} bytes that are read"
    advises = "name the right file, or split it"

    path: str
    limit: int
    """Bytes that are read at most."""


class FileUnavailable(Unavailable, wire="file-unavailable"):
    """A file or folder that the system does not give."""

    says = "{path}: {detail}"
    advises = "make room, or allow access, and try again"

    path: str
    detail: str


class FileExists(Refused, wire="file-exists"):
    """A file or folder is to be made where something is already."""

    says = "{path} exists already: choose another place"

    path: str
