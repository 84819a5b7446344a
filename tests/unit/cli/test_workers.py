"""Several processes that do one work: they end together, say why, and leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.waiting import WITHIN_S, await_that

_SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from aeo_ledger.cli.workers import work_in_processes

folder = Path(sys.argv[1])

def work():
    (folder / str(os.getpid())).touch()
    {ends}
    while True:
        time.sleep(60)

def last():
    (folder / "last").touch()

signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.exit(work_in_processes(2, work, note=lambda line: print(line, flush=True), last=last))
"""


def start(folder: Path, ends: str) -> subprocess.Popen[str]:
    script = _SCRIPT.replace("{ends}", ends)
    return subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)


def await_files(folder: Path, count: int) -> None:
    await_that(lambda: len(list(folder.iterdir())) >= count)


@pytest.mark.parametrize(
    ("ends", "said", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal 9: the others are stopped", 137),
        ("os._exit(5)", "ended with exit code 5: the others are stopped", 5),
    ],
)
def test_when_one_ends_all_end_and_it_is_said(tmp_path: Path, ends: str, said: str, code: int) -> None:
    with start(tmp_path, ends) as process:
        told, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == code
    assert said in told
    assert told.endswith("stopped\n")
    assert not (tmp_path / "last").exists(), "whoever started them cleans up"


def test_they_outlive_a_killed_parent_only_to_clean_up(tmp_path: Path) -> None:
    with start(tmp_path, "pass") as process:
        await_files(tmp_path, 2)
        process.kill()
        await_files(tmp_path, 3)
        process.communicate(timeout=WITHIN_S)  # both have closed standard output
    assert (tmp_path / "last").exists()
