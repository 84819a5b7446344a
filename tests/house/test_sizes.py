"""No module grows into the obvious place for everything."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "aeo_ledger"
MOST_LINES = 400
ERRORS = PACKAGE / "errors"
"""Lists of leaves, each a sentence and its facts: as long as there are ways to fail."""


def test_no_module_is_longer_than_400_lines() -> None:
    sizes = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8").count("\n") for path in PACKAGE.rglob("*.py")}
    long = {str(path): lines for path, lines in sizes.items() if lines > MOST_LINES and PACKAGE / path.parent != ERRORS}
    assert not long, f"split them, or delete: {long}"


def test_the_top_level_is_six_things() -> None:
    root = PACKAGE.parents[1]
    found = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    left_by_builds = {"build", "dist"}
    assert found - left_by_builds == {"pyproject.toml", "README.md", "contracts", "src", "scripts", "tests"}
