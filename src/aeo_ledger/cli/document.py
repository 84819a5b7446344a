"""`aeo-ledger document`: what a commitment on the ledger binds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli import disclosing
from aeo_ledger.cli.booking import BookOption, open_kept_book
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AsJson,
    Gateway,
    PasswordFile,
    Timeout,
    open_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

if TYPE_CHECKING:  # only for its name
    from aeo_ledger.registers.documents import Kept

app = typer.Typer()
app.command("of")(disclosing.show_certificate)
app.command("check")(disclosing.check)


@app.command("show")
@reporting
def show_document(
    commitment: Annotated[
        str, typer.Argument(metavar="HASH", help="The commitment, 0x and 64 digits, as `history --json` shows it.")
    ],
    book: BookOption = None,
    party: Annotated[str | None, typer.Option("--party", help="Code of the party whose default book is meant.")] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Ask the issuer's gateway instead of a book: your operator's key file, which signs the request.",
            exists=True,
        ),
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", envvar="AEO_LEDGER_TRUST", help="With --key: your pinned trust.")
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    password_file: PasswordFile = None,
    out: Annotated[Path | None, typer.Option(help="Write the document itself to a file; - is standard output.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the document of a commitment, from the book or the issuer's gateway, checked; with --out, write its bytes."""
    refuse_two_outputs(out, as_json=as_json)
    from aeo_ledger.registers.documents import Kind, read_document  # noqa: PLC0415 (needs no extra, but only here)

    wanted = parse_hex(commitment, what="HASH", length=32)
    if key is not None:
        found = _fetch(wanted, key, trust, gateway, timeout, password_file)
    else:
        with open_kept_book(book, party) as kept:
            found = kept.find(wanted)
    if out is not None:
        put(out, found.content)
    values = read_document(found.content) if found.kind is Kind.CERTIFICATE else None
    shown = {
        "commitment": to_hex(wanted),
        "kind": found.kind.value,
        "media": found.media,
        "tin": found.tin or None,
        "entry": to_hex(found.entry),
        "salt": to_hex(found.salt),
        "bytes": len(found.content),
        "content": to_hex(found.content),
        "document": values,
    }
    lines = [
        f"{found.kind.value} of {found.tin or to_hex(found.entry)}, {len(found.content):,} bytes of {found.media}",
        f"it is what {to_hex(wanted)} binds, with the salt {to_hex(found.salt)}",
        *(f"  {name}: {said(value)}" for name, value in (values or {}).items()),
        *([f"written to {named(out)}"] if out is not None else []),
    ]
    show(shown, as_json=as_json, lines=lines, beside=out)


def _fetch(
    wanted: bytes, key: Path, trust: Path | None, gateways: list[str], timeout: float, password_file: Path | None
) -> Kept:
    """Ask a gateway for the document of a commitment (32 bytes)."""
    if trust is None:
        raise MalformedText("--trust", "none", "the trust bundle of the ledger, with --key")
    pinned = read_trust(trust)
    (signer,) = open_keys([key], password_file)
    with reach_gateway(gateways, timeout, pinned) as desk:
        return desk.document(wanted, disclosing.request_of(wanted, pinned, signer))
