"""`aeo-ledger chain`: take the blocks out of an embedded ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import reporting, show

app = typer.Typer(help="The blocks of an embedded ledger.", no_args_is_help=True)


@app.callback()
def chain() -> None:
    """The blocks of an embedded ledger."""


@app.command("export")
@reporting
def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the network; no gateway may have it open.")],
    out: Annotated[Path, typer.Option(help="File for genesis and sealed blocks, RLP one after the other.")],
    as_json: AsJson = False,
) -> None:
    """Write genesis and sealed blocks as real QBFT nodes import them; no key is needed."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.chain import EmbeddedLedger  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.office.run import write_blocks  # noqa: PLC0415

    with EmbeddedLedger.open(folder / "ledger.sqlite") as ledger:
        count = write_blocks(ledger, out)
    size = out.stat().st_size
    show(
        {"out": str(out), "blocks": count, "bytes": size},
        as_json=as_json,
        lines=[f"{count} blocks, {size:,} bytes in {out}"],
    )
