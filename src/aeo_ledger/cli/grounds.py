"""The reasoned decision behind an act: a file that the book keeps, or its hash if it is kept elsewhere."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from aeo_ledger.cli.booking import open_book
from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.hexadecimal import parse_hex

GroundsFile = Annotated[
    str | None,
    typer.Option(
        "--grounds",
        metavar="FILE|HASH",
        help="The reasoned decision: a file, which your book keeps with a salt, or its salted hash, 0x and 64 digits. The hash is signed.",
    ),
]

_HASH: Final = re.compile("0[xX].*")
_LARGEST: Final = 1 << 24
"""Most bytes of a decision."""
_ANY: Final = "application/octet-stream"


def keep_grounds(text: str | None, book: str | None, party: str, entry: bytes, tin: str) -> bytes:
    """Keep the decision that an option names in the book, and return its commitment; 32 zero bytes if there is none.

    A decision about the same entry that was kept before keeps its salt, so that an act that failed can be run again.

    Args:
        text: A file, or a hash; None if there is no decision.
        book: The book that an option names; None is the party's own in the working folder.
        party: Code of the party that acts.
        entry: The entry (32 bytes) that the act is about.
        tin: Its trader.

    Raises:
        MalformedText: it begins as a hash and is none.
        UnreadableFile, OversizedFile: the file cannot be read.
        ExtraMissing, NotABook, BookUnavailable: there is no book to keep it in.
    """
    if text is None:
        return NO_GROUNDS
    if _HASH.fullmatch(text):
        return parse_hex(text, what="--grounds", length=32)
    content = read_file(Path(text), max_bytes=_LARGEST)
    media = mimetypes.guess_type(text)[0] or _ANY
    with open_book(book, party) as kept:
        return kept.keep_grounds(entry, tin, media, content, party)
