"""`aeo-ledger arrangement`: sign an arrangement, mail it on, submit it when everybody has signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.acting import AllowUnproven, describe_progress, open_desk, tell_progress
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AsJson,
    Gateway,
    PasswordFile,
    Timeout,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.errors.cli import TermsDiffer
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.conclude import conclude as conclude_act
from aeo_ledger.office.conclude import draft, same_terms
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.documents import decode_text, parse_json
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
        list[Path] | None,
        typer.Option("--key", help="Key file of your authority; repeat it for each key that you hold."),
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the act and add your authority's signature. The act is kept beside the draft, to be mailed on; once complete, it is submitted."""
    pinned = read_trust(trust)
    with open_desk(gateway, timeout, pinned, yes=yes, unproven=unproven, as_json=as_json) as desk:
        kept, act = _open(file, desk)
        signers = open_keys(key or [], password_file)
        progress = conclude_act(act, signers, desk, keep=lambda signed: keep_act(kept, signed))
    document = {"act": str(kept), "missing": list(progress.missing), **describe_progress(progress)}
    show(document, as_json=as_json, lines=tell_progress(progress, "concluded", kept, signed=bool(signers)))


def _open(file: Path, desk: ProvenDesk) -> tuple[Path, SignedAct]:
    """Find the act to sign and its file. If a draft has an act already, that one gathers the signatures."""
    if file.suffix.lower() != ".toml":
        return file, read_act(file)
    kept = file.with_suffix(".act.json")
    act = draft(decode_text(read_file(file, max_bytes=LARGEST_ACT), document=str(file)), desk)
    if not kept.exists():
        return kept, act
    gathered = read_act(kept)
    if not same_terms(act, gathered):
        raise TermsDiffer(draft=str(file), act=str(kept))
    return kept, gathered


def read_act(path: Path) -> SignedAct:
    """Read an act that was mailed.

    Raises:
        UnreadableFile, MalformedDocument, MalformedText: it cannot be read.
    """
    return SignedAct.from_json(
        parse_json(read_file(path, max_bytes=LARGEST_ACT), document=str(path), max_bytes=LARGEST_ACT)
    )


def keep_act(path: Path, act: SignedAct) -> None:
    """Write an act to a file, to be mailed on."""
    write_file(path, f"{json.dumps(act.to_json(), indent=1)}\n".encode())
