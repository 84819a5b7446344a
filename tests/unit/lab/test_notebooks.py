"""The notebooks run from top to bottom, as programs and as notebooks that jupytext reads, and find what they say that they find."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import pytest
from vyper.compiler import compile_code

import aeo_ledger.lab.notebooks

HOME = Path(aeo_ledger.lab.notebooks.__path__[0])
NOTEBOOKS = sorted(path for path in HOME.glob("*.py") if path.name != "__init__.py")

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LAB_FOLDER", str(tmp_path))
    monkeypatch.setenv("LAB_DAYS", "6")
    monkeypatch.chdir(tmp_path)
    return lambda name: runpy.run_path(str(HOME / f"{name}.py"))


def test_there_are_three_and_each_is_a_notebook_of_prose_and_code() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["belarus_china", "own_analysis", "own_contract"]
    for path in NOTEBOOKS:
        notebook = jupytext.read(path)
        kinds = [cell["cell_type"] for cell in notebook["cells"]]
        assert kinds[0] == "markdown"
        assert kinds.count("code") >= 4
        assert kinds.count("markdown") >= 4
        again = jupytext.reads(jupytext.writes(notebook, "ipynb"), "ipynb")
        assert [cell["source"] for cell in again["cells"]] == [cell["source"] for cell in notebook["cells"]]


def test_the_trace_of_belarus_and_china_goes_through_every_channel_and_its_attacks(run: Run) -> None:
    found = run("belarus_china")
    assert len(found["undue"]) >= 8
    assert {"attacks", "verdicts", "exposure"} <= set(found["run"].tables)
    assert any(row["succeeds"] for row in found["attacks"])
    assert (found["run"].folder / "report.html").exists()


def test_an_own_contract_asks_the_pinned_ones_and_a_word_of_it_is_proven(run: Run) -> None:
    found = run("own_contract")
    logs, reliable, stranger = found["logs"], found["reliable"], found["stranger"]
    assert (logs[reliable]["green"], logs[reliable]["reasons"]) == (True, 0)
    assert (logs[stranger]["green"], logs[stranger]["reasons"]) == (False, 1)  # no certificate
    assert (found["after"]["green"], found["after"]["reasons"]) == (False, 1 << 4)  # suspended
    assert found["proven"] == 1
    assert len(found["sealed"].sealers) == 4


def test_the_own_contract_is_compiled_from_its_source() -> None:
    kept = json.loads((HOME / "green_lane.json").read_text())
    made = compile_code((HOME / "green_lane.vy").read_text(), output_formats=["abi", "bytecode", "layout"])
    assert kept["bytecode"] == made["bytecode"]
    assert kept["abi"] == json.loads(json.dumps(made["abi"]))
    assert kept["storage_layout"] == json.loads(json.dumps(made["layout"]["storage_layout"]))


def test_the_analysis_finds_the_stolen_key_and_nothing_else(run: Run) -> None:
    found = run("own_analysis")
    ((signer, day, count, chance),) = found["strange"]
    assert (signer, day) == (found["thief"], 41)
    assert count >= 40
    assert chance < 1e-6
