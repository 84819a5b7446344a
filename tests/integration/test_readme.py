"""The blocks of the README and then of the pages `sharing` and `serving` are pasted unchanged into an empty folder, and show what is shown there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from aeo_ledger.cli.about import list_pages
from support.pages import BLOCK, demand_shown, paste, shown, steps_of
from support.ports import free_port

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PAGES = [list_pages()[name].read_text(encoding="utf-8") for name in ("sharing", "serving")]
STEPS = [step for page in (README, *PAGES) for step in steps_of(page)]


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paste all blocks into one shell, on a free port; return the output of each."""
    folder, port = tmp_path_factory.mktemp("empty"), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AEO_LEDGER")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AEO_LEDGER_PORT": str(port),
        "AEO_LEDGER_GATEWAY": f"http://127.0.0.1:{port}",
    }
    told = paste(STEPS, folder, environment)
    return [one.replace(f"127.0.0.1:{port}", "127.0.0.1:8547") for one in told]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_block_shows_what_is_shown_after_it(pasted: list[str], step: int) -> None:
    demand_shown(STEPS[step], pasted[step])


def _blocks(text: str) -> list[int]:
    found = re.findall(r"(?:^|as of |answers: |(?:leads|\d) to )block (\d+)\b(?! is on)", text, re.MULTILINE)
    return [int(number) for number in found]


def test_the_outputs_that_are_shown_are_of_one_run() -> None:
    """One ledger, on which blocks follow each other: none is earlier than one shown before it. The README ends with its newest block."""
    texts = [text for _, text in STEPS]
    whole, of_readme = "\n".join(texts), "\n".join(texts[: len(steps_of(README))])
    blocks = _blocks(whole)
    assert len(blocks) > 10
    assert blocks == sorted(blocks)
    moments = re.findall(r"block \d+ of (\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)", whole)
    assert len(moments) > 4
    assert moments == sorted(moments)
    assert len(set(re.findall(r"^chain (\d+)", whole, re.MULTILINE))) == 1
    head = re.search(r"head: block (\d+) ", of_readme)
    exported = re.search(r"^(\d+) blocks, ", of_readme, re.MULTILINE)
    assert head
    assert exported
    last = _blocks(of_readme)[-1]
    assert (int(head[1]), int(exported[1])) == (last, last + 1)


def test_every_command_of_the_pages_is_in_a_block_that_is_pasted() -> None:
    """Except those of the scripts, which are run in the project's folder."""
    others = [code for page in (README, *PAGES) for kind, code in BLOCK.findall(page) if kind == "console"]
    lines = [line for code in others for line in code.splitlines()]
    assert lines
    assert all(line.startswith("$ scripts/") for line in lines)
    assert len(STEPS) >= 9
    assert all("$ aeo-ledger" not in code for code, _ in STEPS)


def test_each_of_its_checks_can_fail() -> None:
    assert shown("block 5 of 2026-11-22 08:00:00Z, 5s old", "block 17 of 2027-01-02 09:30:00Z, 1m 3s old")
    assert not shown("block 5, sealed", "block 5")
    assert shown("RECOGNISED: ...", "RECOGNISED: fewer inspections")
    assert not shown("RECOGNISED: ...", "NOT RECOGNISED: suspended")
    assert not shown("0 unchanged", "0 unchanged, 1 different")
    assert not shown("2 grant, 1 suspend", "2 grant, 3 suspend")
