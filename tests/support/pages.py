"""Pages whose blocks are pasted unchanged and in order into an empty folder, and show what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MARK: Final = "----8<----"

Step: TypeAlias = tuple[str, str]
"""A block to paste, and the output that the page shows after it."""


def steps_of(page: str) -> list[Step]:
    blocks = BLOCK.findall(page)
    return [
        (code, following[1] if following[0] == "text" else "")
        for (kind, code), following in zip(blocks, [*blocks[1:], ("", "")], strict=True)
        if kind == "sh"
    ]


def paste(steps: Sequence[Step], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Paste all blocks into one shell; return the output of each."""
    script = "".join(f"{code}\necho '{_MARK}'\n" for code, _ in steps)
    told = folder.parent / f"{folder.name}.told"
    with told.open("w") as out:
        shell = subprocess.Popen(
            ["bash"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )
        try:
            shell.communicate(script, timeout=900)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, 9)  # with the gateway that it started
    return told.read_text().split(f"{_MARK}\n")


VARIES: Final = re.compile(
    r"0x[0-9a-f]+"  # keys and hashes are random
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ?|\d[\d.]*(?: ms| s|[smhd])\b(?: \d+[smhd]\b)?"  # moments and spans
    r"|(?<=chain )\d+|\bblock \d+|\b\d+ blocks?\b|seals: \d+|[\d,]+ bytes|[\d.]+(?= million gas)"  # a slow machine seals more
)
"""What differs between runs. Every other number is the same in each."""


def plain(line: str) -> str:
    """Write a line without what differs between runs."""
    return VARIES.sub("N", line)


def shown(line: str, found: str) -> bool:
    """Tell whether a line is as the page shows it; the page may leave out the end."""
    wanted = plain(line)
    return plain(found).startswith(wanted.removesuffix("...")) if wanted.endswith("...") else plain(found) == wanted


def demand_shown(step: Step, output: str) -> None:
    """Demand that the lines which the page shows came, in their order."""
    code, text = step
    assert "Traceback" not in output
    found = iter(output.splitlines())
    for line in text.splitlines():
        if line != "...":
            assert any(shown(line, other) for other in found), f"{line!r} did not come of\n{code}\n{output}"
