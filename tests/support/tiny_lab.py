"""A scenario of the lab so small that it runs in seconds."""

from __future__ import annotations

from pathlib import Path

TINY = """
name = "tiny"
title = "Tiny <b>&</b>"
question = "Does it run?"
seed = 7
begins = 2025-01-01
days = 100
parties = ["BY", "CN"]
witnesses = ["KZ"]

[registers]
BY = 30
CN = 20

[[shock]]
day = 40
register = "BY"
share = 0.2
event = "suspend"
within_s = 3600

[[shock]]
day = 50
register = "CN"
share = 0.1
event = "register_again"
within_s = 600

[parameters]
reassess_rate = 0.05
suspend_rate = 0.3
questions = 500
most_replications = 5
"""


def list_files(folder: Path) -> dict[str, bytes]:
    """Read every file of a run that must be the same again: all but times of a machine."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        name: path.read_bytes()
        for path in files
        if not (name := path.relative_to(folder).as_posix()).startswith("wall-clock/")
    }
