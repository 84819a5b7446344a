"""Options of commands that use the book of an office, and how it is opened."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.output import now
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import NAMES_FILE
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedText

if TYPE_CHECKING:  # the base install has no database library, and a book needs no desk
    from aeo_ledger.office.proven_desk import ProvenDesk
    from aeo_ledger.registers.book import Book

BookOption = Annotated[
    str | None,
    typer.Option(
        "--book",
        metavar="FILE|URL",
        envvar="AEO_LEDGER_BOOK",
        help="The book of your office: a file, or postgresql://HOST/NAME. It is made when it is first used. "
        "Default: PARTY.book.sqlite in the working folder.",
    ),
    NAMES_FILE,
]


def open_book(place: str | None, party: str | None = None) -> Book:
    """Open the book that an option names, or a party's own in the working folder.

    Raises:
        ExtraMissing: the extra [office] or, for a URL, [postgresql] is not installed.
        MalformedText: neither a book nor a party is named.
        NotABook, NewerBook, BookUnavailable, FileUnavailable: see `Book`.
    """
    demand_extra("office", "sqlalchemy")
    from aeo_ledger.registers.book import Book  # noqa: PLC0415 (the base install has no database library)
    from aeo_ledger.registers.book_place import is_url  # noqa: PLC0415 (the same)

    if place is None and party is None:
        raise MalformedText(
            "--book",
            "none",
            "--book with a file or URL, AEO_LEDGER_BOOK, or one party that acts, whose own book is meant",
        )
    where = place or f"{party}.book.sqlite"
    if is_url(where):
        demand_extra("postgresql", "psycopg")
    return Book(where, clock=now, randomness=secrets.token_bytes)


def open_kept_book(place: str | None, party: str | None = None) -> Book:
    """Open a book that is there already, to show or copy what it has: an empty one would be a false answer, and a backup of nothing.

    Raises:
        UnreadableFile: there is no such file.
        ExtraMissing, MalformedText, NotABook, NewerBook, BookUnavailable, FileUnavailable: see `open_book`.
    """
    demand_extra("office", "sqlalchemy")
    from aeo_ledger.registers.book_place import is_url  # noqa: PLC0415 (the base install has no database library)

    where = place or (None if party is None else f"{party}.book.sqlite")
    if where is not None and not is_url(where) and not Path(where).exists():
        raise UnreadableFile(
            path=where, detail="there is no book here; name it with --book, or go to the folder that has it"
        )
    return open_book(place, party)


@contextmanager
def opening_book(place: str | None, party: str | None) -> Iterator[Book | None]:
    """Open the book that an option names, or a party's own if it is in the working folder; None if there is none: it is not made.

    Raises:
        ExtraMissing, NotABook, NewerBook, BookUnavailable: there is a book, and it cannot be used.
    """
    if place is None and not (party is not None and Path(f"{party}.book.sqlite").is_file()):
        yield None
        return
    with open_book(place, party) as book:
        yield book


@contextmanager
def keeping(desk: ProvenDesk, place: str | None, party: str | None) -> Iterator[None]:
    """Keep what is signed on a desk in the book that an option names, or in a party's own if it is in the working folder.

    An office that has no book keeps nothing, and needs no extra. `party` is the code of the party that acts; None if several decide.

    Raises:
        ExtraMissing, NotABook, NewerBook, BookUnavailable: there is a book, and it cannot be used; nothing was signed.
    """
    with opening_book(place, party) as book:
        if book is not None:
            from aeo_ledger.registers.journal import BookJournal  # noqa: PLC0415 (the base install has no database library)

            desk.journal = BookJournal(book, desk.trust)
        yield


def tell_book(book: Book) -> str:
    """Say where documents and salts are, and what to do with the book."""
    return f"documents and salts, for later disclosure: {named(book.name)} (keep this book, and keep it secret)"
