"""The start of the process: an error before a command is read ends quietly, and never with exit code 1.

This module imports only what a bare interpreter has already loaded. Loading the rest takes a third of a second. In that time a terminal
may be closed, memory may run out, or somebody may press Ctrl-C.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` wraps it, and takes time to load
import os
import sys

UNAVAILABLE = 5
INTERRUPTED = 130
FAULT = 70
"""Exit codes of `cli.output`, which may not be loaded yet."""


def main() -> None:
    """Run the command line."""
    is_heeded = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if is_heeded:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # nothing has started yet: let it end the process at once
    _fill_descriptors()
    kept, sys.stderr = sys.stderr, None  # a library with a missing part would show tracebacks
    try:
        from aeo_ledger.cli.main import main as run  # noqa: PLC0415
    except MemoryError:
        _end(UNAVAILABLE, b"Unavailable: too little memory is free to start\n")
        raise
    except Exception as error:
        _end(*_explain(error))
        raise
    finally:
        sys.stderr = kept
    if is_heeded:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        _end(INTERRUPTED, b"interrupted\n")
    except MemoryError:
        _end(UNAVAILABLE, b"Unavailable: too little memory is free for this\n")
    except Exception as error:  # noqa: BLE001 (the last place that can keep a bug from looking like an answer)
        _end(FAULT, f"a fault of this program, please report it: {repr(error)!a}\n".encode())
    finally:
        _drop_unreadable()
        if is_heeded:
            _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # everything is written, and nothing has to be cleaned up


def _fill_descriptors() -> None:
    """Replace a closed standard stream by the null device, so that no file or socket gets its number and its output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _drop_unreadable() -> None:
    """Drop messages that nobody can read: Python would try to write them at the end, and replace the exit code by its own."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)


def _explain(error: Exception) -> tuple[int, bytes]:
    """Distinguish too little memory, which libraries report in words, from a missing part of the installation."""
    told = ascii(str(error))[1:-1]
    if "memory" in told or "map segment" in told or isinstance(error, SystemError):
        return UNAVAILABLE, f"Unavailable: too little memory is free to start: {told}\n".encode()
    if isinstance(error, SyntaxError):  # Python's compiler says this also when its memory ends
        where = f"{error.filename!a} line {error.lineno}: {told}"
        return UNAVAILABLE, f"Unavailable: too little memory is free to start, or a file is damaged: {where}\n".encode()
    return FAULT, f"a fault of this installation: {type(error).__name__}: {told}\n".encode()


def _end(code: int, told: bytes) -> None:
    """End the process with as little memory as possible."""
    try:
        os.write(2, told)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
