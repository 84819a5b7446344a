"""Bars that show the progress of a long command at a terminal.

A command loads this module only when it opens a bar: the library behind it takes longer to load than most commands take to
run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:  # most bars ask nobody
    from aeo_ledger.office.proven_desk import Approve


class _Bars(Console):
    """A console that stops writing when it cannot write. The library's own console would end the process with 1."""

    def on_broken_pipe(self) -> None:
        """Stop writing."""
        self.quiet = True


bars: Final = _Bars(stderr=True, highlight=False, emoji=False)
"""Only for bars: text goes through `output.note`."""


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Write the rate."""
        return Text("" if not task.speed else f"{task.speed:,.0f}/s", style="progress.data.speed")


def import_bar(*, as_json: bool) -> Progress:
    """Show how much of a register is on the ledger, how fast that goes, and how long the rest will take."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn()
    return _bar(*columns, as_json=as_json)


def founding_bar(*, as_json: bool) -> Progress:
    """Show which part of a network is being made."""
    columns = TextColumn("making"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")
    return _bar(*columns, as_json=as_json)


def reading_bar(*, as_json: bool) -> Progress:
    """Show what is being read, and how many are read."""
    columns = SpinnerColumn(), TextColumn("reading {task.description}"), TextColumn("{task.completed:,}")
    return _bar(*columns, as_json=as_json)


def working_bar(what: str, *, as_json: bool) -> Progress:
    """Show what a command does, if nothing can be counted, and how long it has done so."""
    bar = _bar(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), as_json=as_json)
    bar.add_task(what, total=None)
    return bar


def audit_bar(*, as_json: bool) -> Progress:
    """Show how much of a chain is audited, and how long the rest will take."""
    columns = TextColumn("auditing"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    return _bar(*columns, as_json=as_json)


def export_bar(*, as_json: bool) -> Progress:
    """Show how many blocks are read, and how long the rest will take."""
    columns = TextColumn("reading blocks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return _bar(*columns, as_json=as_json)


def pausing(bar: Progress, approve: Approve) -> Approve:
    """Hide a bar while somebody is asked."""

    def ask(told: Sequence[str]) -> None:
        bar.stop()
        approve(told)
        bar.start()

    return ask


def _bar(*columns: ProgressColumn, as_json: bool = False) -> Progress:
    """Make a bar that disappears at the end, and is not shown to machines."""
    return Progress(*columns, console=bars, transient=True, disable=as_json or not bars.is_terminal)
