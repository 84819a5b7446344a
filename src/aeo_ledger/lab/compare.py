"""Two runs side by side: what another seed, another parameter or another version changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aeo_ledger.lab.run import Run
from aeo_ledger.lab.tables import Cell, ResultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that both runs have."""

    table: str
    row: str
    """The row's words: a channel, an event."""
    column: str
    first: float
    second: float
    told_apart: bool
    """Whether the 95 % intervals do not overlap; False where a figure has none."""


def compare_parameters(first: Run, second: Run) -> list[tuple[str, float, float]]:
    """List the parameters that differ, with both values."""
    ours, theirs = first.scenario.parameters, second.scenario.parameters
    return [(name, ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]]


def compare_runs(first: Run, second: Run) -> list[Difference]:
    """Compare the figures of the tables that a report shows, times of a machine left out. Rows are matched by their words."""
    found: list[Difference] = []
    for name in _COMPARED:
        if name in first.tables and name in second.tables:
            found += _compare(first.tables[name], second.tables[name])
    return found


_COMPARED = ("propagation", "mass", "exposure", "answers", "traffic")


def _compare(first: ResultTable, second: ResultTable) -> Iterator[Difference]:
    others = {_words(row): row for row in second.records()}
    for row in first.records():
        other = others.get(_words(row))
        if other is None:
            continue
        for column, value in row.items():
            twin = other.get(column)
            if column not in _ENDS and isinstance(value, float) and isinstance(twin, float):
                yield Difference(
                    table=first.name,
                    row=_words(row),
                    column=column,
                    first=value,
                    second=twin,
                    told_apart=_are_apart(row, other, column),
                )


_ENDS = {"low", "high", "withheld_low", "withheld_high"}
_INTERVALS = {"mean_s": ("low", "high"), "undue": ("low", "high"), "withheld": ("withheld_low", "withheld_high")}


def _are_apart(row: dict[str, Cell], other: dict[str, Cell], column: str) -> bool:
    low, high = _INTERVALS.get(column, ("", ""))
    ends = [part.get(end) for part in (row, other) for end in (low, high)]
    if not all(isinstance(end, float) for end in ends):
        return False
    first_low, first_high, second_low, second_high = (float(end or 0) for end in ends)
    return first_high < second_low or second_high < first_low


def _words(row: dict[str, Cell]) -> str:
    return ", ".join(value for value in row.values() if isinstance(value, str))
