"""`aeo-ledger console`: what officers look at in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import AsJson, Trust
from aeo_ledger.cli.output import put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import VERIFIER
from aeo_ledger.console.verifier_file import write_verifier
from aeo_ledger.errors.verify import UnknownParty
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.verify.trust import fingerprint

app = typer.Typer()


@app.command("verifier")
@reporting
def verifier(
    trust: Trust,
    out: Annotated[Path, typer.Option(help="File to write; - is standard output."), VERIFIER] = Path("verify.html"),
    max_age: Annotated[str, typer.Option(help="Oldest block that the page accepts at first, as in 5m, 2h, 1d.")] = "1d",
    recogniser: Annotated[str, typer.Option(help="Code of the party whose officers use it. Default: the first.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a page that checks evidence and snapshots in a browser, from a file, without a network.

    It trusts exactly your trust bundle. Hand it over like the bundle: by a channel that you trust.
    """
    refuse_two_outputs(out, as_json=as_json)
    pinned, span = read_trust(trust), parse_span(max_age)
    if recogniser and recogniser not in pinned.by_code:
        raise UnknownParty(code=recogniser, known=tuple(pinned.by_code))
    data = write_verifier(pinned, max_age=span, recogniser=recogniser)
    put(out, data)
    mark = to_hex(fingerprint(pinned))
    show(
        {"out": str(out), "bytes": len(data), "fingerprint": mark},
        as_json=as_json,
        lines=[f"{len(data):,} bytes in {named(out)}", f"it trusts the bundle with the fingerprint {mark}"],
        beside=out,
    )
