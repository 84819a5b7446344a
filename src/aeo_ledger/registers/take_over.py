"""Take over documents that earlier versions kept in `.documents.jsonl` files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aeo_ledger.office.ask import read_file
from aeo_ledger.registers.documents import read_lines

if TYPE_CHECKING:  # the base install signs plans, and has no database library
    from aeo_ledger.registers.book import Book


def take_over(book: Book, path: Path) -> int:
    """Take over the documents of a file; return how many are new. The file stays as it is.

    Raises:
        UnreadableFile, OversizedFile: the file cannot be read.
        BookUnavailable: the book cannot be written; then none is taken.
    """
    lines = read_file(path).decode("utf-8", errors="replace").split("\n")
    taken = book.keep(read_lines(lines))
    if taken:
        book.note("take", f"{taken:,} documents from {path.name}")
    return taken
