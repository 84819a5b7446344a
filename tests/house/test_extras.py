"""Which modules need more than the base install: a command that needs an extra names it, and loads nothing of it before."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LOAD_ALL = """
import importlib, json, pkgutil, sys

class WithoutExtras:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in BEYOND:
            raise ImportError(name)

BEYOND = set(json.loads(sys.argv[1]))
sys.meta_path.insert(0, WithoutExtras())
found = []
for room in ("cli", "office", "registers", "signing", "verify"):
    package = importlib.import_module(f"aeo_ledger.{room}")
    for module in pkgutil.iter_modules(package.__path__):
        try:
            importlib.import_module(f"{package.__name__}.{module.name}")
        except ImportError as error:
            found.append(f"{room}.{module.name}: {error}")
print(json.dumps(found))
"""


def test_only_the_book_the_json_log_and_x509_load_a_library_that_the_base_install_has_not() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (beyond,) = (row["forbidden_modules"] for row in linter if row["name"].startswith("Who signs or asks needs"))
    assert "sqlalchemy" in beyond
    ended = subprocess.run(
        [sys.executable, "-c", _LOAD_ALL, json.dumps(beyond)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == [
        "cli.json_log: structlog",
        *(f"registers.book{part}: sqlalchemy" for part in ("", "_place", "_tables")),
        "signing.x509_key: cryptography",
        "verify.x509: cryptography",
    ]
