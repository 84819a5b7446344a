"""Result tables on disk: CSV and Parquet, with a data package that describes every column."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable

_TYPES: Final = {Kind.TEXT: pa.string(), Kind.WHOLE: pa.int64(), Kind.NUMBER: pa.float64(), Kind.FLAG: pa.bool_()}


def folder_of(run: Path, *, wall_clock: bool) -> Path:
    """Return the folder of a run's tables, or of those with times of this machine."""
    return run / ("wall-clock" if wall_clock else "tables")


def write_table(run: Path, table: ResultTable) -> None:
    """Write a table as CSV, as Parquet, and its description beside them.

    Raises:
        FileUnavailable: It cannot be written.
    """
    folder = folder_of(run, wall_clock=table.wall_clock)
    make_folder(folder)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_show(cell) for cell in row] for row in table.rows)
    write_file(folder / f"{table.name}.csv", text.getvalue().encode())
    write_file(folder / f"{table.name}.parquet", encode_parquet(table))
    write_file(
        folder / f"{table.name}.json", f"{json.dumps(_describe(table), indent=1, ensure_ascii=False)}\n".encode()
    )


def encode_parquet(table: ResultTable) -> bytes:
    """Write a table as Parquet; the same rows are the same bytes."""
    schema = pa.schema(
        [pa.field(column.name, _TYPES[column.kind], metadata={"description": column.says}) for column in table.columns]
    )
    arrays = [
        pa.array([_cast(row[place], column.kind) for row in table.rows], type=_TYPES[column.kind])
        for place, column in enumerate(table.columns)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def read_table(run: Path, name: str, *, wall_clock: bool) -> ResultTable:
    """Read a table of a run.

    Raises:
        UnreadableFile: It cannot be read.
    """
    folder = folder_of(run, wall_clock=wall_clock)
    try:
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        columns = [
            Column(field["name"], field["description"], Kind(field["type"])) for field in about["schema"]["fields"]
        ]
        data = pq.read_table(folder / f"{name}.parquet").to_pydict()
        rows = list(zip(*(data[column.name] for column in columns), strict=True))
        return ResultTable(
            name=name, title=about["title"], says=about["description"], columns=columns, rows=rows, wall_clock=wall_clock,
            in_report=about["in_report"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise UnreadableFile(path=str(folder / name), detail=repr(error)) from error


def write_package(run: Path, scenario: Scenario, tables: dict[str, ResultTable]) -> None:
    """Write `datapackage.json`, which describes every table."""
    resources = []
    for table in tables.values():
        about = _describe(table)
        about.pop("in_report")
        folder = folder_of(Path(), wall_clock=table.wall_clock)
        resources.append(
            about
            | {"path": str(folder / f"{table.name}.csv"), "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
        )
    package = {
        "profile": "tabular-data-package",
        "name": f"aeo-ledger-lab-{scenario.name}",
        "title": scenario.title,
        "description": scenario.question,
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": resources,
    }
    write_file(run / "datapackage.json", f"{json.dumps(package, indent=1, ensure_ascii=False)}\n".encode())


def describe_machine() -> dict[str, str | int | None]:
    """Describe this machine, for times that were measured on it."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _describe(table: ResultTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "description": table.says,
        "in_report": table.in_report,
        "schema": {
            "fields": [
                {"name": column.name, "type": str(column.kind), "description": column.says} for column in table.columns
            ],
            "missingValues": [""],
        },
    }


def _show(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def _cast(cell: Cell, kind: Kind) -> Cell:
    if cell is None or kind is Kind.TEXT:
        return cell
    return float(cell) if kind is Kind.NUMBER else cell
