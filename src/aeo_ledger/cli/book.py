"""`aeo-ledger book`: what an office keeps about all that it publishes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.booking import BookOption, open_book, open_kept_book
from aeo_ledger.cli.confirm import Yes, confirm
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import now, put, reporting, require_name, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment, show_moment
from aeo_ledger.office.naming import count
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.primitives.spans import parse_span

if TYPE_CHECKING:  # the base install has no database library
    from aeo_ledger.registers.book import Book
    from aeo_ledger.registers.book_rows import Shown

app = typer.Typer()

Of = Annotated[str | None, typer.Option("--party", help="Code of the party whose default book is meant.")]


@app.command("show")
@reporting
def show_trader(
    tin: Annotated[str, typer.Argument(metavar="TIN", help="Trader identification number, as registered.")],
    book: BookOption = None,
    party: Of = None,
    as_json: AsJson = False,
) -> None:
    """Show every document about a trader, oldest first, and whether the ledger is known to bind it."""
    trader = Tin(tin).text
    with open_kept_book(book, party) as kept:
        found = [_describe(row) for row in kept.documents_about(trader)]
    lines = [f"{count(len(found), 'document')} about {trader}"]
    for one in found:
        lines.append(f"{one['commitment']}: {one['kind']}, kept {show_moment(one['kept_at'])}, {_tell_bound(one)}")
        lines += [f"  {name}: {said(value)}" for name, value in (one["document"] or {}).items()]
    show({"tin": trader, "documents": found}, as_json=as_json, lines=lines)


def _describe(shown: Shown) -> dict[str, Any]:
    """Describe a document. Of one that was changed nothing is shown but that."""
    from aeo_ledger.registers.documents import Kind, read_document  # noqa: PLC0415 (only here)

    kept, bound = shown.kept, () if shown.damaged else shown.bound
    is_certificate = kept.kind is Kind.CERTIFICATE and not shown.damaged
    return {
        "commitment": to_hex(shown.commitment),
        "entry": to_hex(kept.entry),
        "kind": kept.kind.value,
        "media": kept.media,
        "kept_at": shown.kept_at,
        "damaged": shown.damaged,
        "bound": [{"event": event or None, "block": block} for event, block in bound],
        "document": read_document(kept.content) if is_certificate else None,
    }


def _tell_bound(one: Mapping[str, Any]) -> str:
    if one["damaged"]:
        return "CHANGED since: it does not fit its commitment (restore the book from `book backup`)"
    names = ("an act" if place["event"] is None else f"event {place['event']}" for place in one["bound"])
    told = "; ".join(
        f"by {name}, as of block {place['block']}" for name, place in zip(names, one["bound"], strict=True)
    )
    return f"bound by the ledger: {told}" if told else "not known to be published"


@app.command("log")
@reporting
def log(
    since: Annotated[
        str | None, typer.Option(help="A span such as 7d, a day (from midnight UTC), or a moment with its offset.")
    ] = None,
    book: BookOption = None,
    party: Of = None,
    as_json: AsJson = False,
) -> None:
    """Say who did what, when."""
    start = 0 if since is None else _read_since(since)
    with open_kept_book(book, party) as kept:
        found, acts = kept.read_log(start), kept.count_acts()
    rows = [{"at": one.at, "who": one.who.split(), "what": one.what, "words": one.words} for one in found]
    lines = [f"{show_moment(one.at)}  {one.what}: {one.words}{f' (by {one.who})' if one.who else ''}" for one in found]
    waiting = acts["prepared"] + acts["sent"]
    lines.append(f"{count(sum(acts.values()), 'signed act')}, {acts['sealed']:,} sealed, {waiting:,} not known to be")
    show({"log": rows, "acts": dict(acts)}, as_json=as_json, lines=lines)


def _read_since(text: str) -> int:
    """Read a span before now, a day or a moment."""
    if text[-1:] in {"s", "m", "h", "d"}:
        return now() - parse_span(text)
    return parse_moment(text, None, what="--since")


@app.command("export")
@reporting
def export(
    out: Annotated[
        Path, typer.Option(help="File to write; - is standard output. It holds salts: keep it secret.")
    ] = Path("-"),
    book: BookOption = None,
    party: Of = None,
) -> None:
    """Write everything in the book as JSON Lines."""
    with open_kept_book(book, party) as kept:
        data = "".join(f"{line}\n" for line in kept.export()).encode()
        kept.note("export", f"{len(data):,} bytes")
    if out == Path("-"):
        put(out, data)
    else:
        from aeo_ledger.files import create_file  # noqa: PLC0415 (only here)

        create_file(require_name(out), data, private=True)
    show({}, as_json=False, lines=[f"{len(data):,} bytes in {named(out)}"], beside=out)


@app.command("backup")
@reporting
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file. It holds salts: keep it secret.")],
    book: BookOption = None,
    party: Of = None,
    as_json: AsJson = False,
) -> None:
    """Copy the book to a new file, also while it is in use. A book in PostgreSQL has pg_dump."""
    with open_kept_book(book, party) as kept:
        kept.back_up(require_name(out))
    show({"out": str(out)}, as_json=as_json, lines=[f"copied to {named(out)}"])


@app.command("take")
@reporting
def take(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="`.documents.jsonl` files of earlier versions.")
    ],
    book: BookOption = None,
    party: Of = None,
    as_json: AsJson = False,
) -> None:
    """Take over documents that earlier versions kept. The files stay as they are."""
    from aeo_ledger.registers.take_over import take_over  # noqa: PLC0415 (needs the extra)

    with open_book(book, party) as kept:
        taken = {str(file): take_over(kept, file) for file in files}
    lines = [f"{count(number, 'new document')} from {named(file)}" for file, number in taken.items()]
    show({"taken": taken}, as_json=as_json, lines=lines)


@app.command("forget")
@reporting
def forget(
    commitment: Annotated[
        str, typer.Argument(metavar="HASH", help="The commitment of the document, 0x and 64 digits.")
    ],
    book: BookOption = None,
    party: Of = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete a document with its salt, for good. Its commitment stays on the ledger; nobody can open it any more."""
    wanted = parse_hex(commitment, what="HASH", length=32)
    with open_kept_book(book, party) as kept:
        confirm(f"the document of {to_hex(wanted)} in {named(kept.name)}", yes=yes, question="delete it for good")
        kept.forget(wanted)
        where = kept.name
    lines = [f"deleted from {named(where)}; backups and exports still have it"]
    show({"commitment": to_hex(wanted), "book": where}, as_json=as_json, lines=lines)


@app.command("set")
@reporting
def set_limits(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Code of the party.")],
    ends: Annotated[str | None, typer.Option(help="Percent of a register that one file may end, or default.")] = None,
    changes: Annotated[
        str | None, typer.Option(help="Percent of a register that one file may change, or default.")
    ] = None,
    book: BookOption = None,
    as_json: AsJson = False,
) -> None:
    """Set how much of a party's register one file may end or change without --allow; without an option, show it."""
    from aeo_ledger.registers.valve import LIMITS  # noqa: PLC0415 (only here)

    with open_book(book, party) as kept:
        for name, text in (("ends", ends), ("changes", changes)):
            if text is not None:
                kept.set_limit(party, name, _read_percent(name, text))
        own = _limits(kept, party)
    found = {name: own.get(name, limit.percent) for name, limit in LIMITS.items()}
    lines = [f"{party}: one file may {limit.what} {found[name]} % of the register" for name, limit in LIMITS.items()]
    show({"party": party, **found}, as_json=as_json, lines=lines)


def _limits(kept: Book, party: str) -> dict[str, int]:
    return dict(kept.limits(party))


def _read_percent(name: str, text: str) -> int | None:
    if text == "default":
        return None
    if not text.isascii() or not text.isdigit() or int(text[:4]) > 100:
        raise MalformedText(f"--{name}", repr(text)[:40], "a whole number from 0 to 100, or default")
    return int(text)
