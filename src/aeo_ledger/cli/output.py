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

from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven

P = ParamSpec("P")

YES: Final = 0
"""Yes, or done."""
NOT_RECOGNISED: Final = 1
EXIT_CODES: Final[dict[type[AeoLedgerError], int]] = {Malformed: 2, Refused: 3, Unproven: 4, Unavailable: 5}
"""Exit code of each family of errors."""

console: Final = Console(highlight=False, soft_wrap=True)
errors: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def show(document: dict[str, Any], *, as_json: bool, lines: list[str]) -> None:
    """Write one result: the document for machines, or lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        for line in lines:
            console.print(line, markup=False)


def reporting(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn what a command returns into its exit code, and errors on purpose into a message and theirs."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or YES
        except AeoLedgerError as error:
            code = fail(error, as_json=bool(kwargs.get("as_json")))
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
