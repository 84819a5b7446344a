"""Files that a command writes: it must not destroy any other file.

A parameter is marked with the kind of file that it names. Before the command does anything, each path is compared with every other path of
the command, and with the file that exists there. A command replaces only a file of the kind that it writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from aeo_ledger.errors.cli import OutputTaken
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.office.trust_store import LIST
from aeo_ledger.primitives.forms import name_format

_STREAM: Final = Path("-")

_MOST_READ: Final = 1 << 27
"""Bytes in which a file's format is looked for: more than any document has."""

_BOOK: Final = re.compile(r".*\.book\.sqlite(-wal|-shm|-journal)?", re.IGNORECASE | re.DOTALL)
"""Name of a party's own book, and of the files that SQLite keeps beside it."""

_BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to the name of a database."""

NAMES_FILE: Final = "names a file"
"""Mark of a parameter whose text names a file of the command, or a URL."""


@dataclass(frozen=True, slots=True)
class Written:
    """Mark of a parameter that names a file to be written."""

    kind: str
    """The kind of file, in words."""
    formats: tuple[str, ...] = ()
    """The formats that a document of this kind names."""
    begins: re.Pattern[bytes] | None = None
    """The beginning of every file of this kind that is no document."""
    streams: bool = True
    """Whether `-` for standard output is allowed."""
    later: bool = False
    """Whether the command judges itself a file that exists, when it knows what it would write."""

    def is_of_kind(self, path: Path) -> bool:
        """Say whether a file is empty, of this kind, or to be judged later. A mark elsewhere in a file says nothing about it."""
        if self.later or path.stat().st_size == 0:
            return True
        with path.open("rb") as file:
            data = file.read(_MOST_READ)
        return name_format(data) in self.formats if self.begins is None else self.begins.match(data) is not None


_REGISTER: Final = re.compile(b"tin,certificate_number|" + re.escape("№ п/п;Страна".encode("cp1251")))
"""The first headings of the sample registers."""
_PROFILE: Final = re.compile(rb'(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\n)*profile *= *"aeo-ledger/register-profile/1"')
"""The first line of a profile that is no comment."""
_BLOCK: Final = re.compile(rb"(?:\xf8.|\xf9..|\xfa...|\xfb....)(?:\xf8.|\xf9..|\xfa...)\xa0", re.DOTALL)
"""RLP: a list of more than 55 bytes whose first item is such a list, a header, which begins with 32 bytes."""

_DID: Final = re.compile(rb'\{\s*"@context"\s*:\s*\[\s*"https://www\.w3\.org/ns/did/v1"')
"""The first member of a DID document as it is written here."""

_VERIFIER: Final = re.compile(
    rb'<!DOCTYPE html>(?s:.{0,1200})<meta name="generator" content="aeo-ledger console verifier">'
)
"""The head of a page that verifies."""

EVIDENCE: Final = Written(
    "evidence", tuple(f"aeo-ledger/{what}-evidence/1" for what in ("recognition", "history", "state"))
)
RECEIPT: Final = Written("a receipt", ("aeo-ledger/receipt/1",), streams=False)
CHAIN: Final = Written("a chain of headers", ("aeo-ledger/header-chain/1",), streams=False)
PLACE: Final = Written("a place in the news", ("aeo-ledger/news-place/1",), streams=False)
UPDATE: Final = Written("proofs of `trust update`", ("aeo-ledger/trust-update/1",))
SNAPSHOT: Final = Written("a snapshot", ("aeo-ledger/snapshot/1",))
REGISTER: Final = Written("a register", begins=_REGISTER)
PROFILE: Final = Written("a profile", begins=_PROFILE)
REJECTS: Final = Written("rejected rows of this file", streams=False, later=True)
PLAN: Final = Written("a register plan", ("aeo-ledger/register-plan/1",))
TRUST: Final = Written("a trust bundle", ("aeo-ledger/trust/1",), streams=False)
STATEMENT: Final = Written("the content of a statement", ("aeo-ledger/identity-statement/1",), streams=False)
DID: Final = Written("a DID document", begins=_DID)
ANSWERS: Final = Written("a table of answers", begins=re.compile(rb"line,reference,typed,tin,verdict,"))
BLOCKS: Final = Written("blocks", begins=_BLOCK)
VERIFIER: Final = Written("a page that verifies", begins=_VERIFIER)


def refuse_losses(command: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse to run a command that would destroy what it reads, or a file of another kind.

    Args:
        command: The command, with its marked parameters.
        given: The values of its parameters, by name.

    Raises:
        UnreadableFile: Standard output is named, but a file is needed.
        OutputTaken: A file to be written is another of the command's files, holds something else, lies in a trust store, or has the
            name of a book, which a command may make when it is first used.
    """
    hints = get_type_hints(command, include_extras=True)
    paths = {name: list(_paths(value, is_named=_is_named(hints.get(name)))) for name, value in given.items()}
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
            if any(_BOOK.fullmatch(name) for name in (path.name, path.resolve().name)):
                raise OutputTaken(path=str(path), reason="has the name of a book, which is never written over")
            if (path.parent / LIST).is_file():
                raise OutputTaken(path=str(path), reason="lies in a trust store, which is only for pinned bundles")
            if path.is_file() and not kind.is_of_kind(path):
                raise OutputTaken(path=str(path), reason=f"contains something other than {kind.kind}")


def _paths(value: Any, *, is_named: bool) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif is_named and isinstance(value, str):
        yield from (Path(f"{value}{end}") for end in _BESIDE)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _paths(part, is_named=is_named)


def _is_named(hint: Any) -> bool:
    """Say whether a parameter's text names a file."""
    return NAMES_FILE in get_args(hint)


def _is_same(one: Path, other: Path) -> bool:
    """Say whether two paths name the same file, through any link, also if it does not exist yet."""
    return one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()
