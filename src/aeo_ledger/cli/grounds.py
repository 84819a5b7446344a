"""The reasoned decision behind an act: a file that the book keeps, or its hash if it is kept elsewhere.

An arrangement and its amendments have a text instead, whose hash their draft names. The certificates of a plan have documents: a decision
about a whole plan is kept in the book beside the plan's hash, and nothing on the ledger binds it.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from aeo_ledger.cli.booking import open_book
from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.customs.aliases import NO_ENTRY
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

if TYPE_CHECKING:  # the base install has no database library
    from aeo_ledger.registers.book import Book

Grounds = Annotated[
    str | None,
    typer.Option(
        "--grounds",
        metavar="FILE|HASH",
        help="The reasoned decision: a file, which your book keeps with a salt, or its salted hash, 0x and 64 digits. The hash is signed.",
    ),
]

PlanGrounds = Annotated[
    Path | None,
    typer.Option(
        "--grounds",
        metavar="FILE",
        help="The reasoned decision about the whole file: your book keeps it beside the plan's hash. It is not signed: "
        "on the ledger, each event binds the document of its certificate.",
    ),
]

Decision: TypeAlias = tuple[str, bytes]
"""Media type and bytes of a file."""

_HASH: Final = re.compile("0[xX].*")
_LARGEST: Final = 1 << 24
"""Most bytes of a decision."""
_ANY: Final = "application/octet-stream"


def keep_grounds(
    text: str | None, book: str | None, party: str | None = None, entry: bytes = NO_ENTRY, tin: str = ""
) -> bytes:
    """Keep the decision that an option names in the book, and return its commitment; 32 zero bytes if there is none.

    A decision about the same entry and trader that was kept before keeps its salt, so that an act that failed can be run again.

    Args:
        text: A file, or a hash; None if there is no decision.
        book: The book that an option names; None is the party's own in the working folder.
        party: Code of the party that acts; None if several decide, as in a resolution: they have no book in common, so one is to be named.
        entry: The entry (32 bytes) that the act is about; zero if it is about none, and then no gateway gives the decision to anybody.
        tin: The trader that the act is about; empty if it is about none, or about several.

    Raises:
        MalformedText: it begins as a hash and is none.
        UnreadableFile, OversizedFile: the file cannot be read.
        ExtraMissing, NotABook, BookUnavailable: there is no book to keep it in.
    """
    if text is None:
        return NO_GROUNDS
    if _HASH.fullmatch(text):
        return parse_hex(text, what="--grounds", length=32)
    media, content = read_decision(Path(text))
    with open_book(book, party) as kept:
        return kept.keep_grounds(
            entry, tin, media, content, f"{party or 'a resolution'}: about {tin or 'no one trader'}"
        )


def keep_plan_grounds(decision: Decision | None, book: Book, party: str, plan: bytes) -> None:
    """Keep the decision about a whole plan, by the plan's hash (32 bytes), and note there which plan it is about."""
    if decision is not None:
        media, content = decision
        book.keep_grounds(NO_ENTRY, "", media, content, f"{party}: about plan {to_hex(plan)}")


def read_decision(path: Path) -> Decision:
    """Read the file of a decision: its media type, by its name, and its bytes.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
    """
    return mimetypes.guess_type(path.name)[0] or _ANY, read_file(path, max_bytes=_LARGEST)
