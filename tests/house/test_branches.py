"""Each kind of status event has a branch in the contract: scripts/compile fails if a new row of the table has none."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind

ROOT = Path(__file__).parents[2]
REGISTERS = (ROOT / "contracts/Registers.vy").read_text(encoding="utf-8")
COMPILE = runpy.run_path(str(ROOT / "scripts/programs/compile.py"), run_name="compile")
require_branches: Callable[[str], None] = COMPILE["require_branches"]
NEW_ROW = """
    StatusEventRow(kind=EventKind.DEMOTE, capacities=_DAILY, leaves=LIVING),
)

STATUS_EVENTS:"""


def test_each_kind_has_its_branch() -> None:
    require_branches(REGISTERS)


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind != EventKind.TRANSFER])
def test_a_branch_that_is_missing_is_named(kind: EventKind) -> None:
    with pytest.raises(SystemExit, match=f"no branch for EVENT_KIND_{kind.name}$"):
        require_branches(REGISTERS.replace(f"if kind == words.EVENT_KIND_{kind.name}:", "if False:"))


def test_what_is_left_is_a_transfer_and_nothing_else() -> None:
    with pytest.raises(SystemExit, match=r"no branch for EVENT_KIND_TRANSFER$"):
        require_branches(REGISTERS.replace("words.TRANSFER_CHANGES", "words.AMEND_CHANGES"))


def _plant(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_new_row_without_a_branch_is_not_compiled(tmp_path: Path, options: tuple[str, ...]) -> None:
    for part in ("contracts", "scripts/programs", "src"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    customs = tmp_path / "src/aeo_ledger/customs"
    last = f"    TRANSFER = {EventKind.TRANSFER.value}\n"
    _plant(customs / "vocabulary.py", last, f"{last}    DEMOTE = {max(EventKind) + 1}\n")
    _plant(customs / "status_events.py", "\n)\n\nSTATUS_EVENTS:", NEW_ROW)
    words = (tmp_path / "contracts/words.vy").read_bytes()
    command = [sys.executable, str(tmp_path / "scripts/programs/compile.py"), *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == "contracts/Registers.vy: _check has no branch for EVENT_KIND_DEMOTE\n"
    assert (tmp_path / "contracts/words.vy").read_bytes() == words, "nothing is written"
