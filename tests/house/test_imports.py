"""A test module is imported by nobody: what tests share is in `support`, or beside them in a module that is no test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def _tests_in(source: str) -> list[str]:
    return [name for name in _imported(source) if any(part.startswith("test_") for part in name.split("."))]


def test_no_module_imports_a_test() -> None:
    modules = [path for folder in ("tests", "scripts") for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)): _tests_in(path.read_text(encoding="utf-8")) for path in modules}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "import unit.evidence.test_wire",
        "import os, unit.evidence.test_wire as wire",
        "from unit.evidence.test_wire import EVIDENCE",
        "from unit.evidence import test_wire",
        "from . import test_wire",
        "from .test_wire import EVIDENCE",
        "def late():\n    from unit.evidence.test_wire import EVIDENCE",
    ],
)
def test_a_planted_import_is_found(planted: str) -> None:
    assert len(_tests_in(planted)) == 1
    assert _tests_in("import os\nfrom support.edition import compile_test_edition") == []
