"""`aeo-ledger act`: an act that several must sign, as a file: show it, sign it, submit it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    Lang,
    LookupKeysOption,
    OwnKeys,
    PasswordFile,
    Timeout,
    Trust,
    held_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.customs.tin import read_tin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.gather import gather, submit_file
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.entries import is_entry_of

app = typer.Typer()
Traders = Annotated[
    list[str] | None,
    typer.Option(
        "--tin", metavar="TIN", help="A trader that the act may be about, to be named in it; repeat it for more."
    ),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the act (FILE.act.json).")]


@app.command("show")
@reporting
def show_act(
    file: FileArgument,
    trust: Trust,
    tin: Traders = None,
    lookup_keys: LookupKeysOption = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Show an act in words, from its own bytes and proven facts: who has signed, who is missing. Needs no key."""
    common = Common(trust, None, gateway, timeout, True, unproven, None, as_json, lang=lang)
    with common.open_desk() as desk:
        read = read_act(file)
        progress = gather(
            read,
            [],
            desk,
            keep=lambda _: None,
            traders=_name_traders(read, tin, lookup_keys, password_file),
            looks=True,
        )
    words = common.words
    lines = [*progress.told, *(words.say("signed by {who}", who=who) for who in progress.signed)]
    lines.append(
        words.say("still missing: {who}", who=tell_lacks(progress, words))
        if progress.lacks
        else words.say("everybody has signed that must")
    )
    lines += [words.say("the ledger would refuse it: {why}", why=progress.refused)] if progress.refused else []
    refused = progress.refused and {"code": progress.refused.name, "detail": str(progress.refused)}
    show(describe_progress(progress, file) | {"refused": refused}, as_json=as_json, lines=lines)


@app.command("sign")
@reporting
def sign(
    file: FileArgument,
    trust: Trust,
    tin: Traders = None,
    lookup_keys: LookupKeysOption = None,
    key: OwnKeys = None,
    join: Annotated[
        list[Path] | None,
        typer.Option("--join", help="A copy of the file that was signed elsewhere; repeat it for more."),
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Show an act in words, ask, and add your signature to its file, and those of copies."""
    if not key and not join:
        raise MalformedText("--key", "none", "a key file, or --join with a copy of the file")
    common = Common(trust, key, gateway, timeout, yes, unproven, password_file, as_json, lang=lang)
    with common.open_desk() as desk:
        read, copies = read_act(file), [read_act(path) for path in join or []]
        progress = gather(
            read,
            common.open_keys(),
            desk,
            keep=lambda signed: keep_act(file, signed),
            copies=copies,
            traders=_name_traders(read, tin, lookup_keys, password_file),
            submits=False,
        )
    lines = tell_progress(progress, "", file, signed=True, words=common.words)
    show(describe_progress(progress, file), as_json=as_json, lines=lines)


@app.command("submit")
@reporting
def submit(
    file: FileArgument,
    trust: Trust,
    tin: Traders = None,
    lookup_keys: LookupKeysOption = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Submit an act that everybody has signed. Needs no key."""
    common = Common(trust, None, gateway, timeout, yes, unproven, None, as_json, lang=lang)
    with common.open_desk() as desk:
        read = read_act(file)
        progress = submit_file(read, desk, _name_traders(read, tin, lookup_keys, password_file))
    words = common.words
    done = words.say("done: {act}", act=progress.told[0])
    lines = tell_progress(progress, done, file, signed=False, words=words)
    show(describe_progress(progress, file), as_json=as_json, lines=lines)


def _name_traders(
    file: ActFile, tins: list[str] | None, lookup_keys: Path | None, password_file: Path | None
) -> dict[bytes, str]:
    """Name the traders of a file's entries, as far as they are among these; in a keyed register with its lookup keys."""
    values: Any = file.act.values
    entries = [event["entry"] for event in values.get("events", ())] + [
        values[name] for name in ("entry",) if name in values
    ]
    traders = [read_tin(tin, accept_odd=True) for tin in tins or []]
    keys = held_keys(lookup_keys, password_file).lookup
    return {entry: trader.text for entry in entries for trader in traders if is_entry_of(entry, trader, keys)}
