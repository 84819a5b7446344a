"""Result tables: every figure of a report stands in one before it is drawn.

A table is written as CSV and as Parquet, and `datapackage.json` says what each column means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | None


class Kind(StrEnum):
    """The type of a column, as Frictionless Table Schema names it."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    """In lower case, with its unit: `delay_s`."""
    says: str
    """What it means, in one sentence."""
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """What was measured, row by row."""

    name: str
    """Its file's name, without ending: `propagation`."""
    title: str
    """Its heading in the report."""
    says: str
    """What it shows and how it was made, for its reader."""
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    wall_clock: bool = False
    """Whether it holds times of this machine. Such a table differs between two runs, so it stands in a folder of its own."""
    in_report: bool = True
    """Whether the report shows every row. A long table is drawn, and only its file has the rows."""

    def __post_init__(self) -> None:
        """Check that each row has a cell for each column."""
        wrong = [len(row) for row in self.rows if len(row) != len(self.columns)]
        if wrong:
            raise AssertionError(f"{self.name}: rows of {wrong[:3]} cells, {len(self.columns)} columns")

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows by the columns' names."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]
