"""Whatever stops a command has its exit code, and 1 is not among them."""

from __future__ import annotations

import errno
import json
import logging
import sys
from collections.abc import Callable

import pytest
import typer
import uvicorn
from starlette.applications import Starlette

from aeo_ledger.cli import output
from aeo_ledger.cli.bars import bars
from aeo_ledger.cli.listen import listen, serve_until_stopped
from aeo_ledger.cli.output import FAULT, INTERRUPTED, LineLog, ask_for, guard, put, refuse_two_outputs, reporting
from aeo_ledger.cli.screen import escape
from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.office import NoSuchParty
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import Stale

TWO_LINES = "\x1b[2J\nRECOGNISED: fewer document checks"
"""Clears the screen and writes an answer."""

LACKING = "Unavailable: too little memory is free for this"


def caused(error: Exception) -> Exception:
    """Say something as raised because there was no memory."""
    error.__cause__ = OSError(errno.ENOMEM, "Cannot allocate memory")
    return error


STOPPED: dict[str, tuple[BaseException, int, str]] = {
    "malformed": (MalformedText("role", "'x'", "y"), 2, "Malformed: role: found 'x', needed y"),
    "refused": (NoSuchParty(code="XX", known=("BY",)), 3, "Refused: no party 'XX' on this ledger, but BY"),
    "unproven": (Stale(age_s=2, max_age_s=1), 4, "Unproven: the evidence is 2 s old, at most 1 s is accepted"),
    "unavailable": (Unavailable("gone"), 5, "Unavailable: gone"),
    "a file": (FileNotFoundError(errno.ENOENT, "No such file", "a b"), 5, 'Unavailable: "a b": No such file'),
    "a connection": (ConnectionResetError(errno.ECONNRESET, "reset"), 5, "Unavailable: system: reset"),
    "memory": (MemoryError(), 5, "Unavailable: too little memory is free for this"),
    "memory, as the system says it": (OSError(errno.ENOMEM, "Cannot allocate memory"), 5, LACKING),
    "memory, as the loader says it": (ImportError("libssl.so.3: failed to map segment from shared object"), 5, LACKING),
    "memory, and what came of it": (caused(MalformedText("environment", "SSL_CERT_FILE", "y")), 5, LACKING),
    "a missing part": (ImportError("no such part"), FAULT, "a fault of this program, please report it: ImportError"),
    "ctrl-c": (KeyboardInterrupt(), INTERRUPTED, "interrupted"),
    "a bug": (ZeroDivisionError("x\ny"), FAULT, "a fault of this program, please report it: ZeroDivisionError: x\\ny"),
    "a deep bug": (RecursionError("deep"), FAULT, "a fault of this program, please report it: RecursionError: deep"),
}


def stopping(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(("error", "code", "told"), STOPPED.values(), ids=STOPPED.keys())
def test_what_stops_a_command_has_an_exit_code_and_one_line(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard(stopping(error), as_json=False) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(told)
    assert len(shown.err.splitlines()) == 1


@pytest.mark.parametrize(("error", "code", "told"), STOPPED.values(), ids=STOPPED.keys())
def test_a_machine_reads_it_as_json(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard(stopping(error), as_json=True) == code
    shown = capsys.readouterr()
    if isinstance(error, KeyboardInterrupt):
        assert shown.out == ""
        return
    family = {2: "malformed", 3: "refused", 4: "unproven", 5: "unavailable", 70: None}[code]
    document = json.loads(shown.out)
    assert document["family"] == family
    assert escape(document["detail"]).startswith(told.partition(": ")[2])


@pytest.mark.parametrize("returned", [None, 0, 1, 4])
def test_a_command_s_own_exit_code_is_kept(returned: int | None) -> None:
    assert guard(lambda: returned, as_json=False) == (returned or 0)
    with pytest.raises(typer.Exit) as ended:
        reporting(lambda: returned)()
    assert ended.value.exit_code == (returned or 0)


def test_an_error_that_says_who_said_it_is_shown_so(capsys: pytest.CaptureFixture[str]) -> None:
    error = Refused("no")
    error.said_by = "the gateway at http://x"
    assert guard(stopping(error), as_json=False) == 3
    assert capsys.readouterr().err == 'Refused: the gateway at http://x says "no"\n'
    guard(stopping(error), as_json=True)
    assert json.loads(capsys.readouterr().out)["said_by"] == "the gateway at http://x"
    assert AeoLedgerError.said_by == Malformed.said_by == ""


def test_without_streams_nothing_is_written_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr", "stdin"):
        monkeypatch.setattr(sys, name, None)
    assert guard(stopping(Refused("no")), as_json=False) == 3
    assert guard(stopping(Refused("no")), as_json=True) == 5
    assert ask_for("who? ") is None
    output.flush()
    output.note("lost")


def test_a_bar_falls_silent_where_it_cannot_be_shown() -> None:
    """As it comes, the library ends the process with 1."""
    bars.on_broken_pipe()
    assert bars.quiet
    bars.quiet = False


def test_two_things_do_not_fit_on_standard_output() -> None:
    refuse_two_outputs(None, output.STANDARD_OUTPUT, as_json=False)
    refuse_two_outputs(None, as_json=True)
    for paths, as_json in (
        ((output.STANDARD_OUTPUT,), True),
        ((output.STANDARD_OUTPUT, output.STANDARD_OUTPUT), False),
    ):
        with pytest.raises(MalformedText):
            refuse_two_outputs(*paths, as_json=as_json)
    with pytest.raises(UnreadableFile):
        put(output.STANDARD_OUTPUT.parent, b"")


# ---- logs ----


def test_a_log_record_is_one_line_and_a_traceback_stands_under_it(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError(TWO_LINES)

    with pytest.raises(ValueError, match="RECOGNISED") as raised:
        fail()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed: %s", (TWO_LINES,), raised._excinfo)
    LineLog().emit(record)
    first, *rest = capsys.readouterr().err.splitlines()
    assert " ERROR x: failed: \\x1b[2J" in first
    assert all(line.startswith("    | ") and line.isprintable() for line in rest)
    assert any("RECOGNISED: fewer document checks" in line for line in rest)


def test_a_server_logs_through_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library writes of somebody's words while a server runs comes out as one line."""
    seen: list[bool] = []

    def run(server: uvicorn.Server, sockets: object = None) -> None:
        logging.getLogger("aeo_ledger.chain.ledger").warning("no block was sealed: %s", TWO_LINES)
        seen.append(server.config.access_log)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    handlers = logging.root.handlers[:]
    with listen(0) as listener:
        serve_until_stopped(Starlette(), listener)
    logging.root.handlers[:] = handlers
    assert seen == [False]
    (line,) = capsys.readouterr().err.splitlines()
    assert "WARNING aeo_ledger.chain.ledger: no block was sealed: \\x1b[2J" in line


def test_advice_is_one_more_line_at_a_terminal_and_a_member_for_machines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = Stale(age_s=2, max_age_s=1)
    guard(stopping(error), as_json=False)
    assert len(capsys.readouterr().err.splitlines()) == 1
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    guard(stopping(error), as_json=False)
    assert capsys.readouterr().err.splitlines()[1].strip() == Stale.advises
    guard(stopping(Unavailable("gone")), as_json=False)
    assert len(capsys.readouterr().err.splitlines()) == 1
    for stopped, advice in ((error, Stale.advises), (Unavailable("gone"), None)):
        guard(stopping(stopped), as_json=True)
        assert json.loads(capsys.readouterr().out)["advice"] == advice
