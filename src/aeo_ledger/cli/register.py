"""`aeo-ledger register`: bring a register that was kept elsewhere onto the ledger."""

from __future__ import annotations

import os
import secrets
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway, Keys, PasswordFile, Trust, open_keys
from aeo_ledger.cli.output import errors, now, reporting, show
from aeo_ledger.errors import MalformedText
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.import_register import import_register, parse_register

app = typer.Typer(help="A party's register.", no_args_is_help=True)


@app.callback()
def register() -> None:
    """A party's register."""


@app.command("import")
@reporting
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a first row of column names; see the README.")],
    party: Annotated[str, typer.Option(help="Code of the party that keeps the register and issues.")],
    trust: Trust,
    key: Keys,
    gateway: Gateway = DEFAULT_GATEWAY,
    documents: Annotated[
        Path | None,
        typer.Option(help="Where each document and its salt are kept for later disclosure; FILE.documents.jsonl"),
    ] = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Transcribe a register with its own dates. Running it twice changes nothing."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415

    pinned = read_trust(trust)
    try:
        text = read_file(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedText(str(file), f"byte {error.start} is not UTF-8", "a CSV file in UTF-8") from error
    rows = parse_register(StringIO(text, newline=""), party)
    signers = open_keys(key, password_file)
    kept = documents or file.with_name(f"{file.name}.documents.jsonl")
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with (
        os.fdopen(descriptor, "a", encoding="utf-8") as out,
        GatewayClient(gateway) as desk,
        Progress(console=errors, transient=True) as bar,
    ):
        member = find_party(desk.members(), party)
        task = bar.add_task(f"{party} register", total=len(rows))

        def keep(line: str) -> None:
            out.write(line + "\n")
            out.flush()

        done = import_register(
            desk,
            rows,
            register=member.number,
            issuer=member.number,
            signers=signers,
            trust=pinned,
            now=now(),
            salts=secrets.token_bytes,
            keep=keep,
            progress=lambda count: bar.advance(task, count),
        )
    blocks = sorted({receipt.block for receipt in done.receipts})
    document = {
        "recorded": done.recorded,
        "unchanged": done.unchanged,
        "different": list(done.different),
        "publications": len(done.receipts),
        "blocks": blocks,
        "documents": str(kept),
    }
    lines = [
        f"{done.recorded} certificates recorded in {len(done.receipts)} publications, blocks {blocks or 'none'}",
        f"{done.unchanged} unchanged",
    ]
    if done.recorded:
        lines.append(f"documents and salts, for later disclosure: {kept} (keep it, and keep it to yourself)")
    if done.different:
        lines.append(
            f"{len(done.different)} differ from the ledger and were left alone: {', '.join(done.different[:10])}"
        )
        lines.append("sign what changed: aeo-ledger amend, suspend, reinstate, ...")
    show(document, as_json=as_json, lines=lines)
