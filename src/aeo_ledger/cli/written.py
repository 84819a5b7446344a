"""Files that a command writes: it must not destroy any other file.

A parameter is marked with the kind of file that it names. Before the command does anything, each path is compared with every other path of
the command, and with the file that exists there. A command replaces only a file of the kind that it writes.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from aeo_ledger.errors.cli import OutputTaken
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.office.trust_store import LIST

_STREAM: Final = Path("-")

_LONG_LIST: Final = 0xF8
"""First byte of an RLP list of more than 55 bytes, as every block is."""


@dataclass(frozen=True, slots=True)
class Written:
    """Mark of a parameter that names a file to be written."""

    kind: str
    """The kind of file, in words."""
    mark: bytes
    """Bytes that every file of this kind contains; empty for blocks, which begin with an RLP list."""
    also: bytes = b""
    """Other bytes that it may contain instead; empty if there are none."""
    streams: bool = True
    """Whether `-` for standard output is allowed."""
    later: bool = False
    """Whether the command judges itself a file that exists, when it knows what it would write."""

    def is_of_kind(self, path: Path) -> bool:
        """Say whether a file is empty, of this kind, or to be judged later."""
        if self.later or path.stat().st_size == 0:
            return True
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            marks = [mark for mark in (self.mark, self.also) if mark]
            return any(data.find(mark) >= 0 for mark in marks) if marks else data[0] >= _LONG_LIST


EVIDENCE: Final = Written("evidence", b"-evidence/1")
RECEIPT: Final = Written("a receipt", b"aeo-ledger/receipt/1", streams=False)
CHAIN: Final = Written("a chain of headers", b"aeo-ledger/header-chain/1", streams=False)
UPDATE: Final = Written("proofs of `trust update`", b"aeo-ledger/trust-update/1")
SNAPSHOT: Final = Written("a snapshot", b"aeo-ledger/snapshot/1")
REGISTER: Final = Written("a register", b"tin,certificate_number", also="№ п/п;Страна".encode("cp1251"))
PROFILE: Final = Written("a profile", b"aeo-ledger/register-profile/1")
REJECTS: Final = Written("rejected rows of this file", b"", streams=False, later=True)
PLAN: Final = Written("a register plan", b"aeo-ledger/register-plan/1")
BLOCKS: Final = Written("blocks", b"")


def refuse_losses(command: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse to run a command that would destroy what it reads, or a file of another kind.

    Args:
        command: The command, with its marked parameters.
        given: The values of its parameters, by name.

    Raises:
        UnreadableFile: Standard output is named, but a file is needed.
        OutputTaken: A file to be written is another of the command's files, holds something else, or lies in a trust store.
    """
    hints = get_type_hints(command, include_extras=True)
    paths = {name: list(_paths(value)) for name, value in given.items()}
    for name, hint in hints.items():
        kind = next((mark for mark in get_args(hint) if isinstance(mark, Written)), None)
        if kind is None:
            continue
        for path in paths.get(name, ()):
            if path == _STREAM and kind.streams:
                continue
            if path == _STREAM:
                raise UnreadableFile(path=str(path), detail="it is standard output, needed the name of a file")
            others = [other for another, found in paths.items() if another != name for other in found]
            if any(_is_same(path, other) for other in others):
                raise OutputTaken(path=str(path), reason="is named twice, as an output and as something else")
            if (path.parent / LIST).is_file():
                raise OutputTaken(path=str(path), reason="lies in a trust store, which is only for pinned bundles")
            if path.is_file() and not kind.is_of_kind(path):
                raise OutputTaken(path=str(path), reason=f"contains something other than {kind.kind}")


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _paths(part)


def _is_same(one: Path, other: Path) -> bool:
    """Say whether two paths name the same file, through any link, also if it does not exist yet."""
    return one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()
