"""The output of the figures: tables for people, or one JSON document for machines, with the machine, the commit and the units."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_FIGURE = re.compile(r"(?:about )?(-?[\d,]+(?:\.\d+)?)(?: ?(\D.*))?")
"""A number, and after it a unit if the column has none."""


class Sheet:
    """Collects or prints tables and notes.

    Args:
        as_json: Keep them for `write_json`, and print nothing. Otherwise they are as wide as the terminal, at least 80
            columns; 120 if there is none.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._console = Console(width=max(shutil.get_terminal_size((120, 40)).columns, 80))
        self._tables: list[dict[str, Any]] = []
        self._notes: list[str] = []

    def table(self, title: str, columns: Mapping[str, str]) -> Table:
        """Start a table.

        Args:
            title: What was measured.
            columns: Each column's unit: `text` for words, and "" for numbers that contain their unit.
        """
        table = Table(title=title)
        for column, unit in columns.items():
            table.add_column(column, justify="left" if unit == "text" else "right", footer=unit, overflow="fold")
        return table

    def print(self, what: Table | str) -> None:
        """Print a table or a note, or collect it for JSON."""
        if not self._as_json:
            if isinstance(what, Table):
                _keep_whole(what)
            self._console.print(what)
        elif isinstance(what, str):
            self._notes.append(what)
        else:
            self._tables.append({"title": what.title, "rows": _rows(what)})

    def busy(self, with_what: str) -> AbstractContextManager[object]:
        """Show the current step."""
        return nullcontext() if self._as_json else self._console.status(with_what)

    def write_json(self, missed: str | None) -> str:
        """Write the collected document.

        Args:
            missed: A note on a figure that was not reached; None if all were reached.
        """
        return json.dumps(
            {
                "format": "aeo-ledger/figures/1",
                "commit": _commit(),
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": {
                    "processor": _processor(),
                    "cores": os.cpu_count(),
                    "system": platform.platform(),
                    "python": platform.python_version(),
                },
                "missed": missed,
                "tables": self._tables,
                "notes": self._notes,
            },
            indent=2,
            ensure_ascii=False,
        )


def _keep_whole(table: Table) -> None:
    """Give each number the room that it needs, and the rest to text: a heading is folded between words, a number is not."""
    for column in table.columns:
        if column.justify == "right":
            parts = [*str(column.header).split(), str(column.footer), *map(str, column.cells)]
            column.width = max(map(len, parts))


def _rows(table: Table) -> list[dict[str, Any]]:
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    return [
        {
            str(column.header): _cell(cells[place], str(column.footer))
            for column, cells in zip(table.columns, columns, strict=True)
            if cells[place] not in ("", "-")
        }
        for place in range(table.row_count)
    ]


def _cell(text: str, unit: str) -> dict[str, Any] | str:
    found = None if unit == "text" else _FIGURE.fullmatch(text)
    if found is None:
        return text
    number = found[1].replace(",", "")
    return {"value": float(number) if "." in number else int(number), "unit": found[2] or unit}


def _commit() -> str:
    """Return the measured commit, and whether the working tree differs from it."""
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty"]
    told = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = re.findall(r"^model name\s*: (.+)$", told, re.MULTILINE)
    return str(names[0]) if names else platform.machine()
