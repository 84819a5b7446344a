"""`aeo-ledger gateway`: serve one ledger over HTTP."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import PasswordFile
from aeo_ledger.cli.output import errors, reporting
from aeo_ledger.errors import PortTaken
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
    with _listen(port) as listener, run_network(folder, password, confirm_clock=confirm_clock) as running:
        errors.print(running.banner, markup=False)
        errors.print(f"gateway of chain {running.trust.chain_id} on http://127.0.0.1:{port} (API: /docs)", markup=False)
        app = create_app(running.ledger, running.relay, running.trust, behind=running.banner)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises it again; the ledger is to be closed
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    errors.print("stopped; the ledger is closed")


def _listen(port: int) -> socket.socket:
    """Take the port before the ledger is opened, so that a failure says why and leaves nothing behind."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise PortTaken(port=port, detail=error.strerror or str(error)) from error
    return listener
