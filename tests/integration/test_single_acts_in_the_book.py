"""Single acts and the book: each is kept before it is signed and sent, and what it commits to is bound once it is proven."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.registers import book_place
from aeo_ledger.registers.journal import BookJournal
from support.network import open_book
from support.workshop import Workshop, write_csv

CERTIFICATE = ("--type", "3")


@pytest.fixture
def decision(tmp_path: Path) -> Path:
    path = tmp_path / "decision.txt"
    path.write_text("the reasons")
    return path


def granted(shop: Workshop, folder: Path, tin: str) -> str:
    assert shop.import_(write_csv(folder / f"{tin}.csv", {"tin": tin})).exit_code == 0
    return tin


def log_of(shop: Workshop, book: Path | None = None) -> list[Any]:
    named = () if book is None else ("--book", str(book))
    found: list[Any] = shop.json("book", "log", *named)["log"]
    return found


def bound(shop: Workshop, tin: str) -> list[list[int]]:
    """The status events that bind each document about a trader."""
    found = shop.json("book", "show", tin)["documents"]
    return [[place["event"] for place in one["bound"]] for one in found]


def test_each_kind_of_act_is_kept_with_its_grounds(shop: Workshop, tmp_path: Path, decision: Path) -> None:
    tin, book = granted(shop, tmp_path, "BY741000001"), tmp_path / "own.sqlite"
    kept = ("--grounds", str(decision), "--book", str(book), "--yes")
    cn, by = ("--key", shop.key("CN")), ("--key", shop.key("BY"))
    entry = (tin, "--register", "BY", *CERTIFICATE, "--recogniser", "CN", "--accept-odd")
    for command in (
        ("suspend", tin, "--party", "BY", *CERTIFICATE, *by, "--accept-odd"),
        ("withhold", *entry, *cn),
        ("alias", "bind", "AEOCN4401960006", "--kind", "AEOCN", "--tin", tin, "--recogniser", "CN", *cn, "--accept-odd"),
        ("alias", "release", "AEOCN4401960006", "--kind", "AEOCN", "--recogniser", "CN", *cn),
        ("party", "act", "certificate", "--party", "BY", "--hash", "0x" + "7a" * 32, "--key", shop.key("BY", "authority")),
    ):  # fmt: skip
        done = shop.run(*command, *kept)
        assert done.exit_code == 0, done.output
    log = log_of(shop, book)
    assert [one["what"] for one in log if one["what"] != "grounds"] == ["act", "sealed"] * 5
    assert all(len(one["who"]) == 1 for one in log if one["what"] == "act")
    lines = [json.loads(line) for line in shop.run("book", "export", "--book", str(book)).stdout.splitlines()]
    carried = [line for line in lines if line["table"] == "carried"]
    assert (len(carried), all(line["block"] for line in carried)) == (5, True)
    assert {line["state"] for line in lines if line["table"] == "acts"} == {"sealed"}


def begin(book: Path) -> None:
    """Make an empty book, which is used from now on."""
    with open_book(book):
        pass


def test_an_act_that_goes_round_is_kept_by_each_office_that_signs_or_submits_it(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tin = granted(shop, tmp_path, "BY741000005")
    monkeypatch.chdir(tmp_path)
    own, other, third = (tmp_path / f"{name}.book.sqlite" for name in ("BY", "other", "third"))
    drafted = ("suspend", tin, "--party", "BY", *CERTIFICATE, "--accept-odd", "--out", "a.act.json", "--yes")
    assert shop.run(*drafted, AEO_LEDGER_BOOK=None).exit_code == 0
    begin(own)
    signed = ("act", "sign", "a.act.json", "--key", shop.key("BY"), "--yes")
    assert shop.run(*signed, AEO_LEDGER_BOOK=None).exit_code == 0
    submitted = shop.run("act", "submit", "a.act.json", "--yes", "--book", str(other))
    assert submitted.exit_code == 0, submitted.output
    assert [one["what"] for one in log_of(shop, own)] == ["act"]
    assert [(one["what"], len(one["who"])) for one in log_of(shop, other)] == [("act", 1), ("sealed", 0)]
    Path("terms.toml").write_text(
        'name = "BY-KZ"\ntext = "t"\n[[recognition]]\nrecogniser = "BY"\nregister = "KZ"\ntypes = ["3"]\n'
        'directions = ["import"]\nbenefits = ["liaison_officer"]\nin_force_from = 2020-01-01\n'
    )
    for verb, book in (("conclude", third), ("amend", other)):
        for party in ("BY", "KZ"):
            key = shop.key(party, "authority")
            done = shop.run("arrangement", verb, "terms.toml", "--key", key, "--yes", "--book", str(book))
            assert done.exit_code == 0, done.output
        Path("terms.act.json").unlink()
    assert [one["what"] for one in log_of(shop, third)] == ["act", "act", "sealed"]
    assert [one["what"] for one in log_of(shop, other)][2:] == ["act", "act", "sealed"]


def test_a_locked_book_stops_an_act_before_it_is_signed(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tin, book = granted(shop, tmp_path, "BY741000002"), tmp_path / "own.sqlite"
    begin(book)
    monkeypatch.setattr(book_place, "_WAITS_S", 0.1)
    with sqlite3.connect(book, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        stopped = shop.act("suspend", tin, *CERTIFICATE, "--book", str(book))
        holder.execute("ROLLBACK")
    holder.close()
    assert (stopped.exit_code, "locked" in stopped.stderr) == (5, True)
    assert [record.sequence for record in shop.records(tin)] == [1]
    assert log_of(shop, book) == []


def test_the_partys_own_book_is_used_if_it_is_there_and_is_not_made(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tin, own = granted(shop, tmp_path, "BY741000003"), tmp_path / "BY.book.sqlite"
    monkeypatch.chdir(tmp_path)

    def act(verb: str) -> None:
        acted = shop.run(
            verb, tin, "--party", "BY", *CERTIFICATE, "--key", shop.key("BY"), "--accept-odd", "--yes", AEO_LEDGER_BOOK=None
        )  # fmt: skip
        assert acted.exit_code == 0, acted.output

    act("suspend")
    assert not own.exists()
    begin(own)
    act("reinstate")
    assert [one["what"] for one in log_of(shop, own)] == ["act", "sealed"]


def test_what_an_interrupted_act_left_is_bound_by_the_next_act_on_the_same_certificate(
    shop: Workshop, tmp_path: Path, decision: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tin = granted(shop, tmp_path, "BY741000004")
    with monkeypatch.context() as ended:
        ended.setattr(BookJournal, "note", lambda *_: None)
        assert shop.act("suspend", tin, *CERTIFICATE, "--grounds", str(decision)).exit_code == 0
    assert bound(shop, tin) == [[1], []]
    assert shop.act("reinstate", tin, *CERTIFICATE).exit_code == 0
    assert bound(shop, tin) == [[1], [2]]
