"""`aeo-ledger key`: make an encrypted key file, or show whose it is."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import AsJson, PasswordFile
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.signing import create_key_file, obtain_password, open_key_file, write_engine_key

app = typer.Typer(help="Key files: Web3 Secret Storage v3, encrypted, for you alone (mode 0600).", no_args_is_help=True)


@app.command("new")
@reporting
def new(
    file: Annotated[Path, typer.Argument(help="Where the key file will be; nothing may be there yet.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key and write it, encrypted."""
    password = obtain_password(str(file), file=password_file, twice=True)
    signer = create_key_file(file, password, randomness=secrets.token_bytes)
    address = to_hex(signer.address)
    show({"file": str(file), "address": address}, as_json=as_json, lines=[f"{address} in {file}"])


@app.command("show")
@reporting
def show_key(
    file: Annotated[Path, typer.Argument(help="The key file.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a key file and show its address; the key itself is never shown."""
    signer = open_key_file(file, obtain_password(str(file), file=password_file))
    address = to_hex(signer.address)
    show({"file": str(file), "address": address}, as_json=as_json, lines=[address])


@app.command("export")
@reporting
def export(
    file: Annotated[Path, typer.Argument(help="The node's key file.")],
    out: Annotated[Path, typer.Option(help="Where the engine reads its node's key; nothing may be there yet.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a node's key UNENCRYPTED (mode 0600), as Besu and GoQuorum want it: on the node's own machine."""
    signer = write_engine_key(file, obtain_password(str(file), file=password_file), out)
    address = to_hex(signer.address)
    lines = [f"{address} in {out}, UNENCRYPTED: whoever reads it can seal as this node"]
    show({"file": str(out), "address": address}, as_json=as_json, lines=lines)
