"""`aeo-ledger workshop`: start a workshop for one room."""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.listen import listen, serve_until_stopped
from aeo_ledger.cli.operating import Log, Watching
from aeo_ledger.cli.options import INDEX, PasswordFile
from aeo_ledger.cli.output import keep_log, note, now, reporting
from aeo_ledger.cli.screen import named
from aeo_ledger.signing import WORK_FACTOR, Password, obtain_password

_PARTIES: Final = "BY,CN,KZ,EU=DE+PL"


@reporting
def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder that keeps the room for another day; it is founded if nothing is there. Default: kept nowhere."
        ),
    ] = None,
    parties: Annotated[
        str, typer.Option(help="One table for each, a union with its members: BY,CN,KZ,EU=DE+PL")
    ] = _PARTIES,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8547,
    host: Annotated[
        str, typer.Option(help="Address to listen on: the one of this machine that participants can reach.")
    ] = "127.0.0.1",
    password_file: PasswordFile = None,
) -> None:
    """Start a workshop: participants play administrations in their browsers. DEMONSTRATION: this server holds everybody's keys."""
    demand_extra("gateway", "eth", "web3", "fastapi", "uvicorn", "sqlalchemy", "jinja2")
    from aeo_ledger.network.found import parse_parties  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.workshop.opening import demand_demonstration  # noqa: PLC0415

    parse_parties(parties)  # so that a mistake is told before a password is asked for
    with listen(port, host) as listener, ExitStack() as opened:
        if folder is None:
            home = Path(opened.enter_context(TemporaryDirectory(prefix="aeo-ledger-workshop-"))) / "room"
            password, quick = Password(secrets.token_hex(32)), True
        else:
            home, quick = folder, False
            if home.exists():
                demand_demonstration(home)
            password = obtain_password(f"all keys in {named(home)}", file=password_file, twice=not home.exists())
        if not home.exists():
            _found(home, parties, password, quick=quick)
        _serve(home, password, listener, f"http://{f'[{host}]' if ':' in host else host}:{port}")
    note("stopped; the ledger is closed" if folder else "stopped; nothing is kept of the room")


def _found(home: Path, parties: str, password: Password, *, quick: bool) -> None:
    from aeo_ledger.cli.bars import founding_bar  # noqa: PLC0415 (takes its time to load)
    from aeo_ledger.network.found import parse_parties  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.workshop.opening import QUICK, found_room  # noqa: PLC0415

    with founding_bar(as_json=False) as bar:
        task, begun = bar.add_task("", total=len(parse_parties(parties)) + 2), count()

        def progress(step: str) -> None:
            bar.update(task, description=step, completed=next(begun))

        found_room(
            home,
            parties,
            password,
            now=now(),
            randomness=secrets.token_bytes,
            work_factor=QUICK if quick else WORK_FACTOR,
            progress=progress,
        )


def _serve(home: Path, password: Password, listener: socket.socket, url: str) -> None:
    from aeo_ledger.network.run import run_network  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415
    from aeo_ledger.workshop.serve import open_workshop  # noqa: PLC0415

    keep_log()
    with (
        TemporaryDirectory(prefix="aeo-ledger-books-") as books,
        IndexStore(f"sqlite:///{home / INDEX}") as store,
        run_network(home, password, store=store) as network,
        Watching(log=Log.TEXT, readers=(), small=1).begin(network, store) as operation,
    ):
        note(network.banner)
        workshop = open_workshop(
            network,
            home,
            password,
            Path(books),
            operation=operation,
            clock=time.time,
            randomness=secrets.token_bytes,
        )
        room = workshop.room
        note(f"workshop on {url}/console, code of the room {room.code}")
        note(f"facilitator only: {url}/console/en/facilitator#{room.facilitator}")
        serve_until_stopped(workshop.app, listener, keep_log)
