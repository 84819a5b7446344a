"""Documents of standings come from files and from the book, and count only for the trader whom they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.registers.documents import JSON, Document, Kept, Kind, write_document
from aeo_ledger.registers.find_documents import find_documents
from aeo_ledger.verify import ProvenSnapshot
from support.registers import Told, open_test_book, record_of
from support.sealed_world import BY, EU, NOW, entry_of

ONE, TWO, ELSEWHERE = Tin("BY100000001"), Tin("BY100000002"), Tin("DE123456")
ENTRY, OTHER, FOREIGN = entry_of(ONE, BY, 2), entry_of(TWO, BY, 2), entry_of(ELSEWHERE, EU)
NOTHING = cast("ProvenSnapshot", None)
"""Files alone need no ledger."""


class Words:
    """A whole ledger, as far as the register told has standings."""

    time = NOW
    sealed = SimpleNamespace(header=SimpleNamespace(number=7))

    def __init__(self, told: Told) -> None:
        self.told = told

    def standings(self) -> Iterator[tuple[bytes, Record]]:
        return ((entry, record) for entry, (record, _) in self.told.standings.items())

    def record(self, entry: bytes) -> Record | None:
        return self.told.record(entry)

    def standing_head(self, entry: bytes) -> bytes:
        return self.told.standing_head(entry)


def document(tin: Tin, name: str) -> dict[str, str]:
    return {"tin": tin.text, "name": name}


def line(entry: bytes, said: Document) -> str:
    return json.dumps({"entry": entry.hex(), "salt": bytes(32).hex(), "document": dict(said)})


def file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_latest_document_of_each_entry_of_the_registers_is_found(tmp_path: Path) -> None:
    first = file(tmp_path / "1", line(ENTRY, document(ONE, "old")), line(OTHER, document(TWO, "two")))
    second = file(
        tmp_path / "2", line(ENTRY, document(ONE, "newer")), "{", line(FOREIGN, document(ELSEWHERE, "abroad"))
    )
    assert find_documents(NOTHING, [BY], None, []) == {}
    assert find_documents(NOTHING, [BY], None, [first, second]) == {
        ENTRY: document(ONE, "newer"),
        OTHER: document(TWO, "two"),
    }
    assert list(find_documents(NOTHING, [BY, EU], None, [second])) == [ENTRY, FOREIGN]


@pytest.mark.parametrize(
    "said", [document(TWO, "another trader"), {"name": "nobody"}, {"tin": "by 1", "name": "no TIN"}]
)
def test_a_document_about_somebody_else_neither_counts_nor_hides_the_right_one(tmp_path: Path, said: Document) -> None:
    wrong = file(tmp_path / "wrong", line(ENTRY, said))
    assert find_documents(NOTHING, [BY], None, [wrong]) == {}
    right = file(tmp_path / "right", line(ENTRY, document(ONE, "one")))
    assert find_documents(NOTHING, [BY], None, [right, wrong]) == {ENTRY: document(ONE, "one")}


def test_the_book_is_settled_first_and_its_published_documents_replace_those_of_files(tmp_path: Path) -> None:
    told = Told()
    words = cast("ProvenSnapshot", Words(told))
    beside = file(tmp_path / "beside", line(ENTRY, document(ONE, "file")), line(OTHER, document(TWO, "two")))
    kept = Kept(
        entry=ENTRY,
        tin=ONE.text,
        kind=Kind.CERTIFICATE,
        media=JSON,
        salt=bytes(32),
        content=write_document(document(ONE, "book")),
    )
    with open_test_book(tmp_path / "b") as book:
        book.keep([kept])
        assert find_documents(words, [BY], book, [beside])[ENTRY] == document(ONE, "file")
        told.publish(ENTRY, kept.commitment, record_of(recorded_at=0))
        assert find_documents(words, [BY], book, [beside]) == {
            ENTRY: document(ONE, "book"),
            OTHER: document(TWO, "two"),
        }
        assert find_documents(words, [EU], book, [beside]) == {}


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        find_documents(NOTHING, [BY], None, [tmp_path / "missing"])
    (tmp_path / "utf16").write_bytes("{}".encode("utf-16"))
    with pytest.raises(MalformedDocument) as refusal:
        find_documents(NOTHING, [BY], None, [tmp_path / "utf16"])
    assert "UTF-16" in str(refusal.value)
