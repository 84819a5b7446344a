"""The README's blocks are pasted unchanged and in order into an empty folder, and show what the README shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.ports import free_port

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def steps() -> list[tuple[str, str]]:
    """Every block to paste, with the output that the README shows after it."""
    blocks = BLOCK.findall(README)
    return [
        (code, following[1] if following[0] == "text" else "")
        for (kind, code), following in zip(blocks, [*blocks[1:], ("", "")], strict=True)
        if kind == "sh"
    ]


VARIES = re.compile(
    r"0x[0-9a-f]+"  # keys and hashes are random
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ?|\d[\d.]*(?: ms| s|[smhd])\b(?: \d+[smhd]\b)?"  # moments and spans
    r"|(?<=chain )\d+|\bblock \d+|\b\d+ blocks?\b|seals: \d+|[\d,]+ bytes|[\d.]+(?= million gas)"  # a slow machine seals more
)
"""What differs between runs. Every other number is the same in each."""


def plain(line: str) -> str:
    """Write a line without what differs between runs."""
    return VARIES.sub("N", line)


def shown(line: str, found: str) -> bool:
    """Tell whether a line is as the README shows it; the README may leave out the end."""
    wanted = plain(line)
    return plain(found).startswith(wanted.removesuffix("...")) if wanted.endswith("...") else plain(found) == wanted


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
    mark = "----8<----"
    script = "".join(f"{code}\necho '{mark}'\n" for code, _ in steps())
    shell = subprocess.Popen(
        ["bash"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        told, _ = shell.communicate(script, timeout=400)
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, 9)  # with the gateway that it started
    return told.replace(f"127.0.0.1:{port}", "127.0.0.1:8547").split(f"{mark}\n")


@pytest.mark.parametrize("step", range(len(steps())))
def test_a_block_shows_what_the_readme_shows(pasted: list[str], step: int) -> None:
    code, text = steps()[step]
    assert "Traceback" not in pasted[step]
    found = iter(pasted[step].splitlines())
    for line in text.splitlines():
        if line != "...":
            assert any(shown(line, other) for other in found), f"{line!r} did not come of\n{code}\n{pasted[step]}"


def test_the_outputs_that_the_readme_shows_are_of_one_run() -> None:
    """One ledger, on which blocks follow each other: none is earlier than one shown before it."""
    text = "\n".join(text for _, text in steps())
    blocks = [
        int(number)
        for number in re.findall(r"(?:^|as of |answers: |(?:leads|\d) to )block (\d+)(?! is on)", text, re.MULTILINE)
    ]
    assert len(blocks) > 10
    assert blocks == sorted(blocks)
    moments = re.findall(r"block \d+ of (\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)", text)
    assert len(moments) > 4
    assert moments == sorted(moments)
    assert len(set(re.findall(r"^chain (\d+)", text, re.MULTILINE))) == 1
    head = re.search(r"head: block (\d+) ", text)
    exported = re.search(r"^(\d+) blocks, ", text, re.MULTILINE)
    assert head
    assert exported
    assert (int(head[1]), int(exported[1])) == (blocks[-1], blocks[-1] + 1)


def test_every_command_of_the_readme_is_in_a_block_that_is_pasted() -> None:
    """Except those of the scripts, which are run in the project's folder."""
    others = [code for kind, code in BLOCK.findall(README) if kind == "console"]
    lines = [line for code in others for line in code.splitlines()]
    assert lines
    assert all(line.startswith("$ scripts/") for line in lines)
    assert len(steps()) >= 9
    assert all("$ aeo-ledger" not in code for code, _ in steps())


def test_each_of_its_checks_can_fail() -> None:
    assert shown("block 5 of 2026-11-22 08:00:00Z, 5s old", "block 17 of 2027-01-02 09:30:00Z, 1m 3s old")
    assert not shown("block 5, sealed", "block 5")
    assert shown("RECOGNISED: ...", "RECOGNISED: fewer inspections")
    assert not shown("RECOGNISED: ...", "NOT RECOGNISED: suspended")
    assert not shown("0 unchanged", "0 unchanged, 1 different")
    assert not shown("2 grant, 1 suspend", "2 grant, 3 suspend")
