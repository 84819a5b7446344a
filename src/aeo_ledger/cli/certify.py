"""`aeo-ledger network test-certificate`: let a TEST authority certify a party of a workshop."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, PasswordFile
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.signing import obtain_password


@reporting
def certify(
    folder: Annotated[Path, typer.Argument(help="Folder of a network.")],
    party: Annotated[str, typer.Option(help="Code of the party.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a TEST authority certify a party of a workshop (SIMULATED: it certifies whatever it is asked to, and this machine holds its key)."""
    demand_extra("ledger", "cryptography")
    from aeo_ledger.network.certify import NAME, issue_test_certificate  # noqa: PLC0415 (needs the extra)

    password = obtain_password(
        f"the certificate's key, and that of the TEST authority, in {named(folder)}", file=password_file
    )
    made, root = issue_test_certificate(folder, party, password, now=now(), randomness=secrets.token_bytes)
    lines = [f"{named(made)}, under the root {named(root)}", f"SIMULATED: {NAME}"]
    show({"certificate": str(made), "root": str(root), "issuer": NAME}, as_json=as_json, lines=lines)
