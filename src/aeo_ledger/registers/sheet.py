"""A file as it came: a first row of headings, and rows of cells. No cell has a meaning yet.

Every form of a file becomes a `Sheet`. So what is read from it, what is refused, and how bad rows are given back does not depend on the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from aeo_ledger.errors.primitives import MalformedText

MAX_CELL: Final = 32_767
"""Most characters of a cell: what a spreadsheet can hold."""
MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 1_000_000
MAX_CELLS: Final = 5_000_000
"""Most cells, empty ones too: each takes memory, and some forms need not write an empty one."""
MAX_BYTES: Final = 1 << 28
"""Longest file that is read, also after it is unpacked."""

Raw: TypeAlias = str | int | float | bool | date | None
"""A cell as its form holds it. Text forms hold texts only."""


class Formula(str):
    """A formula of a spreadsheet whose value is not in the file, or an error that it gave."""

    __slots__ = ()


class Form(StrEnum):
    """The forms of files."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


PLACES: Final = {Form.CSV: "line", Form.XLSX: "row", Form.JSON: "object", Form.JSONL: "line"}
"""What people count in each form that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row below the first."""

    number: int
    """Its place in the file, as people count: a line, a row or an object. A row of several lines begins there."""
    cells: tuple[str, ...]
    """Its cells as text."""
    raw: tuple[Raw, ...]
    """Its cells as the form holds them, to write them again unchanged."""
    formulas: frozenset[int] = frozenset()
    """Places of cells that hold a formula without its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text form is written, so that it can be written again."""

    encoding: str = "utf-8"
    """Name of Python's codec."""
    delimiter: str = ","
    line_end: str = "\r\n"
    """RFC 4180."""
    marked: bool = False
    """Whether a byte order mark comes first."""
    sep_line: bool = False
    """Whether a line such as `sep=;` comes first, for spreadsheets."""


PLAIN_CSV: Final = Dialect()
"""CSV as RFC 4180 has it, in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file's headings and rows."""

    form: Form
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    dialect: Dialect = PLAIN_CSV

    @property
    def place(self) -> str:
        """What people count in this form: line, row or object."""
        return PLACES[self.form]


def refuse_too_large(rows: int, columns: int, cells: int | None = None) -> None:
    """Refuse a sheet that nobody keeps by hand; without a number of cells, each row has all columns.

    Raises:
        MalformedText: it has too many rows, columns or cells.
    """
    found_cells = rows * columns if cells is None else cells
    if rows <= MAX_ROWS and columns <= MAX_COLUMNS and found_cells <= MAX_CELLS:
        return
    for found, most, what in (
        (rows, MAX_ROWS, "rows"),
        (columns, MAX_COLUMNS, "columns"),
        (found_cells, MAX_CELLS, "cells"),
    ):
        if found > most:
            raise MalformedText("register", f"{found:,} {what}", f"at most {most:,}")


def refuse_long_cells(place: str, number: int, cells: Sequence[str]) -> None:
    """Refuse a row with a cell that is longer than any spreadsheet's.

    Raises:
        MalformedText: a cell is too long; the row is named.
    """
    longest = max(map(len, cells), default=0)
    if longest > MAX_CELL:
        raise MalformedText(f"{place} {number}", f"a cell of {longest:,} characters", f"at most {MAX_CELL:,}")


def write_number(value: float) -> str:
    """Write a number of a spreadsheet or of JSON as the digits that were meant. Above 15 digits it is not known which were."""
    if isinstance(value, int):
        return str(value)
    if abs(value) >= 1e15:
        return f"{value:.15E}"
    return str(int(value)) if value.is_integer() else str(value)
