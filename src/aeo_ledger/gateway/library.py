"""The documents that a gateway can show: those in the book of its office, and those in publications that its keys open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aeo_ledger.errors.registers import NoDocumentsServed, UnknownDocument
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.prover.details import find_details
from aeo_ledger.prover.indexed import make_or_mend
from aeo_ledger.registers.details import open_document, read_details
from aeo_ledger.registers.documents import Kept
from aeo_ledger.signing.lookup_file import HeldKeys

if TYPE_CHECKING:  # needs the extra [office]
    from aeo_ledger.registers.book import Book

_WHERE = "the publications that this gateway can open"


class Library:
    """Finds documents by their commitment.

    Args:
        ledger: The port to its node, whose logs have the publications.
        book: The book of the office beside the gateway; None if there is none.
        held: The keys of keyed registers that its operator holds.
    """

    def __init__(self, ledger: Ledger, book: Book | None, held: HeldKeys) -> None:
        self._ledger, self._book, self._held = ledger, book, held

    def demand_documents(self) -> None:
        """Refuse to look where there can be nothing.

        Raises:
            NoDocumentsServed: The gateway has neither a book nor keys.
        """
        if self._book is None and not self._held.payload:
            raise NoDocumentsServed

    def find(self, commitment: bytes, entry: bytes | None) -> Kept:
        """Find a document by its commitment, and by the entry that it is about (32 bytes each) if the asker names it.

        Raises:
            UnknownDocument: It has no such document; without the entry, no publication is looked through.
            KeyNeeded: The document is sealed, and the payload key of its type and epoch is not here.
            DetailsClosed, OtherDocument, MalformedDetails: The sealed document is not what the commitment binds.
            DocumentDamaged: See `Book.find`.
        """
        if self._book is not None:
            try:
                return self._book.find(commitment)
            except UnknownDocument:
                if entry is None:
                    raise
        if entry is None:
            raise UnknownDocument(commitment=commitment, book=_WHERE)
        return self._open(commitment, entry)

    def _open(self, commitment: bytes, entry: bytes) -> Kept:
        def open_from(ledger: Ledger) -> Kept:
            published = find_details(ledger, entry, commitment)
            sealed = None if published is None else read_details(published.details).get(published.place)
            if published is None or sealed is None:
                raise UnknownDocument(commitment=commitment, book=_WHERE)
            return open_document(
                sealed,
                self._held,
                chain=published.chain,
                registers=published.registers,
                entry=entry,
                commitment=commitment,
            )

        return make_or_mend(self._ledger, open_from)
