"""`aeo-ledger gateway`: serve one ledger over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import PasswordFile
from aeo_ledger.cli.output import errors, reporting
from aeo_ledger.signing import obtain_password


@reporting
def serve(
    folder: Annotated[Path, typer.Argument(help="Folder of an embedded network, as `network init` made it.")],
    port: Annotated[int, typer.Option(help="Port on the loopback interface.", min=1, max=65535)] = 8547,
    confirm_clock: Annotated[
        bool, typer.Option(help="You looked at the clock: go on although it seems to have jumped.")
    ] = False,
    password_file: PasswordFile = None,
) -> None:
    """Answer border systems and relay signed acts. On an embedded ledger it also holds the validators' keys, and says so."""
    demand_extra("gateway", "eth", "web3", "fastapi", "uvicorn")
    import uvicorn  # noqa: PLC0415 (needs the extra)

    from aeo_ledger.gateway.app import create_app  # noqa: PLC0415
    from aeo_ledger.office.run import run_network  # noqa: PLC0415

    password = obtain_password(f"the validators' keys in {folder}", file=password_file)
    with run_network(folder, password, confirm_clock=confirm_clock) as running:
        errors.print(running.banner, markup=False)
        errors.print(f"gateway of chain {running.trust.chain_id} on http://127.0.0.1:{port} (API: /docs)", markup=False)
        app = create_app(running.ledger, running.relay, running.trust, behind=running.banner)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
