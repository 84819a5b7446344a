"""The book in PostgreSQL: the same as in a file, except for its backup. Runs where PostgreSQL is installed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from aeo_ledger.errors.registers import BookUnavailable, NoBackupHere, NotABook
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.documents import Kept, Kind, write_document
from support.postgres import postgres
from support.registers import Told, entry_of_row, planned, record_of, row_of
from support.sealed_world import BY, NOW

__all__ = ["postgres"]


@pytest.fixture(scope="module")
def url(postgres: Callable[[], str]) -> str:
    """Make an empty database; its URL has a password, which nothing may show."""
    return postgres().replace("aeo@", "aeo:secret@")


def open_book(place: str) -> Book:
    numbers = count(1)
    return Book(place, clock=lambda: NOW, randomness=lambda length: next(numbers).to_bytes(length, "big"))


def test_a_book_in_postgresql_keeps_the_same(url: str, tmp_path: Path) -> None:
    row = row_of(1)
    content = write_document(row.document)
    kept = Kept(
        entry=entry_of_row(row), tin=row.tin.text, kind=Kind.CERTIFICATE, media="m", salt=b"\1" * 32, content=content
    )
    plan = planned()
    for turn in range(2):
        with open_book(url) as book:
            assert book.keep([kept]) == (turn == 0)
            assert book.find(kept.commitment) == kept
            book.keep_plan(plan.hash, "BY", b"plan", [], "3 changes")
            assert book.has_plan(plan.hash)
            granted = Told().draft(kept.entry, kept.commitment, record_of(recorded_at=0))
            book.keep_acts({b"\1" * 32: granted}, plan.hash, [b"\2" * 20], "1 publication")
            assert book.documents_of(BY) == ({} if turn == 0 else {kept.entry: kept})
            book.note_sent(b"\1" * 32, Sealed(transaction="0x", block=1, block_hash="0x", gas_used=1))
            assert book.open_acts() == {b"\1" * 32: granted}
            book.note_sealed([b"\1" * 32], 6)
            book.bind({kept.commitment: 1}, 6)
            assert book.documents_of(BY) == {kept.entry: kept}
            (shown,) = (one for one in book.documents_about(kept.tin) if one.kept == kept)
            assert set(shown.bound) == {(1, 6)}
            book.note_done(plan.hash, "3 changes")
            book.set_limit("BY", "ends", 3 + turn)
            assert book.limits("BY") == {"ends": 3 + turn}
            assert book.keep_grounds(kept.entry, "BY1", "text/plain", b"why", "BY")
            assert len(list(book.export())) > 8
            assert "secret" not in book.name
            with pytest.raises(NoBackupHere, match="pg_dump"):
                book.back_up(tmp_path / "copy")


def test_many_may_open_a_new_book_at_once(postgres: Callable[[], str]) -> None:
    place = postgres()

    def open_one(_: int) -> str:
        with open_book(place) as book:
            return book.name

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_one, range(8)))) == 1


def test_what_is_no_url_or_no_database_is_named_without_its_password(url: str) -> None:
    for place, error in (
        ("postgresql://aeo:secret@127.0.0.1:x/none", NotABook),
        (f"{url}_absent", BookUnavailable),
    ):
        with pytest.raises(error) as refused:
            open_book(place)
        assert "secret" not in str(refused.value)
