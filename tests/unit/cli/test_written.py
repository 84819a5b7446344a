"""Files that a command writes: each reason for which one is refused, before anything else is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli import written
from aeo_ledger.cli.main import app
from aeo_ledger.cli.written import Written
from aeo_ledger.console.verifier_file import write_verifier
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.trust_store import LIST
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.rlp import encode
from aeo_ledger.registers.shipped import read_shipped

BUNDLE = Path(__file__).parents[2] / "cases/cli/trust-turkiye.json"
NOWHERE = ("--gateway", "http://127.0.0.1:1")


def refused(*words: str | Path) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, [*map(str, words), "--json"])
    said = json.loads(ended.stdout)
    return ended.exit_code, said["error"], said["detail"]


@pytest.mark.parametrize("link", ["no", "symbolic", "hard"])
def test_a_file_that_is_read_is_never_written(tmp_path: Path, link: str) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(BUNDLE.read_bytes())
    out = trust if link == "no" else tmp_path / "other.json"
    if link == "symbolic":
        out.symlink_to(trust)
    if link == "hard":
        out.hardlink_to(trust)
    told = f"{out} is named twice, as an output and as something else"
    code, error, detail = refused("snapshot", "take", "--out", out, "--trust", trust, *NOWHERE)
    assert (code, error, detail[: len(told)]) == (3, "OutputTaken", told)
    assert trust.read_bytes() == BUNDLE.read_bytes()


def test_a_file_of_another_kind_is_never_replaced(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"Dear colleagues")
    told = f"{letter} contains something other than a snapshot"
    code, error, detail = refused("snapshot", "take", "--out", letter, "--trust", BUNDLE, *NOWHERE)
    assert (code, error, detail[: len(told)]) == (3, "OutputTaken", told)
    assert letter.read_bytes() == b"Dear colleagues"


def test_nothing_else_is_written_into_a_trust_store(tmp_path: Path) -> None:
    (tmp_path / LIST).write_bytes(b"{}")
    out = tmp_path / "register.snapshot"
    told = f"{out} lies in a trust store, which is only for pinned bundles"
    code, error, detail = refused("snapshot", "take", "--out", out, "--trust", BUNDLE, *NOWHERE)
    assert (code, error, detail[: len(told)], out.exists()) == (3, "OutputTaken", told, False)


def test_a_new_file_and_an_older_one_of_the_kind_may_be_written(tmp_path: Path) -> None:
    """The command goes on, and finds no gateway."""
    older = tmp_path / "older.snapshot"
    older.write_bytes(encode_cbor({"format": "aeo-ledger/snapshot/1"}))
    for out in (older, tmp_path / "new.snapshot", tmp_path / "empty.snapshot"):
        assert refused("snapshot", "take", "--out", out, "--trust", BUNDLE, *NOWHERE)[0] == 5


KINDS = {one.kind: one for one in vars(written).values() if isinstance(one, Written) and not one.later}
OWN = {
    "a register": b"tin,certificate_number,name\n",
    "a profile": b"# a draft\n\n" + read_shipped("plain"),
    "a DID document": json.dumps(
        {"@context": ["https://www.w3.org/ns/did/v1"], "id": "did:web:a.example"}, indent=2
    ).encode(),
    "a table of answers": b"line,reference,typed,tin,verdict,reasons,benefits,issuer,note\n1,,BY1,,malformed,,,,\n",
    "a page that verifies": write_verifier(read_trust(BUNDLE)),
    "blocks": encode([[bytes(32), bytes(600)], [], []]),
}
"""A file of each kind that is no document, or its beginning."""


def examples(kind: Written) -> list[bytes]:
    """Whole files of a kind."""
    return [
        *(json.dumps({"format": name, "more": 1}, indent=1).encode() for name in kind.formats),
        *(encode_cbor({"chains": [1], "format": name}) for name in kind.formats),
        *([OWN[kind.kind]] if kind.kind in OWN else []),
    ]


def decoys(kind: Written) -> dict[str, bytes]:
    """Other files that contain a whole file of a kind, or its mark."""
    (mark, *_) = examples(kind)
    name = kind.formats[0] if kind.formats else mark.decode("latin-1")
    database = b"SQLite format 3\x00" + bytes(84) + mark
    return {
        "a database": database,
        "a letter": b"Dear colleagues, I send you " + mark,
        "a document that holds one": json.dumps({"table": "plans", "content": {"format": name}}).encode(),
        "a document that names one": json.dumps({"format": "other/1", "about": name}).encode(),
        "CBOR that holds one": encode_cbor({"a": {"format": name}, "format": "other/1"}),
        "CBOR without a format": encode_cbor({"content": name}),
        "CBOR that is cut short": encode_cbor({"content": name, "format": name})[:20],
        "CBOR that is no object": encode_cbor(["format", name]),
        "text of UTF-16": name.encode("utf-16"),
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_mark_of_a_kind_counts_only_where_such_a_file_has_it(tmp_path: Path, kind: Written) -> None:
    there = tmp_path / "there"
    for whole in examples(kind):
        there.write_bytes(whole)
        assert kind.is_of_kind(there), whole
    for what, other in decoys(kind).items():
        there.write_bytes(other)
        assert not kind.is_of_kind(there), what


def plan_to(out: Path, *more: str | Path) -> tuple[int, str, str]:
    file = out.parent / "month.csv"
    file.write_bytes(b"tin\n")
    return refused(
        "register", "plan", file, "--party", "BY", "--trust", BUNDLE, "--accept-odd", "--out", out, *NOWHERE, *more
    )


@pytest.mark.parametrize("name", ["BY.book.sqlite", "BY.BOOK.sqlite", "BY.book.sqlite-wal", "link"])
def test_nothing_is_written_over_a_book_also_one_that_the_command_would_make(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    if name == "link":
        out.symlink_to(tmp_path / "BY.book.sqlite")
    told = f"{out} has the name of a book, which is never written over"
    code, error, detail = plan_to(out)
    assert (code, error, detail[: len(told)]) == (3, "OutputTaken", told)


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
def test_the_book_that_is_named_is_a_file_of_the_command(tmp_path: Path, beside: str) -> None:
    out = tmp_path / f"office{beside}"
    told = f"{out} is named twice, as an output and as something else"
    code, error, detail = plan_to(out, "--book", tmp_path / "office")
    assert (code, error, detail[: len(told)]) == (3, "OutputTaken", told)
    assert not out.exists()
