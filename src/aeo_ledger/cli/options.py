"""Options that several commands share, each said once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.desk import ANSWERED_WITHIN_S
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.signing import Password, Signer, obtain_password, open_key_file
from aeo_ledger.verify import TrustBundle

if TYPE_CHECKING:  # most commands must not reach a socket
    from aeo_ledger.gateway.client import GatewayClient

DEFAULT_GATEWAY: Final = ["http://127.0.0.1:8547"]
DEFAULT_TIMEOUT: Final = ANSWERED_WITHIN_S
SNAPSHOT_TIMEOUT: Final = 60.0
"""Seconds; a snapshot is long, and a gateway makes it anew for each block."""
_LONGEST_TIMEOUT_S: Final = 3_600


def read_timeout(text: str | float) -> float:
    """Read seconds, or a span such as `2m`; what is none is an error of the command line."""
    try:
        seconds = float(parse_span(text)) if isinstance(text, str) and text[-1:].isalpha() else float(text)
    except (ValueError, MalformedText):
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_TIMEOUT_S:
        raise typer.BadParameter(f"found {text!r}, needed seconds or a span such as 2m, up to an hour")
    return seconds


AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object for machines.")]
Gateway = Annotated[
    list[str],
    typer.Option(
        "--gateway",
        metavar="URL",
        envvar="AEO_LEDGER_GATEWAY",
        help="URL of a gateway; again for others, which are asked when one does not answer. None is trusted with an answer.",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        parser=read_timeout,
        help="Longest wait for a gateway's whole answer; an act has a minute more, in which it is sealed.",
    ),
]
HostNames = Annotated[
    list[str] | None,
    typer.Option(
        "--host-name",
        metavar="NAME",
        help="Name under which others reach this server, as in a request's Host header; again for more. Addresses and "
        "localhost are always taken; any other name might be one that a web page points here.",
    ),
]
Trust = Annotated[
    Path,
    typer.Option(
        "--trust",
        envvar="AEO_LEDGER_TRUST",
        help="Your pinned trust: a bundle's file, got out of band, or the folder of a trust store.",
    ),
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
AcceptOdd = Annotated[
    bool,
    typer.Option(
        "--accept-odd", help="Take a TIN that its country's rule does not give, since its register has it so."
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

Grounds = Annotated[
    str | None,
    typer.Option(help="Salted hash of the reasoned decision, 0x and 64 digits: signed, and kept in the history."),
]


def parse_grounds(text: str | None) -> bytes:
    """Read the hash of a reasoned decision; none is 32 zero bytes.

    Raises:
        MalformedText: it is none.
    """
    return NO_GROUNDS if text is None else parse_hex(text, what="--grounds", length=32)


def split_urls(text: str | None) -> list[str]:
    """Read URLs, separated by commas; none where the option was not given.

    Raises:
        MalformedText: it names nothing.
    """
    if text is not None and not text.strip(", "):
        raise MalformedText("--rpc", repr(text), "URL[,URL], as http://127.0.0.1:8545")
    return [url.strip() for url in text.split(",")] if text else []


def open_keys(paths: list[Path], password_file: Path | None) -> list[Signer]:
    """Open key files, asking for a password only if one is needed."""
    if not paths:
        return []
    password: Password = obtain_password("the keys", file=password_file)
    return [open_key_file(path, password) for path in paths]


def reach_gateway(urls: list[str], timeout_s: float, pinned: TrustBundle) -> GatewayClient:
    """Make the client of the gateways named, of the ledger that is pinned."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415 (see above)

    return GatewayClient(urls, timeout_s=timeout_s, chain=pinned.chain_id)
