"""Output that is closed, full or odd: it is never taken for a no."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from support.processes import heeding_interrupts
from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop

START = [sys.executable, "-m", "aeo_ledger.cli.start"]
TRUST = Path(__file__).parents[1] / "cases/cli/trust-turkiye.json"
SHOW = ["trust", "show", "--trust", str(TRUST)]
LOST = "Unavailable: the answer could not be written"


def run(
    arguments: list[str], *redirections: str, command: list[str] = START, before: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a shell does; `CLOSED_PIPE` is a pipe without a reader."""
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    streams |= {"stdout": writing} if CLOSED_PIPE in redirections else {}
    streams |= {"stderr": writing} if f"2{CLOSED_PIPE}" in redirections else {}
    shown = " ".join(one for one in redirections if CLOSED_PIPE not in one)
    try:
        return subprocess.run(
            ["sh", "-c", f'{before} exec "$@" {shown}', "sh", *command, *arguments],
            check=False,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            **streams,  # type: ignore[call-overload]
        )
    finally:
        os.close(writing)


CLOSED_PIPE, FULL_DISK, CLOSED = ">|closed pipe", ">/dev/full", ">&-"
SPOILT = [CLOSED_PIPE, FULL_DISK, CLOSED]


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize(
    "arguments",
    [SHOW, [*SHOW, "--json"], ["trust", "show", "--trust", "/nowhere", "--json"], ["ask", "--json"]],
    ids=["lines", "json", "an error as json", "wrong usage as json"],
)
def test_an_answer_that_could_not_be_written_is_unavailable(spoilt: str, arguments: list[str]) -> None:
    ended = run(arguments, spoilt)
    assert (ended.returncode, ended.stderr.decode().startswith(LOST)) == (5, True), ended
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("spoilt", [CLOSED_PIPE, FULL_DISK])
@pytest.mark.parametrize("arguments", [["--help"], ["trust", "--help"], ["ask", "--help"]])
def test_help_that_could_not_be_written_is_no_answer(spoilt: str, arguments: list[str]) -> None:
    ended = run(arguments, spoilt)
    assert (ended.returncode, ended.stderr.decode().startswith(LOST)) == (5, True), ended
    assert "work is done" not in ended.stderr.decode()


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(SHOW, 0), (["trust", "show", "--trust", "/nowhere"], 2), (["ask"], 2), (["verify", "/nowhere", TYPE_3], 2)],
)
def test_if_nobody_can_read_messages_the_exit_code_still_says_it(spoilt: str, arguments: list[str], code: int) -> None:
    """Python would end with its own exit code, 120, where it keeps messages until the end."""
    for unbuffered in ("", "1"):
        assert run(arguments, f"2{spoilt}", PYTHONUNBUFFERED=unbuffered).returncode == code


def test_with_all_streams_closed_nothing_is_written_anywhere_else(tmp_path: Path) -> None:
    """A file that is opened while a stream is closed would get its number, and its output."""
    out, came = tmp_path / "mine.json", tmp_path / "came.json"
    came.write_text(json.dumps(json.loads(TRUST.read_text()) | {"period_s": 1 << 40}))

    told = json.loads(run(["trust", "show", "--trust", str(came), "--json"]).stdout)["fingerprint"]
    pin = ["trust", "pin", str(came), "--out", str(out), "--fingerprint", told]
    assert run(pin, "<&-", ">&-", "2>&-").returncode == 5  # done, and nobody was told
    assert json.loads(out.read_text()) == json.loads(came.read_text())


def test_a_no_that_could_not_be_written_is_unavailable(shop: Workshop, tmp_path: Path) -> None:
    evidence = tmp_path / "e.cbor"
    shop.run("ask", TYPE_1, *QUESTION, "--evidence", str(evidence))
    verify = ["verify", str(evidence), TYPE_1, *QUESTION, "--trust", str(shop.folder / "trust.json")]
    assert run(verify).returncode == 1
    for flag in ([], ["--json"]):
        for spoilt in SPOILT:
            assert run([*verify, *flag], spoilt).returncode == 5


# ---- JSON, in any locale ----


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "utf-8", "latin-1", "cp437", "shift_jis", "utf-16"])
def test_json_is_json_whatever_the_terminal_can_show(encoding: str) -> None:
    ended = run([*SHOW, "--json"], PYTHONIOENCODING=encoding)
    assert ended.returncode == 0
    assert json.loads(ended.stdout.decode(encoding))["parties"]["TR"] == "T\u00fcrkiye"


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "no_such.locale"])
def test_json_is_json_in_any_locale(locale: str) -> None:
    ended = run([*SHOW, "--json"], LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert json.loads(ended.stdout.decode("utf-8", "strict"))["parties"]["TR"] == "T\u00fcrkiye"


def test_a_terminal_without_the_letter_shows_it_escaped_and_ends_well() -> None:
    ended = run(SHOW, PYTHONIOENCODING="ascii")
    assert (ended.returncode, b'"T\\xfcrkiye"' in ended.stdout) == (0, True)


# ---- before anything was read ----


BARE = [sys.executable, "-c", "from aeo_ledger.cli.start import main; main()"]


@pytest.mark.parametrize("mebibytes", [*range(18, 40, 2)])
def test_too_little_memory_at_the_start_is_unavailable_and_no_traceback(mebibytes: int) -> None:
    ended = run(SHOW, command=BARE, before=f"ulimit -v {mebibytes << 10};")
    assert ended.returncode in {0, 5}, ended
    assert b"Traceback" not in ended.stderr
    assert ended.returncode == 0 or ended.stderr.startswith(b"Unavailable: too little memory")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (
            "SyntaxError('expected a colon')",
            5,
            b"Unavailable: too little memory is free to start, or a file is damaged: ",
        ),
        ("SystemError('odd')", 5, b"Unavailable: too little memory is free to start: odd"),
        ("ImportError('failed to map segment')", 5, b"Unavailable: too little memory is free to start: failed to map"),
        ("ImportError('no such part')", 70, b"a fault of this installation: ImportError: no such part"),
        ("AttributeError('half a module')", 70, b"a fault of this installation: AttributeError: half a module"),
        ("MemoryError()", 5, b"Unavailable: too little memory is free to start\n"),
    ],
)
def test_whatever_loading_raises_is_no_answer_and_no_traceback(raised: str, code: int, said: bytes) -> None:
    """Without memory the compiler may say that a whole file is no Python: 1, with a traceback, if nobody catches it."""
    program = (
        "import sys; from aeo_ledger.cli import start\n"
        "class Broken:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == 'aeo_ledger.cli.main': raise {raised}\n"
        "sys.meta_path.insert(0, Broken())\n"
        "start.main()"
    )
    ended = run(SHOW, command=[sys.executable, "-c", program])
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert ended.stderr.startswith(said)
    assert b"Traceback" not in ended.stderr


def test_some_of_these_limits_are_too_little() -> None:
    assert run(SHOW, command=BARE, before=f"ulimit -v {24 << 10};").returncode == 5


@pytest.mark.parametrize("delay_s", [place / 40 for place in range(14)])
def test_ctrl_c_at_the_start_ends_it_without_a_word(delay_s: float) -> None:
    """The mark is written when loading begins, which then takes a third of a second."""
    code = (
        "import os, sys; from aeo_ledger.cli import start\n"
        "sys.addaudithook(lambda event, at: event == 'import' and at[0] == 'aeo_ledger.cli.main' and os.write(2, b'.'))\n"
        "start.main()"
    )
    with (
        heeding_interrupts(),
        subprocess.Popen(
            [sys.executable, "-c", code, *SHOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running,
    ):
        assert running.stderr is not None
        assert running.stderr.read(1) == b"."
        time.sleep(delay_s)
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode in {0, 130, -signal.SIGINT}
    assert b"Traceback" not in said


@pytest.mark.parametrize("delay_ms", [3, 5, 8, 12, 16])
def test_ctrl_c_before_the_first_line_of_this_program_ends_as_python_ends(delay_ms: int) -> None:
    """As the README states: this program cannot prevent it, but standard output is then empty."""
    with (
        heeding_interrupts(),
        subprocess.Popen([*START, *SHOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running,
    ):
        time.sleep(delay_ms / 1_000)
        running.send_signal(signal.SIGINT)
        out, said = running.communicate()
    if out:  # the signal came late, on a busy machine
        assert (running.returncode in {0, 130, -signal.SIGINT}, b"Traceback" in said) == (True, False)
        return
    assert running.returncode in {1, 130, -signal.SIGINT}
    if running.returncode == 1 or b"Traceback" in said:  # Python's own loading was still at work, and says so itself
        assert b"KeyboardInterrupt" in said or b"Fatal Python error" in said


def test_an_encoding_that_python_does_not_know_ends_as_python_ends() -> None:
    ended = run(SHOW, PYTHONIOENCODING="nonsense")
    assert (ended.returncode, ended.stdout, b"unknown encoding: nonsense" in ended.stderr) == (1, b"", True)


def test_ctrl_c_that_a_shell_told_it_to_ignore_is_ignored() -> None:
    """As for a command that a script started in the background."""
    code = "import os, signal; from aeo_ledger.cli import start; os.kill(os.getpid(), signal.SIGINT); start.main()"
    assert run(SHOW, command=[sys.executable, "-c", code], before="trap '' INT;").returncode == 0


def test_a_missing_part_is_named_and_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise ImportError('typer is not there')\n")
    ended = run(
        SHOW, command=[sys.executable, "-c", "from aeo_ledger.cli.start import main; main()"], PYTHONPATH=str(tmp_path)
    )
    assert (ended.returncode, ended.stderr) == (70, b"a fault of this installation: ImportError: typer is not there\n")


# ---- words of a command ----


@pytest.mark.parametrize(
    "words",
    [
        ["trust", "show", "--trust", "a", "--trust", "b"],
        ["trust", "show", "--trust", "a", "--trust=a"],
        ["trust", "show", "--trust", "a", "--json", "--json"],
        ["ask", TYPE_3, *QUESTION, "--on", "2020-01-01", "--on", "2021-01-01"],
        ["ask", TYPE_3, *QUESTION, "--recogniser", "BY"],
        ["suspend", TYPE_3, "--type", "3", "--party", "BY", "--type", "1", "--key", "k"],
    ],
)
def test_an_option_that_is_given_twice_is_refused(words: list[str]) -> None:
    """Otherwise the last one would count, but somebody may have meant the first."""
    ended = CliRunner().invoke(app, [*words, *([] if "--json" in words else ["--json"])])
    refused = json.loads(ended.stdout)
    assert (ended.exit_code, refused["error"]) == (2, "WrongUsage")
    assert "is given 2 times" in refused["detail"]


@pytest.mark.parametrize(
    "words",
    [
        ["ask", TYPE_3, *QUESTION, "--max-age", ""],
        ["ask", TYPE_3, *QUESTION, "--gateway", "http://127.0.0.1:1", "--gateway="],
        ["verify", "e", TYPE_3, *QUESTION, "--on", ""],
        ["trust", "pin", "a", "--out", "b", "--fingerprint", ""],
        ["suspend", TYPE_3, "--type", "3", "--party", "BY", "--key", "", "--since", "2026-01-01"],
    ],
)
def test_an_empty_option_is_not_a_missing_option(words: list[str]) -> None:
    """An unset variable of a script: a default would answer another question."""
    ended = CliRunner().invoke(app, [*words, "--json"])
    refused = json.loads(ended.stdout)
    assert (ended.exit_code, refused["error"], "is empty" in refused["detail"]) == (2, "WrongUsage", True)


def test_an_option_for_several_values_may_be_given_several_times(shop: Workshop, tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_bytes((TRUST.parents[1] / "docs/DRAFT.TOML").read_bytes())
    keys = ["--key", shop.key("CN", "authority"), "--key", shop.key("CN", "authority")]
    assert shop.json("arrangement", "conclude", str(draft), "--yes", *keys, code=3)["error"] == "RepeatedSigner"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask"], "Missing option '--trust' (env var: 'AEO_LEDGER_TRUST'). (see `aeo-ledger ask --help`)"),
        (["ask", "--trust", "x"], "Missing option '--role'. (see `aeo-ledger ask --help`)"),
        (["frobnicate"], "No such command 'frobnicate'. (see `aeo-ledger --help`)"),
        (
            ["trust", "show", "--surplus"],
            "No such option: --surplus (Possible options: --trust) (see `aeo-ledger trust show --help`)",
        ),
        (
            ["gateway", "--port", "0"],
            "Invalid value for '--port' (env var: 'AEO_LEDGER_PORT'): 0 is not in the range 1<=x<=65535. (see `aeo-ledger gateway --help`)",
        ),
    ],
)
def test_a_command_that_cannot_be_read_is_malformed_and_says_where_help_is(words: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, words)
    assert (ended.exit_code, ended.stderr) == (2, f"Malformed: {told}\n")
    as_json = CliRunner().invoke(app, [*words, "--json"])
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout)["family"] == "malformed"


# ---- a dash for a file ----


def test_evidence_goes_to_standard_output_and_words_beside_it(shop: Workshop) -> None:
    asked = shop.run("ask", TYPE_3, *QUESTION, "--evidence", "-")
    assert asked.exit_code == 0
    assert json.loads(asked.stdout)["format"] == "aeo-ledger/recognition-evidence/1"
    assert asked.stderr.startswith("RECOGNISED: ")
    assert not Path("-").exists()
    trust = str(shop.folder / "trust.json")
    verified = subprocess.run(
        [*START, "verify", "-", TYPE_3, *QUESTION, "--trust", trust, "--json"],
        input=asked.stdout_bytes,
        capture_output=True,
        check=False,
    )
    document = json.loads(verified.stdout)
    assert (verified.returncode, document.get("recognised")) == (0, True), document


@pytest.mark.parametrize(
    ("arguments", "begin"),
    [
        (["history", TYPE_3, "--evidence", "-"], b"{"),
        (["snapshot", "take", "--out", "-"], b"\xa6"),
        (["trust", "update", "--keep", "-"], b"{"),
    ],
)
def test_every_file_that_an_answer_is_kept_in_may_be_standard_output(
    shop: Workshop, tmp_path: Path, arguments: list[str], begin: bytes
) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes((shop.folder / "trust.json").read_bytes())
    kept = shop.run(*arguments, AEO_LEDGER_TRUST=str(trust))
    assert (kept.exit_code, kept.stdout_bytes[:1]) == (0, begin), kept.stderr
    assert len(kept.stderr.splitlines()) > 1
    both = shop.run(*arguments, "--json", AEO_LEDGER_TRUST=str(trust))
    assert (both.exit_code, json.loads(both.stdout)["error"]) == (2, "MalformedText")


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_a_path_that_names_no_file_is_malformed(shop: Workshop, path: str) -> None:
    for command in (
        ["ask", TYPE_3, *QUESTION, "--evidence", path],
        ["history", TYPE_3, "--evidence", path],
        ["snapshot", "take", "--out", path],
        ["trust", "update", "--keep", path],
        ["key", "new", path],
        ["key", "export", shop.key("BY"), "--out", path],
    ):
        refused = shop.json(*command, code=2)
        if path == "" and command[:2] != ["key", "new"]:
            assert (refused["error"], "is empty" in refused["detail"]) == ("WrongUsage", True), command
        else:
            told = refused["error"], refused["detail"].endswith("it does not name a file")
            assert told == ("UnreadableFile", True), command


def test_evidence_and_json_do_not_fit_on_one_output(shop: Workshop) -> None:
    refused = shop.json("ask", TYPE_3, *QUESTION, "--evidence", "-", code=2)
    assert "2 things for standard output" in refused["detail"]


def test_evidence_that_could_not_be_written_there_is_unavailable(shop: Workshop) -> None:
    environment: dict[str, Any] = {"AEO_LEDGER_TRUST": str(shop.folder / "trust.json"), "AEO_LEDGER_GATEWAY": shop.url}
    for spoilt in SPOILT:
        ended = run(["ask", TYPE_1, *QUESTION, "--evidence", "-"], spoilt, **environment)
        assert (ended.returncode, ended.stderr.decode().startswith(LOST)) == (5, True), ended
