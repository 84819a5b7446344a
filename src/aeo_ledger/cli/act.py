"""`aeo-ledger act`: an act that several must sign, as a file: show it, sign it, submit it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.acting import (
    AllowUnproven,
    describe_progress,
    keep_act,
    read_act,
    tell_lacks,
    tell_progress,
)
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.drafting import Common
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AsJson,
    Gateway,
    OwnKeys,
    PasswordFile,
    Timeout,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.gather import gather, submit_file

app = typer.Typer(help="Acts as files, that go round for signatures in any order.", no_args_is_help=True)
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the act (FILE.act.json).")]


@app.command("show")
@reporting
def show_act(
    file: FileArgument,
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    unproven: AllowUnproven = False,
    as_json: AsJson = False,
) -> None:
    """Show an act in words, from its own bytes and proven facts: who has signed, who is missing. Needs no key."""
    common = Common(trust, None, gateway, timeout, True, unproven, None, as_json)
    with common.open_desk() as desk:
        progress = gather(read_act(file), [], desk, keep=lambda _: None, looks=True)
    lines = [*progress.told, *(f"signed by {who}" for who in progress.file.signed)]
    lines.append(f"still missing: {tell_lacks(progress)}" if progress.lacks else "everybody has signed that must")
    lines += [f"the ledger would refuse it: {progress.refused}"] if progress.refused else []
    refused = progress.refused and {"code": progress.refused.name, "detail": str(progress.refused)}
    show(describe_progress(progress, file) | {"refused": refused}, as_json=as_json, lines=lines)


@app.command("sign")
@reporting
def sign(
    file: FileArgument,
    trust: Trust,
    key: OwnKeys = None,
    join: Annotated[
        list[Path] | None, typer.Option("--join", help="A copy of the file that was signed elsewhere; repeat it for more.")
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Show an act in words, ask, and add your signature to its file, and those of copies."""
    if not key and not join:
        raise MalformedText("--key", "none", "a key file, or --join with a copy of the file")
    common = Common(trust, key, gateway, timeout, yes, unproven, password_file, as_json)
    with common.open_desk() as desk:
        signers, copies = open_keys(key or [], password_file), [read_act(path) for path in join or []]
        progress = gather(
            read_act(file), signers, desk, keep=lambda signed: keep_act(file, signed), copies=copies, submits=False
        )
    lines = tell_progress(progress, "", file, signed=True)
    show(describe_progress(progress, file), as_json=as_json, lines=lines)


@app.command("submit")
@reporting
def submit(
    file: FileArgument,
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    as_json: AsJson = False,
) -> None:
    """Submit an act that everybody has signed. Needs no key."""
    common = Common(trust, None, gateway, timeout, yes, unproven, None, as_json)
    with common.open_desk() as desk:
        progress = submit_file(read_act(file), desk)
    lines = tell_progress(progress, f"done: {progress.told[0]}", file, signed=False)
    show(describe_progress(progress, file), as_json=as_json, lines=lines)
