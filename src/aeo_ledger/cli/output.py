"""What a person or a machine sees, and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, ParamSpec

import typer
from rich.console import Console

from aeo_ledger.errors import AeoLedgerError, FileUnavailable, Malformed, Refused, Unavailable, Unproven

P = ParamSpec("P")

YES: Final = 0
"""Yes, or done."""
NOT_RECOGNISED: Final = 1
EXIT_CODES: Final[dict[type[AeoLedgerError], int]] = {Malformed: 2, Refused: 3, Unproven: 4, Unavailable: 5}
"""Exit code of each family of errors."""

INTERRUPTED: Final = 130
"""As shells report a process that Ctrl-C ended."""
FAULT: Final = 70
"""An error that nobody foresaw; not among the answers that a caller may rely on."""

console: Final = Console(highlight=False, soft_wrap=True, emoji=False)
errors: Final = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def show(document: dict[str, Any], *, as_json: bool, lines: list[str]) -> None:
    """Write one result: the document for machines, or lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        for line in lines:
            console.print(line, markup=False)


def reporting(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn what a command returns into its exit code, and whatever stops it into a message and one: never a traceback, never a 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or YES
        except AeoLedgerError as error:
            code = fail(error, as_json=bool(kwargs.get("as_json")))
        except KeyboardInterrupt:
            errors.print("interrupted: what was sealed before stays; run the same command again to go on")
            code = INTERRUPTED
        except OSError as error:
            detail = error.strerror or str(error)
            code = fail(FileUnavailable(path=str(error.filename), detail=detail), as_json=bool(kwargs.get("as_json")))
        except Exception as error:  # noqa: BLE001 (a traceback helps no officer, and exit code 1 would be an answer)
            errors.print(f"a fault of this program, please report it: {type(error).__name__}: {error}", markup=False)
            code = FAULT
        raise typer.Exit(code)

    return run


def fail(error: AeoLedgerError, *, as_json: bool) -> int:
    """Report an error and return its exit code."""
    family, code = next((family, code) for family, code in EXIT_CODES.items() if isinstance(error, family))
    if as_json:
        found = {"error": type(error).__name__, "family": family.__name__.lower(), "detail": str(error)}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        errors.print(f"{family.__name__}: {error}", markup=False)
    return code


def now() -> int:
    """Read the clock: UTC seconds."""
    return int(datetime.now(UTC).timestamp())
