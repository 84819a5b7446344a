"""`aeo-ledger arrangement`: sign an arrangement, mail it on, submit it when everybody has signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway, PasswordFile, Trust, open_keys
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.errors import MalformedText, TermsDiffer
from aeo_ledger.office.ask import read_file, read_trust, write_file
from aeo_ledger.office.conclude import conclude as conclude_act
from aeo_ledger.office.conclude import draft, same_terms
from aeo_ledger.office.desk import Desk
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.protocol.acts import LARGEST_ACT, SignedAct

app = typer.Typer(help="Mutual recognition arrangements.", no_args_is_help=True)


@app.callback()
def arrangement() -> None:
    """Mutual recognition arrangements."""


@app.command("conclude")
@reporting
def conclude(
    file: Annotated[Path, typer.Argument(help="Draft (FILE.toml), or the act that was mailed to you (FILE.act.json).")],
    trust: Trust,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="Authority's key file; again for each you hold.")
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Add your authority's signature. The act is kept beside the draft, to be mailed on; once complete, it is submitted."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415

    pinned = read_trust(trust)
    with GatewayClient(gateway) as desk:
        kept, act = _open(file, desk)
        signers = open_keys(key or [], password_file)
        progress = conclude_act(act, signers, desk, pinned, keep=lambda signed: _keep(kept, signed))
    receipt = progress.receipt
    document = {
        "act": str(kept),
        "missing": list(progress.missing),
        "block": receipt.block if receipt else None,
        "transaction": receipt.transaction if receipt else None,
    }
    if receipt:
        lines = [f"concluded: sealed in block {receipt.block}"]
    else:
        lines = [f"signed; still missing: {', '.join(progress.missing)}", f"mail on: {kept}"]
    show(document, as_json=as_json, lines=lines)


def _open(file: Path, desk: Desk) -> tuple[Path, SignedAct]:
    """Find the act to sign and where it is kept: the draft's own, if signatures were gathered already."""
    if file.suffix != ".toml":
        return file, _read_act(file)
    kept = file.with_suffix(".act.json")
    try:
        act = draft(read_file(file).decode(), desk, now=now())
    except UnicodeDecodeError as error:
        raise MalformedText(str(file), f"byte {error.start} is not UTF-8", "a TOML file in UTF-8") from error
    if not kept.exists():
        return kept, act
    gathered = _read_act(kept)
    if not same_terms(act, gathered):
        raise TermsDiffer(draft=str(file), act=str(kept))
    return kept, gathered


def _read_act(path: Path) -> SignedAct:
    return SignedAct.from_json(parse_json(read_file(path), document=str(path), max_bytes=LARGEST_ACT))


def _keep(path: Path, act: SignedAct) -> None:
    write_file(path, f"{json.dumps(act.to_json(), indent=1)}\n".encode())
