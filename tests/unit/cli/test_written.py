"""Files that a command writes: each reason for which one is refused, before anything else is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.office.trust_store import LIST

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
    older.write_bytes(b"\xa1aeo-ledger/snapshot/1")
    for out in (older, tmp_path / "new.snapshot", tmp_path / "empty.snapshot"):
        assert refused("snapshot", "take", "--out", out, "--trust", BUNDLE, *NOWHERE)[0] == 5
