"""The columns of a register's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

COLUMNS: Final[Mapping[str, str]] = {
    "tin": "two letters, then the national number",
    "certificate_number": "as on the certificate",
    "certificate_type": "its name in the register",
    "roles": "names of roles with | between them",
    "status": "ACTIVE, SUSPENDED, REVOKED, WITHDRAWN or ANNULLED",
    "status_since": "the first day of the status",
    "decided": "the day of the decision",
    "effective_from": "the first day of validity",
    "effective_until": "the first day on which it is no longer valid; empty if it has no end",
    "name": "kept in the document, never on the ledger",
    "address": "kept in the document, never on the ledger",
}
"""Columns of the file, by their names in its first row, and what they contain. A day is written 2019-07-24 and begins at midnight in the
party's time zone."""


def require_columns(found: Sequence[str]) -> None:
    """Check that a file's first row names each column once.

    Raises:
        MalformedText: it does not; the message names what a spreadsheet wrote instead.
    """
    needed = f"a first row with {','.join(COLUMNS)}"
    missing = [column for column in COLUMNS if column not in found]
    if len(missing) == len(COLUMNS):
        raise MalformedText("columns of the register", _explain_columns(",".join(found)), needed)
    if missing:
        raise MalformedText("columns of the register", f"{', '.join(missing)} missing", "them in the first row")
    if len(set(found)) != len(found):
        raise MalformedText("columns of the register", "one of them twice", needed)


def _explain_columns(first: str) -> str:
    """Say why a first row that a spreadsheet wrote names no column."""
    if first.lower().startswith("sep="):
        return f"a line {first[:8]!r} before the first row, which is to be left out"
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if sign in first:
            return f"{name} between columns instead of commas"
    if first.lower() != first and any(column in first.lower() for column in COLUMNS):
        return "names in capitals"
    return "none of them in the first row"
