"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.signing import Password, Signer, obtain_password, open_key_file

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object for machines.")]
Gateway = Annotated[
    str,
    typer.Option(
        "--gateway", envvar="AEO_LEDGER_GATEWAY", help="URL of a gateway. It is never trusted with an answer."
    ),
]
Trust = Annotated[
    Path,
    typer.Option("--trust", envvar="AEO_LEDGER_TRUST", help="Your pinned trust bundle: a local file, got out of band."),
]
Keys = Annotated[
    list[Path], typer.Option("--key", help="Encrypted key file; again for each signer.", exists=True, dir_okay=False)
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        help="File whose first line is the password of the keys; else AEO_LEDGER_PASSWORD, else you are asked."
    ),
]
TinArgument = Annotated[str, typer.Argument(metavar="TIN", help="Trader identification number, as registered.")]
Recogniser = Annotated[str, typer.Option(help="Code of the party that recognises: usually your own.")]
DirectionOption = Annotated[
    str, typer.Option("--direction", help="import, export or transit; seen from the recogniser.")
]
RoleOption = Annotated[str, typer.Option("--role", help="Role of the foreign operator, e.g. exporter.")]
TypeOption = Annotated[
    str | None, typer.Option("--type", help="One certificate type alone, by its name in the register.")
]
RegisterOption = Annotated[str | None, typer.Option("--register", help="One register alone, by its party's code.")]
OnOption = Annotated[
    str | None, typer.Option("--on", help="A day (midnight in the recogniser's time zone) or a moment with its offset.")
]
AsKnownOption = Annotated[
    str | None, typer.Option("--as-known", help="As known then, like --on: what was recorded later does not count.")
]

DEFAULT_GATEWAY = "http://127.0.0.1:8547"


def open_keys(paths: list[Path], password_file: Path | None) -> list[Signer]:
    """Open key files, asking for a password only if one is needed."""
    if not paths:
        return []
    password: Password = obtain_password("the keys", file=password_file)
    return [open_key_file(path, password) for path in paths]
