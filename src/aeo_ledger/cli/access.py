"""Who may ask a gateway: the options of `gateway`, and the key with which a command says who asks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.cli.output import hear, now
from aeo_ledger.cli.screen import named
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import UnknownParty
from aeo_ledger.evidence.identity import CODE
from aeo_ledger.signing import obtain_password, open_signer

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.gateway.access import Access
    from aeo_ledger.verify import TrustBundle

_USUAL_RATE: Final = "60000/minute"
"""How often one caller may ask a closed gateway by default: what a border system needs, and not what a core can answer."""


class Open(StrEnum):
    """To whom a gateway is open."""

    OPEN = "open"
    CLOSED = "closed"


AccessOption = Annotated[
    Open | None,
    typer.Option(
        "--access",
        help="open: everybody may ask. closed: those who show a token of a key that stands on the ledger (`aeo-ledger key token`). "
        "Default: open if --host is this machine alone, else closed.",
    ),
]
RateOption = Annotated[
    str | None,
    typer.Option(
        "--rate",
        metavar="N/TIME",
        help=f"How often one caller may ask, as 1000/second. Default: {_USUAL_RATE} if closed, else no limit.",
    ),
]
CorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cors",
        metavar="ORIGIN",
        help="Let web pages of this origin (https://HOST) ask from a browser; repeat it for more. Default: none may.",
    ),
]
OperatedByOption = Annotated[
    str | None,
    typer.Option(
        "--operated-by",
        metavar="CODE",
        help="The party whose operators may read /metrics from anywhere, with a token of the scope operate.",
    ),
]
TokenKeyOption = Annotated[
    str | None,
    typer.Option(
        "--token-key",
        metavar="CODE=FILE",
        envvar="AEO_LEDGER_TOKEN_KEY",
        help="For closed gateways: your party's code and the key file or signer file with which you say who asks.",
    ),
]
TokenPasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--token-password-file",
        envvar="AEO_LEDGER_TOKEN_PASSWORD_FILE",
        help="File whose first line is the password of --token-key. Default: AEO_LEDGER_PASSWORD, or you are asked.",
    ),
]

_TOKEN_KEY: ContextVar[tuple[str, Path | None] | None] = ContextVar("token_key", default=None)


def choose_access(
    host: str, access: Open | None, *, rate: str | None, cors: list[str] | None, operated_by: str | None
) -> Access:
    """Decide who may ask a gateway that listens at an address.

    Raises:
        MalformedText: The rate, an origin or the code of the party has another form.
    """
    from aeo_ledger.gateway.access import Access  # noqa: PLC0415 (needs the extra)

    is_closed = not _is_this_machine(host) if access is None else access is Open.CLOSED
    if operated_by is not None and not CODE.fullmatch(operated_by):
        raise MalformedText("--operated-by", ascii(operated_by[:40]), "the code of a party, such as BY")
    usual = _USUAL_RATE if is_closed else ""
    return Access(
        closed=is_closed,
        rate=usual if rate is None else rate,
        origins=tuple(cors or ()),
        operated_by=operated_by or "",
    )


def demand_operator(code: str | None, trust: TrustBundle) -> None:
    """Demand that the party that operates a gateway, by its code, is pinned.

    Raises:
        UnknownParty: It is not, so its operators could do nothing, and nobody would notice.
    """
    if code is not None and code not in trust.by_code:
        raise UnknownParty(code=code, known=tuple(trust.by_code))


def tell_access(access: Access) -> str:
    """Say who may ask."""
    return "closed: it asks for tokens" if access.closed else "open to everybody who reaches it"


def name_token_key(given: str | None, password_file: Path | None) -> None:
    """Remember the key with which this command says who asks; None is nobody."""
    _TOKEN_KEY.set(None if given is None else (given, password_file))


def open_token_key(chain_id: int) -> Callable[[str], str] | None:
    """Open the key that was named, and return what makes a token for a host; None if none was named.

    Raises:
        MalformedText: It is not CODE=FILE.
        MalformedKeyFile, UnreadableFile: The file cannot be used.
    """
    remembered = _TOKEN_KEY.get()
    if remembered is None:
        return None
    from aeo_ledger.signing.access import TokenSource  # noqa: PLC0415 (most commands need none)

    given, password_file = remembered
    code, _, file = given.partition("=")
    if not file or not CODE.fullmatch(code):
        raise MalformedText("--token-key", ascii(given[:80]), "CODE=FILE, as BY=operator.json")
    path = Path(file)
    signer = open_signer(path, lambda: obtain_password(f"the key in {named(path)}", file=password_file), hear=hear)
    return TokenSource(signer, code, chain_id=chain_id, clock=now, randomness=secrets.token_bytes).token


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
