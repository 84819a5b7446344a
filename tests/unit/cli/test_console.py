"""`aeo-ledger console verifier`: it writes the page for the bundle that is pinned, and over nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from aeo_ledger.verify import TRUST_FORM
from aeo_ledger.verify.trust import fingerprint
from support.sealed_world import trust

TRUST = trust()


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_text(TRUST_FORM.encode_json(TRUST))
    return path


def run(pinned: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["console", "verifier", "--trust", str(pinned), *words])


def test_it_writes_one_file_and_says_which_bundle_it_trusts(pinned: Path, tmp_path: Path) -> None:
    out = tmp_path / "verify.html"
    ended = run(pinned, "--out", str(out))
    assert ended.exit_code == 0
    mark = f"0x{fingerprint(TRUST).hex()}"
    assert ended.stdout.splitlines() == [
        f"{out.stat().st_size:,} bytes in {out}",
        f"it trusts the bundle with the fingerprint {mark}",
    ]
    again = run(pinned, "--out", str(out), "--recogniser", "CN", "--max-age", "2h", "--json")
    assert json.loads(again.stdout) == {"out": str(out), "bytes": out.stat().st_size, "fingerprint": mark}
    assert b'data-max-age="7200" data-recogniser="CN"' in out.read_bytes()


def test_it_writes_over_no_other_file(pinned: Path, tmp_path: Path) -> None:
    for name, content in (("letter.html", "<!DOCTYPE html><p>a letter"), ("other.txt", "console verifier")):
        other = tmp_path / name
        other.write_text(content)
        ended = run(pinned, "--out", str(other))
        assert (ended.exit_code, other.read_text()) == (3, content)
        assert "a page that verifies" in ended.stderr
    assert run(pinned, "--out", str(pinned)).exit_code == 3


def test_a_party_that_is_not_pinned_cannot_use_it(pinned: Path, tmp_path: Path) -> None:
    ended = run(pinned, "--out", str(tmp_path / "verify.html"), "--recogniser", "XX", "--json")
    assert ended.exit_code == 2
    assert json.loads(ended.stdout)["error"] == "UnknownParty"
    assert not (tmp_path / "verify.html").exists()
