"""The files that pages load: scripts, the verifier, styles. They are read once, and their address changes when one of them does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".mjs": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
"""Media type by the end of a name. A file of another kind is not given: what the system calls it is not ours to trust."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """What pages load."""

    files: Mapping[str, bytes]
    """By path, as in `verifier/keccak.mjs`."""
    version: str
    """16 hexadecimal digits of the hash of all files: part of their address, so that a browser may keep them for ever."""

    @staticmethod
    def read() -> Assets:
        """Read them from the package."""
        files = dict(sorted(_walk(resources.files(__package__) / "static", "")))
        digest = sha256()
        for path, content in files.items():
            digest.update(sha256(path.encode()).digest() + sha256(content).digest())
        return Assets(files=MappingProxyType(files), version=digest.hexdigest()[:16])


def media_type_of(path: str) -> str | None:
    """Return the media type of a path; None if it is not one that pages load."""
    return MEDIA_TYPES.get(path[path.rfind(".") :]) if "." in path else None


def _walk(folder: Traversable, before: str) -> Iterator[tuple[str, bytes]]:
    for found in folder.iterdir():
        path = before + found.name
        if found.is_dir():
            yield from _walk(found, f"{path}/")
        elif media_type_of(path) is not None:
            yield path, found.read_bytes()
