"""`aeo-ledger chain`: export the blocks of an embedded ledger."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, demand_embedded
from aeo_ledger.cli.output import STANDARD_OUTPUT, note, put, refuse_two_outputs, reporting, require_name, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import BLOCKS
from aeo_ledger.errors import Unavailable
from aeo_ledger.office.naming import count

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.chain import EmbeddedLedger

app = typer.Typer()


@app.command("export")
@reporting
def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the network, or a copy of it. A gateway may have it open.")],
    out: Annotated[
        Path,
        typer.Option(help="File for genesis and sealed blocks in RLP, one after the other; - is standard output."),
        BLOCKS,
    ],
    as_json: AsJson = False,
) -> None:
    """Write genesis and sealed blocks in the form that real QBFT nodes import; no key is needed."""
    demand_extra("ledger", "eth", "web3")
    refuse_two_outputs(out, as_json=as_json)
    from aeo_ledger.chain import EmbeddedLedger  # noqa: PLC0415 (needs the extra)

    with EmbeddedLedger.open_to_read(demand_embedded(folder) / "ledger.sqlite") as ledger:
        try:
            ledger.compare_marks()
        except Unavailable as error:  # the blocks that are there can be exported all the same
            note(f"note: {error}")
        blocks, size = _write(ledger, out)
    show(
        {"out": str(out), "blocks": blocks, "bytes": size},
        as_json=as_json,
        lines=[f"{count(blocks, 'block')}, {size:,} bytes in {named(out)}"],
        beside=out,
    )


def _write(ledger: EmbeddedLedger, out: Path) -> tuple[int, int]:
    """Write the blocks; return their number and their bytes."""
    from aeo_ledger.network.run import write_blocks  # noqa: PLC0415 (needs the extra)

    if out != STANDARD_OUTPUT:
        return write_blocks(ledger, require_name(out)), out.stat().st_size
    blocks = BytesIO()
    count = ledger.export(blocks)
    put(out, blocks.getvalue())
    return count, len(blocks.getvalue())
