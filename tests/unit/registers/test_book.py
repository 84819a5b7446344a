"""The book: nothing is lost, nothing is believed, and what was published last is known."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import insert, update

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, Status
from aeo_ledger.errors.files import FileExists, FileUnavailable
from aeo_ledger.errors.registers import (
    BookUnavailable,
    DocumentDamaged,
    NewerBook,
    NotABook,
    UnknownDocument,
)
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.registers import book_place
from aeo_ledger.registers.apply import draft_publications
from aeo_ledger.registers.book_rows import KeptAct
from aeo_ledger.registers.book_tables import about, acts, documents
from aeo_ledger.registers.documents import Kept, Kind, read_document, write_document
from aeo_ledger.registers.planning import settle
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.take_over import take_over
from support.registers import FIRST, Told, open_test_book, planned, record_of
from support.sealed_world import BY, DAY, NOW
from support.waiting import WITHIN_S

ENTRY, OTHER, THIRD = (BY.to_bytes(2, "big") + bytes([place]) * 30 for place in (2, 3, 4))


def kept(name: str = "One", entry: bytes = ENTRY, salt: int = 1, tin: str = "BY100000001") -> Kept:
    return Kept(
        entry=entry,
        tin=tin,
        kind=Kind.CERTIFICATE,
        media="application/json",
        salt=salt.to_bytes(32, "big"),
        content=write_document({"tin": tin, "name": name}),
    )


def amend(sequence: int) -> Record:
    """The record that another document alone leads to."""
    return record_of(kind=EventKind.AMEND, sequence=sequence, recorded_at=0)


def state(ledger: Told) -> RegisterState:
    return cast("RegisterState", ledger)


def name_of(found: Kept) -> str:
    return read_document(found.content)["name"]


def test_a_book_is_private_and_survives_its_process(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite"
    with open_test_book(path) as book:
        assert book.keep([kept(), kept("Two", OTHER, 2)]) == 2
        assert book.keep([kept()]) == 0
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()] == [0o600]
    with open_test_book(path) as book:
        assert book.find(kept().commitment) == kept()
        assert book.count_missing([kept().commitment, b"\1" * 32, b"\2" * 32]) == 2


def test_a_commitment_opens_only_with_its_own_document(tmp_path: Path) -> None:
    with open_test_book(tmp_path / "b") as book:
        book.keep([kept()])
        with pytest.raises(UnknownDocument):
            book.find(b"\1" * 32)
        with book._place.begin() as connection:
            connection.execute(update(documents).values(content=b"{}"))
        with pytest.raises(DocumentDamaged):
            book.find(kept().commitment)


def test_a_document_counts_as_published_only_when_the_ledger_shows_its_event(tmp_path: Path) -> None:
    ledger, first, second = Told(), kept("One"), kept("Two", salt=2)
    with open_test_book(tmp_path / "b") as book:
        book.keep([first, second])
        settle(book, state(ledger))
        assert book.documents_of(BY) == {}
        granted = ledger.draft(ENTRY, first.commitment, record_of(recorded_at=0))
        book.keep_acts({b"\1" * 32: granted}, None, (), "")
        settle(book, state(ledger))
        assert book.documents_of(BY) == {}
        ledger.publish(ENTRY, first.commitment, record_of(recorded_at=0))
        settle(book, state(ledger))
        assert name_of(book.documents_of(BY)[ENTRY]) == "One"
        amended = ledger.publish(ENTRY, second.commitment, amend(2))
        book.keep_acts({b"\2" * 32: amended}, None, (), "")
        settle(book, state(ledger))
        assert name_of(book.documents_of(BY)[ENTRY]) == "Two"
        again = ledger.draft(ENTRY, first.commitment, amend(3))  # the first name again
        book.keep_plan(b"\7" * 32, "BY", b"plan", [first], "only made")
        book.keep_acts({b"\3" * 32: again}, None, (), "")
        settle(book, state(ledger))
        assert name_of(book.documents_of(BY)[ENTRY]) == "Two"
        ledger.publish(ENTRY, first.commitment, amend(3))
        ledger.block = 12
        settle(book, state(ledger))
        assert name_of(book.documents_of(BY)[ENTRY]) == "One"
        assert [one.bound for one in book.documents_about("BY100000001")] == [((1, 7), (3, 12)), ((2, 7),)]
        assert book.shelf(BY).salts == {(ENTRY, one.content): one.salt for one in (first, second)}
        assert book.documents_of(BY + 1) == {}


def test_a_document_is_not_bound_because_a_record_looks_as_its_event_would_have_left_it(tmp_path: Path) -> None:
    """Two acts from one state lead to one record, each with a document of its own: the head says which of them is sealed."""
    ledger, mine, other = Told(), kept("Mine"), kept("Other", salt=2)
    ledger.publish(ENTRY, kept("One", salt=3).commitment, record_of(recorded_at=0))
    with open_test_book(tmp_path / "b") as book:
        book.keep([mine, other])
        drafts = [ledger.draft(ENTRY, one.commitment, amend(2)) for one in (mine, other)]
        book.keep_acts({b"\1" * 32: drafts[0], b"\2" * 32: drafts[1]}, None, (), "")
        ledger.publish(ENTRY, other.commitment, amend(2))
        ledger.time = NOW + 10_000
        settle(book, state(ledger))
        assert name_of(book.documents_of(BY)[ENTRY]) == "Other"
        assert [one.bound for one in book.documents_about("BY100000001")] == [(), ((2, 7),)]
        assert book.count_acts() == {"prepared": 0, "sent": 0, "sealed": 1, "lapsed": 1}


def test_a_falsified_document_is_named_and_never_bound(tmp_path: Path) -> None:
    ledger = Told()
    with open_test_book(tmp_path / "b") as book:
        book.keep([kept(), kept("Two", OTHER, 2, "BY2")])
        ledger.publish(ENTRY, kept().commitment, record_of(recorded_at=0))
        settle(book, state(ledger))
        with book._place.begin() as connection:
            changed = update(documents).where(documents.c.commitment == kept().commitment)
            connection.execute(changed.values(content=write_document({"tin": "BY100000001", "name": "Forged"})))
        (shown,) = book.documents_about("BY100000001")
        assert shown.damaged
        assert not book.documents_about("BY2")[0].damaged
        lines = [json.loads(line) for line in book.export()]
        assert [line["damaged"] for line in lines if line["table"] == "documents"] == [True, False]
        for read in (
            lambda: book.documents_of(BY),
            lambda: book.find(kept().commitment),
            lambda: book.count_missing([kept().commitment]),
            lambda: book.keep([kept()]),
        ):
            with pytest.raises(DocumentDamaged) as refused:
                read()
            assert refused.value.commitment == kept().commitment


def test_files_of_earlier_versions_are_taken_over_and_cut_lines_passed_over(tmp_path: Path) -> None:
    lines = [
        json.dumps({"entry": ENTRY.hex(), "salt": "02" * 32, "document": {"tin": "BY100000001", "name": "Zwei\u2028"}}),
        json.dumps({"entry": ENTRY.hex(), "salt": kept().salt.hex(), "document": read_document(kept().content)}),
        json.dumps({"entry": THIRD.hex(), "salt": "04" * 32, "document": {"tin": "BY100000003"}}),
        json.dumps({"entry": ENTRY.hex(), "salt": "02", "document": {}}),
        json.dumps({"entry": OTHER.hex(), "salt": "03" * 32, "document": []}),
        '{"entry": "00',
        "[]",
        "",
    ]
    file = tmp_path / "BY.csv.documents.jsonl"
    file.write_text("\n".join(lines))
    with open_test_book(tmp_path / "b") as book:
        assert (take_over(book, file), take_over(book, file)) == (3, 0)
        assert book.find(kept().commitment).tin == "BY100000001"
        settle(book, state(Told()))
        assert book.documents_of(BY) == {}
        (third,) = book.documents_about("BY100000003")
        ledger = Told()
        ledger.publish(ENTRY, kept("Zwei\u2028", salt=int("02" * 32, 16)).commitment, record_of(recorded_at=0))
        ended = {"status": Status.REVOKED, "kind": EventKind.REVOKE, "since": FIRST + DAY, "sequence": 2}
        records = [record_of(recorded_at=0), record_of(recorded_at=0, **ended)]
        ledger.publish(THIRD, third.commitment, *records)
        for _ in range(2):
            settle(book, state(ledger))
        found = book.documents_of(BY)
        assert (name_of(found[ENTRY]), set(found)) == ("Zwei\u2028", {ENTRY, THIRD})
        assert [entry.what for entry in book.read_log()] == ["take"]
    assert file.exists()


def test_plans_acts_and_who_did_what_are_kept(tmp_path: Path) -> None:
    plan, clock = planned(), iter(range(NOW, NOW + 100))
    with open_test_book(tmp_path / "b", lambda: next(clock)) as book:
        for _ in range(2):
            book.keep_plan(plan.hash, "BY", b"plan", [kept()], "3 changes")
        assert (book.has_plan(plan.hash), book.has_plan(b"\1" * 32)) == (True, False)
        heads = {change.entry: change.head for change in plan.changes}
        acts = {
            bytes([place]) * 32: KeptAct(act=act, heads=heads)
            for place, act in enumerate(draft_publications(plan), start=1)
        }
        for _ in range(2):
            book.keep_acts(acts, plan.hash, [b"\x0a" * 20], "1 publication")
        assert book.count_acts() == {"prepared": 1, "sent": 0, "sealed": 0, "lapsed": 0}
        (digest,) = acts
        assert book.open_acts() == acts
        book.note_sent(digest, Sealed(transaction="0x01", block=5, block_hash="0x02", gas_used=1))
        assert book.count_acts()["sent"] == 1
        book.note_sealed([digest], 6)
        assert (book.count_acts()["sealed"], book.open_acts()) == (1, {})
        for _ in range(2):
            book.note_done(plan.hash, "3 changes")
        log = book.read_log()
        assert [(entry.what, entry.who) for entry in log] == [
            ("plan", ""), ("apply", "0x" + "0a" * 20), ("apply", "0x" + "0a" * 20), ("done", ""),
        ]  # fmt: skip
        assert book.read_log(log[-1].at) == [log[-1]]


def test_limits_are_set_and_taken_back(tmp_path: Path) -> None:
    with open_test_book(tmp_path / "b") as book:
        book.set_limit("BY", "ends", 5)
        book.set_limit("BY", "ends", 7)
        assert (book.limits("BY"), book.limits("CN")) == ({"ends": 7}, {})
        book.set_limit("BY", "ends", None)
        assert book.limits("BY") == {}


def test_everything_can_be_exported_and_backed_up_while_it_is_in_use(tmp_path: Path) -> None:
    with open_test_book(tmp_path / "b") as book:
        book.keep([kept()])
        book.keep_rejects("BY", "BY.csv", b"bad,row\n")
        lines = [json.loads(line) for line in book.export()]
        assert {line["table"] for line in lines} == {"about", "documents", "rejects", "log"}
        (document,) = (line for line in lines if line["table"] == "documents")
        assert document["commitment"] == "0x" + kept().commitment.hex()
        book.back_up(tmp_path / "copy")
        with pytest.raises(FileExists):
            book.back_up(tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with open_test_book(tmp_path / "copy") as copy:
        assert copy.find(kept().commitment) == kept()


def test_what_is_no_book_is_named_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("tin,roles\n" * 1_000)
    other = tmp_path / "other"
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE t (x)")
    made.close()
    for path in (text, other, tmp_path):
        with pytest.raises((NotABook, BookUnavailable)):
            open_test_book(path)
    assert text.read_text() == "tin,roles\n" * 1_000
    with pytest.raises(FileUnavailable):
        open_test_book(tmp_path / "absent" / "book")
    with open_test_book(tmp_path / "b") as book, book._place.begin() as connection:
        connection.execute(update(about).values(schema=2))
    with pytest.raises(NewerBook) as refused:
        open_test_book(tmp_path / "b")
    assert (refused.value.found, refused.value.known) == (2, 1)
    with sqlite3.connect(tmp_path / "b") as made:
        made.execute("UPDATE about SET application = 'other', schema = 1")
    made.close()
    with pytest.raises(NotABook, match="another program made it"):
        open_test_book(tmp_path / "b")


ABOUT = "application, schema, made_at"
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 'x', x, 1 FROM c WHERE x < 0"


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ([f"CREATE VIEW about({ABOUT}) AS {ENDLESS}"], "it has more than tables"),
        ([f"CREATE TABLE about ({ABOUT})", "CREATE TRIGGER t AFTER INSERT ON about BEGIN DELETE FROM about; END"], "more than tables"),
        (["CREATE VIRTUAL TABLE about USING fts5(application)"], "it has more than tables"),
        ([f"CREATE TABLE about ({ABOUT})"], "another program made it"),
        ([f"CREATE TABLE about ({ABOUT})", "INSERT INTO about VALUES ('aeo-ledger/book', 'one', 1)"], "another program made it"),
        ([f"CREATE TABLE about ({ABOUT})", "INSERT INTO about VALUES ('aeo-ledger/book', NULL, 1)"], "another program made it"),
        ([f"CREATE TABLE about ({ABOUT})", "INSERT INTO about VALUES (x'00', 1.5, 1)"], "another program made it"),
    ],
)  # fmt: skip
def test_a_file_that_only_looks_like_a_book_is_none(tmp_path: Path, commands: list[str], told: str) -> None:
    with closing(sqlite3.connect(tmp_path / "b")) as made:
        for command in commands:
            made.execute(command)
        made.commit()
    with pytest.raises(NotABook, match=told):
        open_test_book(tmp_path / "b")


def test_rows_that_this_program_never_writes_are_named(tmp_path: Path) -> None:
    with open_test_book(tmp_path / "b") as book:
        book.keep([kept()])
        with book._place.begin() as connection:
            connection.execute(update(documents).values(kind="letter"))
        for read in (
            lambda: book.find(kept().commitment),
            lambda: book.documents_about(kept().tin),
            lambda: list(book.export()),
            lambda: book.keep([kept()]),
        ):
            with pytest.raises(NotABook, match="document 1 has the kind 'letter'"):
                read()
        row = {"digest": b"1", "content": b"{", "heads": b"", "state": "prepared", "changed_at": 1}
        with book._place.begin() as connection:
            connection.execute(insert(acts), row)
        with pytest.raises(NotABook, match="not JSON that can be read"):
            book.open_acts()


def test_a_book_that_another_process_holds_is_unavailable_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_place, "_WAITS_S", 0.1)
    with open_test_book(tmp_path / "b") as one, open_test_book(tmp_path / "b") as other:
        one.keep([kept()])
        with one._place.begin() as connection:
            connection.execute(insert(about).values(application="x", schema=1, made_at=1))
            with pytest.raises(BookUnavailable, match="locked"):
                other.keep([kept("Two", OTHER, 2)])
            assert other.find(kept().commitment) == kept()  # reading goes on
            connection.rollback()
        assert other.keep([kept("Two", OTHER, 2)]) == 1


def _keep_many(path: Path, first: int) -> None:
    with open_test_book(path) as book:
        for place in range(first, first + 20):
            book.keep([kept(str(place), salt=place + 1)])


def test_two_processes_with_one_book_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_place, "_WAITS_S", WITHIN_S)  # a slow disk is no fault; the processes inherit it
    context: Any = multiprocessing.get_context("fork")
    workers = [context.Process(target=_keep_many, args=(tmp_path / "b", first)) for first in (0, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(WITHIN_S)
        assert worker.exitcode == 0
    with open_test_book(tmp_path / "b") as book:
        assert len(book.shelf(BY).salts) == 40


def test_a_document_is_bound_whole(tmp_path: Path) -> None:
    assert kept().commitment != kept("Other").commitment
    assert kept().commitment != replace(kept(), salt=b"\2" * 32).commitment
    assert write_document({"b": "1", "a": "\u0422"}) == '{"a":"\u0422","b":"1"}'.encode()
