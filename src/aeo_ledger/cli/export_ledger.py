"""`aeo-ledger export ledger`: the ledger itself as Parquet, with a data dictionary, for researchers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, demand_embedded, split_urls
from aeo_ledger.cli.output import note, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.errors import Unavailable, show_utc
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.hexadecimal import to_hex

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.ledger.port import Ledger
    from aeo_ledger.verify import TrustBundle


@reporting
def ledger(
    out: Annotated[Path, typer.Option(help="New folder for the tables and their datapackage.json.")],
    network: Annotated[
        Path | None, typer.Option(help="Folder of an embedded network, or a copy of it. A gateway may have it open.")
    ] = None,
    rpc: Annotated[
        str | None, typer.Option(help="URLs of a network's nodes, with commas, instead of a folder.")
    ] = None,
    trust: Annotated[Path | None, typer.Option(help="Trust bundle; by default the folder's own.")] = None,
    genesis: Annotated[
        Path | None, typer.Option(help="The network's genesis.json with places.json beside it; needed with --rpc.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write blocks, transactions, acts, status events, standings, parties and recognitions as Parquet tables.

    No key is needed. What stands now is proven under the trust bundle; what
    happened is read from the node, and `audit` checks it.
    """
    demand_extra("lab", "numpy", "pyarrow", "web3")
    from aeo_ledger.cli.bars import export_bar  # noqa: PLC0415 (needs the extra, and its time)
    from aeo_ledger.lab.export import export_ledger  # noqa: PLC0415 (the same)
    from aeo_ledger.office.ask import read_trust  # noqa: PLC0415 (the same)

    if (network is None) == (rpc is None):
        raise MalformedText("export ledger", "neither or both", "one of --network and --rpc")
    if network is None and (trust is None or genesis is None):
        raise MalformedText("--rpc", "without --trust and --genesis", "both: nothing of a node is trusted")
    pinned = read_trust(trust or Path(network or "") / "trust.json")
    opened = _open_nodes(str(rpc), pinned, Path(genesis or "")) if network is None else _open_folder(network)
    with opened as port, export_bar(as_json=as_json) as bar:
        task = bar.add_task("", total=None)
        done = export_ledger(port, pinned, out, lambda read, total: bar.update(task, completed=read, total=total))
    document = {"out": str(out), "rows": dict(done.rows), "block": done.block, "block_hash": to_hex(done.block_hash)}
    show(
        document,
        as_json=as_json,
        lines=[
            ", ".join(f"{rows:,} {name.replace('_', ' ')}" for name, rows in done.rows.items()),
            f"in {named(out)}; datapackage.json says what each column means",
            f"up to block {done.block} of {show_utc(done.time)}",
        ],
    )


@contextmanager
def _open_folder(folder: Path) -> Iterator[Ledger]:
    from aeo_ledger.chain import EmbeddedLedger  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.network.run import port_of  # noqa: PLC0415 (the same)

    with EmbeddedLedger.open_to_read(demand_embedded(folder) / "ledger.sqlite") as embedded:
        try:
            embedded.compare_marks()
        except Unavailable as error:  # what is there can be exported all the same
            note(f"note: {error}")
        yield port_of(embedded, folder)


@contextmanager
def _open_nodes(rpc: str, pinned: TrustBundle, genesis: Path) -> Iterator[Ledger]:
    from aeo_ledger.ledger.port import Ledger  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.network.reach import read_beginning  # noqa: PLC0415 (the same)
    from aeo_ledger.office.ask import contracts_of  # noqa: PLC0415 (the same)
    from aeo_ledger.rpc import ChainIdentity, NodesProvider  # noqa: PLC0415 (the same)

    beginning = read_beginning(genesis, pinned)
    chain = ChainIdentity(chain_id=pinned.chain_id, genesis_hash=pinned.genesis_hash)
    with NodesProvider(split_urls(rpc), chain=chain) as nodes:
        yield Ledger(nodes, contracts_of(pinned), beginning=beginning)
