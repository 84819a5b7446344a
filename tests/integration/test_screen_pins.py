"""`trust pin` for a person at a terminal, and for a program without one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.trust import spell
from aeo_ledger.verify.trust import fingerprint
from support.processes import heeding_interrupts, pressing
from support.waiting import WITHIN_S
from support.workshop import COMMAND, Workshop


@pytest.fixture
def bundle(shop: Workshop) -> Path:
    return shop.folder / "trust.json"


def told(bundle: Path) -> str:
    return spell(fingerprint(read_trust(bundle)))


def pin(bundle: Path, out: Path, *more: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["trust", "pin", str(bundle), "--out", str(out), *more], input=typed)


@pytest.mark.parametrize(
    "spelled", [str, str.upper, lambda text: "0x" + text.replace(" ", ""), lambda text: f"  {text}  "]
)
def test_the_fingerprint_is_asked_for_and_taken_however_it_is_spelled(
    bundle: Path, tmp_path: Path, spelled: object
) -> None:
    out = tmp_path / "mine.json"
    result = pin(bundle, out, typed=spelled(told(bundle)) + "\n")  # type: ignore[operator]
    assert (result.exit_code, result.stderr) == (0, "fingerprint of the bundle, as you were told it by voice: ")
    assert read_trust(out) == read_trust(bundle)


@pytest.mark.parametrize(
    ("typed", "code", "error"),
    [
        ("", 3, "FingerprintMissing"),
        ("\n", 3, "FingerprintMissing"),
        ("00" * 32 + "\n", 3, "OtherFingerprint"),
        ("yes\n", 2, "MalformedText"),
        ("00" * 31 + "\n", 2, "MalformedText"),
        ("\U0001f600\n", 2, "MalformedText"),
    ],
)
def test_nothing_is_pinned_by_a_wrong_or_missing_fingerprint(
    bundle: Path, tmp_path: Path, typed: str, code: int, error: str
) -> None:
    out = tmp_path / "mine.json"
    result = pin(bundle, out, "--json", typed=typed)
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (code, error)
    assert not out.exists()


def test_the_bundle_s_own_fingerprint_is_not_shown_before_one_is_typed(bundle: Path, tmp_path: Path) -> None:
    """Otherwise people would type what they see, and a forged bundle would tell them what to type."""
    result = pin(bundle, tmp_path / "mine.json", typed="00" * 32 + "\n")
    assert result.output.startswith("fingerprint of the bundle, as you were told it by voice: ")


def test_a_pin_is_replaced_only_on_request(bundle: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "mine.json", tmp_path / "other.json"
    assert pin(bundle, out, "--fingerprint", told(bundle)).exit_code == 0
    document = json.loads(bundle.read_text())
    document["checkpoint"] |= {"number": 1 << 40, "hash": "0x" + "11" * 32}
    document["validators"] = ["0x" + "22" * 20]
    other.write_text(json.dumps(document))
    refused = pin(other, out, "--fingerprint", told(other), "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (3, "PinKept")
    assert read_trust(out) == read_trust(bundle)
    assert pin(bundle, out, "--fingerprint", told(bundle)).exit_code == 0  # this very bundle
    assert pin(other, out, "--fingerprint", told(other), "--replace").exit_code == 0
    assert read_trust(out) == read_trust(other)


def test_it_asks_at_a_terminal_and_heeds_ctrl_c(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json"
    for typed, code in ((f"{told(bundle)}\n".encode(), 0), (b"\x03", 130)):
        out.unlink(missing_ok=True)
        ours, theirs = pty.openpty()
        command = [*COMMAND, "trust", "pin", str(bundle), "--out", str(out)]
        with (
            heeding_interrupts(),
            subprocess.Popen(
                [sys.executable, "-c", _TERMINAL, *command],
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as running,
        ):
            assert running.stderr is not None
            asked = running.stderr.read(len("fingerprint of the bundle"))
            with pressing(partial(os.write, ours, typed), running):
                said = asked + running.stderr.read()
                running.wait(timeout=WITHIN_S)
        os.close(ours)
        os.close(theirs)
        assert (running.returncode, out.exists()) == (code, code == 0), said
        assert b"Traceback" not in said


_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Make standard input the terminal of this process, as a login does, so that Ctrl-C typed there is a signal."""
