"""`aeo-ledger act`: an act that several must sign, as a file: show it, sign it, submit it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.acting import describe_progress, is_plan, keep_act, read_act, tell_progress, tell_signatures
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.plans import show_plan
from aeo_ledger.cli.shared import READS, SIGNS, SUBMITS, Common, sharing
from aeo_ledger.cli.texts import Text, compare_text, tell_text
from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.tin import read_tin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.gather import gather, submit_file
from aeo_ledger.office.rehearse import tell_refusal
from aeo_ledger.office.who_signs import list_sides
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.entries import is_entry_of
from aeo_ledger.verify import TrustBundle

if TYPE_CHECKING:  # few commands need it
    from aeo_ledger.signing.lookup_file import HeldKeys

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
@sharing(READS | {"lookup_keys", "password_file", "lang"})
def show_act(file: FileArgument, common: Common, tin: Traders = None, text: Text = None) -> None:
    """Show an act or a plan in words, from its own bytes and proven facts: who has signed, who is missing. Needs no key."""
    if is_plan(file):
        compare_text(text, None)
        show_plan(file, common)
        return
    read = read_act(file)
    compared = compare_text(text, read.act)
    with common.open_desk() as desk:
        progress = gather(
            read,
            [],
            desk,
            keep=lambda _: None,
            traders=_name_traders(read, tin, desk.keys),
            looks=True,
        )
    words = common.words
    lines = [*progress.told, *tell_signatures(progress.signed, progress.lacks, words)]
    lines += tell_text(compared, words)
    if progress.refused:
        lines.append(words.say("the ledger would refuse it: {why}", why=tell_refusal(progress.refused, words)))
    refused = progress.refused and {"code": progress.refused.name, "detail": str(progress.refused)}
    document = describe_progress(progress, file) | {"refused": refused} | ({"text": compared} if compared else {})
    show(document, as_json=common.as_json, lines=lines)


@app.command("sign")
@reporting
@sharing(SIGNS | {"book", "lookup_keys", "lang"})
def sign(
    file: FileArgument,
    common: Common,
    tin: Traders = None,
    join: Annotated[
        list[Path] | None,
        typer.Option("--join", help="A copy of the file that was signed elsewhere; repeat it for more."),
    ] = None,
) -> None:
    """Show an act in words, ask, and add your signature to its file, and those of copies."""
    if not common.key and not join:
        raise MalformedText("--key", "none", "a key file, or --join with a copy of the file")
    read, copies = read_act(file), [read_act(path) for path in join or []]
    with common.open_desk() as desk, keeping(desk, common.book, _actor(read, desk.trust)):
        progress = gather(
            read,
            common.open_keys(),
            desk,
            keep=lambda signed: keep_act(file, signed),
            copies=copies,
            traders=_name_traders(read, tin, desk.keys),
            submits=False,
        )
    lines = tell_progress(progress, "", file, signed=True, words=common.words)
    show(describe_progress(progress, file), as_json=common.as_json, lines=lines)


@app.command("submit")
@reporting
@sharing(SUBMITS | {"book", "lookup_keys", "password_file", "lang"})
def submit(file: FileArgument, common: Common, tin: Traders = None) -> None:
    """Submit an act that everybody has signed. Needs no key."""
    read = read_act(file)
    with common.open_desk() as desk, keeping(desk, common.book, _actor(read, desk.trust)):
        progress = submit_file(read, desk, _name_traders(read, tin, desk.keys))
    words = common.words
    done = words.say("done: {act}", act=progress.told[0])
    lines = tell_progress(progress, done, file, signed=False, words=words)
    show(describe_progress(progress, file), as_json=common.as_json, lines=lines)


def _actor(file: ActFile, trust: TrustBundle) -> str | None:
    """Find the code of the party that acts; None if several decide, or if the bundle does not name it."""
    numbers = {number for side in list_sides(file.act) for number in side.parties or (NETWORK,)}
    acting = trust.by_number.get(numbers.pop()) if len(numbers) == 1 else None
    return None if acting is None else acting.code


def _name_traders(file: ActFile, tins: list[str] | None, keys: HeldKeys) -> dict[bytes, str]:
    """Name the traders of a file's entries, as far as they are among these; in a keyed register with its lookup keys."""
    values: Any = file.act.values
    entries = [event["entry"] for event in values.get("events", ())] + [
        values[name] for name in ("entry",) if name in values
    ]
    traders = [read_tin(tin, accept_odd=True) for tin in tins or []]
    return {entry: trader.text for entry in entries for trader in traders if is_entry_of(entry, trader, keys.lookup)}
