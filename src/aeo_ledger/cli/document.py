"""`aeo-ledger document`: what a commitment on the ledger binds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.booking import BookOption, open_book
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

app = typer.Typer(help="Documents that commitments on the ledger bind.", no_args_is_help=True)


@app.callback()
def document() -> None:
    """Documents that commitments on the ledger bind."""


@app.command("show")
@reporting
def show_document(
    commitment: Annotated[
        str, typer.Argument(metavar="HASH", help="The commitment, 0x and 64 digits, as `history` shows it.")
    ],
    book: BookOption = None,
    party: Annotated[str | None, typer.Option("--party", help="Code of the party whose default book is meant.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the document itself to a file; - is standard output.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the document of a commitment from the book, checked against it; with --out, write its bytes."""
    refuse_two_outputs(out, as_json=as_json)
    from aeo_ledger.registers.documents import Kind, read_document  # noqa: PLC0415 (needs no extra, but only here)

    wanted = parse_hex(commitment, what="HASH", length=32)
    with open_book(book, party) as kept:
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
