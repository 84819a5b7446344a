"""`aeo-ledger node`: serve an embedded ledger's JSON-RPC, so that several gateways share it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.listen import listen, serve_until_stopped
from aeo_ledger.cli.options import HostNames, PasswordFile, demand_embedded
from aeo_ledger.cli.output import note, reporting
from aeo_ledger.cli.screen import named
from aeo_ledger.signing import obtain_password


@reporting
def serve(
    folder: Annotated[Path, typer.Argument(help="Folder of an embedded network, from `network init`.")],
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8545,
    host: Annotated[
        str, typer.Option(help="Address to listen on; everybody who can reach it may read, and relay signed acts.")
    ] = "127.0.0.1",
    host_name: HostNames = None,
    confirm_clock: Annotated[
        bool, typer.Option("--confirm-clock", help="You checked the clock: go on although it seems to have jumped.")
    ] = False,
    password_file: PasswordFile = None,
) -> None:
    """Serve an embedded ledger as Ethereum JSON-RPC. SIMULATED: this process holds the validators' keys."""
    demand_extra("gateway", "eth", "web3", "starlette", "uvicorn")
    from aeo_ledger.network.run import open_embedded  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.rpc.server import create_node  # noqa: PLC0415

    demand_embedded(folder)
    password = obtain_password(f"the validators' keys in {named(folder)}", file=password_file)
    with listen(port, host) as listener, open_embedded(folder, password, confirm_clock=confirm_clock) as (ledger, _):
        note(ledger.banner)
        shown = f"[{host}]" if ":" in host else host
        note(f"node of chain {ledger.genesis.chain_id} on http://{shown}:{port} (JSON-RPC, POST)")
        serve_until_stopped(create_node(ledger.rpc.answer, names=host_name or ()), listener)
    note("stopped; the ledger is closed")
