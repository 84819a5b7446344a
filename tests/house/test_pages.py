"""What the package carries beside its code is there, is read by `about`, and goes into a wheel."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.about import list_pages
from aeo_ledger.cli.main import app
from support.who_learns import tell_table

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "aeo_ledger"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DECISIONS = sorted((PACKAGE / "decisions").glob("*.md"))


def test_about_lists_every_page_and_prints_each() -> None:
    listed = json.loads(CliRunner().invoke(app, ["about", "--json"]).stdout)["pages"]
    assert listed == sorted(list_pages())
    assert {"license", "changelog", "security", "trust.schema.json", *(path.stem for path in DECISIONS)} <= set(listed)
    for name in listed:
        shown = CliRunner().invoke(app, ["about", name])
        assert (shown.exit_code, len(shown.stdout) > 100) == (0, True)
    assert CliRunner().invoke(app, ["about", "nothing"]).exit_code == 2


def test_package_data_names_every_file_that_is_no_code_and_nothing_else() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["aeo_ledger"]
    named = {pattern: {path for path in PACKAGE.glob(pattern) if path.is_file()} for pattern in patterns}
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    beside = {path for path in files if path.suffix != ".py"}
    assert set().union(*named.values()) == beside
    assert [pattern for pattern, paths in named.items() if not paths] == []


def test_the_changes_name_the_version() -> None:
    changes = (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {PROJECT['project']['version']}" in changes


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_it_was_taken_against_and_what_it_costs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    if path.stem != "left-out":
        assert all(f"**{part}" in text for part in ("Needed.", "Considered", "Taken.", "Cost."))
        assert len(re.findall(r"^- \*", text, re.MULTILINE)) >= 2


def test_the_page_of_sharing_has_the_table_of_who_learns_what() -> None:
    page = (ROOT / "src/aeo_ledger/SHARING.md").read_text(encoding="utf-8")
    section = page.partition("## Who learns what\n")[2].partition("\n## ")[0]
    assert section.partition("\n| ")[2] == tell_table().removeprefix("| "), (
        "write it: python tests/support/who_learns.py"
    )
