"""The output of all commands, for people and for machines, and the exit codes.

Exit code 1 means a proven no and nothing else. An answer that could not be written is no answer, so a full disk or a closed pipe is
`Unavailable`; so are too little memory and every failure of the system. 70 is only for bugs.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TextIO

import typer

from aeo_ledger.cli.screen import escape, named, said, words_of, write_json
from aeo_ledger.cli.written import refuse_losses
from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven, name_of
from aeo_ledger.errors.cli import AnswerLost, OutOfMemory
from aeo_ledger.errors.files import FileUnavailable, UnreadableFile
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import write_file

P = ParamSpec("P")

YES: Final = 0
"""Exit code: yes, or done."""
NOT_RECOGNISED: Final = 1
EXIT_CODES: Final[dict[type[AeoLedgerError], int]] = {Malformed: 2, Refused: 3, Unproven: 4, Unavailable: 5}
"""Exit code of each family of errors."""

DUE: Final = 10
"""Exit code of a worklist on which something is due: for a scheduler."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells report it."""
FAULT: Final = 70
"""Exit code of a bug; a caller may not rely on it."""

STANDARD_OUTPUT: Final = Path("-")
"""Name of standard output, or of standard input, in place of a file's name."""

_NO_ROOM_TO_LOAD: Final = ("failed to map segment", "annot allocate memory")
"""Messages of the system's loader when a library finds no memory."""

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def show(
    document: dict[str, Any], *, as_json: bool, lines: list[str], proven: bool = False, beside: Path | None = None
) -> None:
    """Write one result: the document for machines, or lines for people.

    Args:
        document: The answer for machines.
        as_json: Whether to write it for machines.
        lines: The answer for people.
        proven: Whether the first line is a proven verdict. A terminal shows it in bold; no text from outside can be bold.
        beside: A file that the same command wrote. If it is standard output, the lines go to standard error.

    Raises:
        AnswerLost: It could not be written.
    """
    if as_json:
        _write(write_json(document, _encoding(sys.stdout)) + "\n")
        return
    shown = [escape(line) for line in lines]
    if beside == STANDARD_OUTPUT:
        for line in shown:
            note(line)
        return
    if proven and shown and _has_styles():
        shown[0] = f"{_BOLD}{shown[0]}{_PLAIN}"
    _write("".join(f"{line}\n" for line in shown))


def _has_styles() -> bool:
    """Say whether standard output is a terminal that shows bold letters, and the user allows them."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") != "dumb"


def put(path: Path, data: bytes) -> None:
    """Write an output file of a command; `-` is standard output.

    Raises:
        UnreadableFile: The file cannot be written.
        AnswerLost: Standard output cannot be written.
    """
    if path != STANDARD_OUTPUT:
        write_file(require_name(path), data)
        return
    with _answering() as out:
        out.buffer.write(data)
        out.flush()


def require_name(path: Path) -> Path:
    """Check that a path names a file: it is not empty, not a folder, and not `-`.

    Raises:
        UnreadableFile: It does not name a file.
    """
    if not path.name:
        raise UnreadableFile(path=str(path), detail="it does not name a file")
    if path == STANDARD_OUTPUT:
        raise UnreadableFile(path=str(path), detail="it is standard output, needed the name of a file")
    return path


def source(path: Path) -> Path:
    """Return the path to read; `-` is standard input."""
    return Path("/dev/stdin") if path == STANDARD_OUTPUT else path


def refuse_two_outputs(*paths: Path | None, as_json: bool) -> None:
    """Refuse a command that would write two things to standard output.

    Raises:
        MalformedText: It would.
    """
    asked = [path for path in paths if path == STANDARD_OUTPUT] + [STANDARD_OUTPUT] * as_json
    if len(asked) > 1:
        raise MalformedText(
            "output", f"{len(asked)} things for standard output", "one: name a file, or leave out --json"
        )


def note(line: str) -> None:
    """Write a line for people to standard error; if that is not possible, the line is dropped."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(escape(line) + "\n")
            sys.stderr.flush()


def hear(program: str, line: str) -> None:
    """Show what the command of an outside signer says, as words from outside: a device may ask for its button."""
    note(f"{named(program)} says {said(line)}")


def ask_for(prompt: str) -> str | None:
    """Ask for a line at the terminal, or read it from standard input; None if there is no line."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(escape(prompt))
            sys.stderr.flush()
    with suppress(OSError, ValueError):
        if sys.stdin is not None:
            return sys.stdin.readline().strip() or None
    return None


def reporting(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn a command's result into its exit code, and any error into a message and an exit code: never a traceback, never a 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        def run_safely() -> int | None:
            refuse_losses(command, kwargs)
            return command(*args, **kwargs)

        raise typer.Exit(guard(run_safely, as_json=bool(kwargs.get("as_json"))))

    return run


def guard(command: Callable[[], int | None], *, as_json: bool) -> int:
    """Run a command and return its exit code; report any error."""
    try:
        try:
            return command() or YES
        except (typer.Exit, AnswerLost):
            raise
        except KeyboardInterrupt:
            note("interrupted")
            return INTERRUPTED
        except Exception as error:  # noqa: BLE001 (exit code 1 would be an answer, and a traceback does not help an officer)
            known = _name(error)
            return fault(error, as_json=as_json) if known is None else fail(known, as_json=as_json)
    except AnswerLost as error:
        note(f"Unavailable: {words_of(error)}")
        return EXIT_CODES[Unavailable]


def _name(error: Exception) -> AeoLedgerError | None:
    """Return the error that stopped a command as one of this project; None if it is a bug."""
    if _lacks_memory(error):
        return OutOfMemory()
    if isinstance(error, OSError):
        path = "system" if error.filename is None else os.fsdecode(str(error.filename))
        return FileUnavailable(path=path, detail=error.strerror or str(error))
    return error if isinstance(error, AeoLedgerError) else None


def _lacks_memory(error: BaseException | None) -> bool:
    """Say whether too little memory caused an error: the system and libraries report it in several ways, also as a cause."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        if isinstance(error, ImportError) and any(words in str(error) for words in _NO_ROOM_TO_LOAD):
            return True
        error = error.__cause__
    return False


def fault(error: Exception, *, as_json: bool) -> int:
    """Report a bug and return its exit code.

    Raises:
        AnswerLost: The document for machines could not be written.
    """
    told = f"{type(error).__name__}: {error}"
    note(f"a fault of this program, please report it: {told}")
    if as_json:
        _write(write_json({"error": "Fault", "family": None, "detail": told}, _encoding(sys.stdout)) + "\n")
    return FAULT


def fail(error: AeoLedgerError, *, as_json: bool) -> int:
    """Report an error and return its exit code; words from outside are shown as a quotation.

    Raises:
        AnswerLost: The document for machines could not be written.
    """
    family, code = next((family, code) for family, code in EXIT_CODES.items() if isinstance(error, family))
    detail = words_of(error)
    if as_json:
        found = {
            "error": name_of(error),
            "family": family.__name__.lower(),
            "detail": detail,
            "advice": error.advises or None,
            "said_by": error.said_by or None,
        }
        problems = error.facts().get("problems")  # of rows: people get a list that may be cut
        _write(write_json(found if problems is None else found | {"problems": problems}, _encoding(sys.stdout)) + "\n")
    else:
        note(f"{family.__name__}: " + (f"{error.said_by} says {said(str(error))}" if error.said_by else detail))
        if error.advises and sys.stderr is not None and sys.stderr.isatty():
            note(f"  {error.advises}")
    return code


def flush() -> None:
    """Write the buffer of standard output.

    Raises:
        AnswerLost: It could not be written.
    """
    if sys.stdout is not None:
        with _answering() as out:
            out.flush()


def now() -> int:
    """Read the clock: UTC seconds."""
    return int(time.time())


class LineLog(logging.Handler):
    """Writes log records like `note`: a message is one line, even if a library quotes text from outside."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, and its traceback indented below it."""
        at = datetime.fromtimestamp(record.created, UTC)
        note(f"{at:%Y-%m-%d %H:%M:%SZ} {record.levelname} {record.name}: {record.getMessage()}")
        if record.exc_info:
            for line in traceback.format_exception(*record.exc_info):
                for part in line.rstrip("\n").split("\n"):
                    note(f"    | {part}")


def keep_log() -> None:
    """Send the log records of libraries, warnings and above, through `LineLog`."""
    logging.basicConfig(level=logging.WARNING, handlers=[LineLog()], force=True)


@contextmanager
def _answering() -> Iterator[TextIO]:
    """Yield standard output; turn a failed write into `AnswerLost`, and write nothing more."""
    if sys.stdout is None:
        raise AnswerLost(detail="standard output is closed")
    try:
        yield sys.stdout
    except (OSError, ValueError) as error:
        silence()
        raise AnswerLost(detail=getattr(error, "strerror", None) or str(error)) from error


def silence() -> None:
    """Drop the buffer of standard output, so that the end of the process does not try to write it again."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def flush_both() -> None:
    """Write out both streams: what they hold would otherwise be written once by each process that a fork makes, or by none."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


def _write(text: str) -> None:
    with _answering() as out:
        out.write(text)
        out.flush()


def _encoding(stream: TextIO | None) -> str:
    return getattr(stream, "encoding", None) or "ascii"
