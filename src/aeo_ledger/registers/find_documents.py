"""The documents that are known of standings: those that a book keeps, and those in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Malformed
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import decode_text
from aeo_ledger.protocol.entries import is_entry_of
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.registers.documents import Document, Kept, read_document, read_lines
from aeo_ledger.registers.sheet import MAX_BYTES
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.verify import ProvenSnapshot

if TYPE_CHECKING:  # files are read without a database library
    from aeo_ledger.registers.book import Book


def find_documents(
    words: ProvenSnapshot,
    registers: Iterable[int],
    book: Book | None,
    files: Iterable[Path],
    keys: LookupKeys = NO_KEYS,
) -> dict[bytes, Document]:
    """Find the latest document of each entry (32 bytes) of some registers, in files and in a book.

    A later file replaces what an earlier one has, and the book replaces both: what it has is published. A document counts only for the
    trader whom it names: the entry follows from the TIN.

    Args:
        words: The ledger. The book is brought up to date with it first.
        registers: Numbers of the registers.
        book: The book; None if there is none.
        files: Files of documents, JSON Lines.
        keys: Lookup keys. In a keyed register no document counts without its key.

    Raises:
        UnreadableFile, OversizedFile, MalformedDocument: A file cannot be read.
        DocumentDamaged, BookUnavailable: See `Book.shelf`.
    """
    wanted = frozenset(registers)
    kept = [one for file in files for one in _read_file(file) if register_of(one.entry) in wanted]
    kept += [] if book is None else _read_book(book, words, sorted(wanted))
    found = ((one.entry, read_document(one.content)) for one in kept)
    return {entry: document for entry, document in found if _is_about(document, entry, keys)}


def _read_file(file: Path) -> Iterator[Kept]:
    text = decode_text(read_file(file, max_bytes=MAX_BYTES), document=str(file))
    return read_lines(text.split("\n"))


def _read_book(book: Book, words: ProvenSnapshot, registers: Iterable[int]) -> Iterator[Kept]:
    from aeo_ledger.registers.planning import settle  # noqa: PLC0415 (needs the extra)

    for register in registers:
        settle(book, RegisterState(words, register))
        yield from book.documents_of(register).values()


def _is_about(document: Document, entry: bytes, keys: LookupKeys) -> bool:
    """Tell whether an entry is that of the trader whom a document names."""
    try:
        return is_entry_of(entry, Tin(document.get("tin", "")), keys)
    except Malformed:
        return False
