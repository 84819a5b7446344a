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


def plain(line: str) -> str:
    """Write a line without digits and spans of time, which differ between runs."""
    line = re.sub(r"0x[0-9a-f]+", "HEX", line)
    return re.sub(r"N(?: N)+", "N", re.sub(r"\d[\d,.]*(?:(?: ms|[smhd])\b)?", "N", line))


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


def test_every_command_of_the_readme_is_in_a_block_that_is_pasted() -> None:
    """Except those of the scripts, which are run in the project's folder."""
    others = [code for kind, code in BLOCK.findall(README) if kind == "console"]
    lines = [line for code in others for line in code.splitlines()]
    assert lines
    assert all(line.startswith("$ scripts/") for line in lines)
    assert len(steps()) >= 9
    assert all("$ aeo-ledger" not in code for code, _ in steps())


def test_each_of_its_checks_can_fail() -> None:
    assert shown("block 5 of 2026-11-22, 5s old", "block 17 of 2027-01-02, 1m 3s old")
    assert not shown("block 5, sealed", "block 5")
    assert shown("RECOGNISED: ...", "RECOGNISED: fewer inspections")
    assert not shown("RECOGNISED: ...", "NOT RECOGNISED: suspended")
    assert not shown("0 unchanged", "0 unchanged, 1 different")
