"""`aeo-ledger register profile`: how an administration writes its register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import put, reporting, show
from aeo_ledger.cli.reading import EncodingOption, open_profile
from aeo_ledger.cli.screen import named, said
from aeo_ledger.cli.written import PROFILE
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.naming import count
from aeo_ledger.registers.shipped import PROFILES, is_shipped, read_shipped

app = typer.Typer(help="How an administration writes its register.", no_args_is_help=True)


@app.callback()
def profile() -> None:
    """How an administration writes its register."""


@app.command("list")
@reporting
def list_(as_json: AsJson = False) -> None:
    """List the profiles that come with the package."""
    found = [open_profile(name) for name in PROFILES]
    show(
        {"profiles": [{"name": one.name, "about": one.about} for one in found]},
        as_json=as_json,
        lines=[f"{one.name:<10} {one.about}" for one in found],
    )


@app.command("show")
@reporting
def show_profile(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"{' or '.join(PROFILES)}, or your own file, to be checked.")
    ],
    out: Annotated[Path, typer.Option(help="File to write; - is standard output."), PROFILE] = Path("-"),
) -> None:
    """Write a profile, TOML: to see what it says, or to begin your own with it."""
    from aeo_ledger.registers.profile import MAX_BYTES, parse_profile  # noqa: PLC0415 (other commands do not need it)

    data = read_shipped(name) if is_shipped(name) else read_file(Path(name), max_bytes=MAX_BYTES)
    found = parse_profile(data, document=name)
    put(out, data)
    line = f"profile {found.name}: {count(len(found.columns), 'heading')}, {count(sum(map(len, found.words.values())), 'word')}"
    show({"out": str(out)}, as_json=False, lines=[line], beside=out)


@app.command("new")
@reporting
def new(
    file: Annotated[Path, typer.Argument(help="A register's file as you have it.")],
    name: Annotated[str, typer.Option(help="Name of the profile: small letters, digits, - and _.")] = "own",
    encoding: EncodingOption = None,
    out: Annotated[Path, typer.Option(help="File to write; - is standard output."), PROFILE] = Path("-"),
) -> None:
    """Propose a profile from a file's head. Read it, and answer the questions in it, before you use it."""
    from aeo_ledger.registers.encodings import is_utf_8, propose_encoding  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.open_sheet import is_workbook, read_sheet  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.profile import bare  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.propose_profile import propose_profile  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.sheet import MAX_BYTES  # noqa: PLC0415 (the same)

    data = read_file(file, max_bytes=MAX_BYTES)
    if is_workbook(data):
        demand_extra("office", "python_calamine")
    elif encoding is None and not is_utf_8(data):
        demand_extra("office", "charset_normalizer")
    known = {bare(heading) for one in PROFILES for heading in open_profile(one).columns}
    sheet = read_sheet(
        data, encoding=encoding or propose_encoding(data) or None, insist=True, knows=lambda one: bare(one) in known
    )
    text = propose_profile(sheet, name)
    put(out, text.encode())
    open_ = sum("?" in line.partition("#")[2] for line in text.splitlines())
    lines = [
        f"{count(len(sheet.header), 'column')} of {named(file)}, read as {said(sheet.dialect.encoding) if sheet.form != 'xlsx' else 'XLSX'}",
        f"{count(open_, 'question')} in {named(out)}: answer them, and check the rest"
        if open_
        else f"check {named(out)} before you use it",
    ]
    show({"out": str(out)}, as_json=False, lines=lines, beside=out)
