"""`aeo-ledger lab scale`: how the ledger grows, and where each design breaks first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import note, reporting, show
from aeo_ledger.errors.primitives import MalformedText

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.lab.tables import Cell, ResultTable

_MOST = 2_000_000


@reporting
def scale(
    standings: Annotated[
        list[int] | None,
        typer.Option(
            help=f"Measure a ledger of this size, up to {_MOST:,}; repeat it. Default: 1000, 10000 and 100000.",
            min=100,
            max=_MOST,
        ),
    ] = None,
    published: Annotated[
        int,
        typer.Option(
            help="Fill ledgers up to this size by signed publications; larger ones get the same words at once.", min=0
        ),
    ] = 1_000,
    parties: Annotated[
        list[int] | None,
        typer.Option(
            help="Measure a network of so many parties, 4 to 100; repeat it. Default: 4, 10, 30 and 100.",
            min=4,
            max=100,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Keys and arrivals follow from it.", min=0)] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure look-ups, proofs, blocks and disk from a thousand standings to a million, and from 4 parties to 100.

    Then the model (of three sizes or more), throughput against latency with
    failures, and where each design breaks first. A million standings take two
    minutes and 2 GB.
    """
    demand_extra("lab", "numpy", "pyarrow", "web3")
    from aeo_ledger.lab.scale_tables import PARTIES, SIZES, measure  # noqa: PLC0415 (needs the extra)

    sizes, peopled = sorted({*(standings or SIZES)}), sorted({*(parties or PARTIES)})
    if len(sizes) < 2:
        raise MalformedText("--standings", f"{len(sizes)} size", "two sizes at least: growth is between them")
    with tempfile.TemporaryDirectory() as folder:
        tables = measure(Path(folder), sizes, peopled, published=published, seed=seed, progress=note)
    show(
        {"seed": seed, "tables": {table.name: table.records() for table in tables}},
        as_json=as_json,
        lines=[line for table in tables for line in _tell(table)],
    )


def _tell(table: ResultTable) -> list[str]:
    """Write a table in columns."""
    rows = [[column.name for column in table.columns], *([_write(cell) for cell in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "",
        table.title,
        *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows),
    ]


def _write(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:.4g}" if isinstance(cell, float) else cell
