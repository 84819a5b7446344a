"""`aeo-ledger register export` and `aeo-ledger export recognised`: registers go out again, each with the block at which it is true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.cli import export_ledger
from aeo_ledger.cli.booking import BookOption, opening_book
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    SNAPSHOT_TIMEOUT,
    AsJson,
    Gateway,
    LookupKeysOption,
    PasswordFile,
    Recogniser,
    Timeout,
    Trust,
    held_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.reading import open_profile
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.state import (
    DocumentsOption,
    SinceOption,
    SnapshotOption,
    fetch_state,
    moment_of,
    read_since,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import create_file, making_folder
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count
from aeo_ledger.primitives.choices import choose
from aeo_ledger.registers.sheet import Form

if TYPE_CHECKING:  # other commands do not need it
    from aeo_ledger.registers.table import Table

app = typer.Typer()

_EXTRAS: Final = {Form.XLSX: ("office", "xlsxwriter"), Form.PARQUET: ("parquet", "pyarrow")}
"""The extra that a form needs, and its module."""

Out = Annotated[Path, typer.Option(help="New folder for the files and their datapackage.json.")]
As = Annotated[
    list[str] | None,
    typer.Option("--as", metavar="FORM", help=f"{', '.join(Form)}. Repeat it for each. Default: csv."),
]


@reporting
def export_register(
    party: Annotated[str, typer.Option(help="Code of the party that keeps the register.")],
    out: Out,
    trust: Trust,
    as_: As = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", help="Write the form of this profile, by name or file, with its columns and words alone."
        ),
    ] = None,
    since: SinceOption = None,
    book: BookOption = None,
    documents: DocumentsOption = None,
    snapshot: SnapshotOption = None,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """Write a register as tables: what the ledger proves, with the columns that only documents have.

    A standing without a document has its pseudonym and empty columns; the form
    of a profile, which has no place for it, leaves it out and says so.
    """
    from aeo_ledger.registers.export import count_moments, list_standings, make_partner_table, make_table  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.find_documents import find_documents  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.state import RegisterState  # noqa: PLC0415 (the same)

    pinned, forms = read_trust(trust), _read_forms(as_, out)
    form = None if profile is None else open_profile(profile)
    member = find_party(pinned, party)
    words = fetch_state(gateway, timeout, pinned, snapshot)
    after = read_since(since, words, gateway, timeout, member.code, as_json=as_json)
    with opening_book(book, member.code) as opened:
        known = find_documents(
            words, [member.number], opened, documents or [], held_keys(lookup_keys, password_file, pinned).lookup
        )
    standings = list_standings(RegisterState(words, member.number), member.code, known, since=after)
    moment = moment_of(words, after)
    unknown = sum(not one.known for one in standings)
    if form is None:
        table = make_table(standings, member.code, moment)
        note = f"{count(unknown, 'standing')} without a document: pseudonyms and empty columns"
    else:
        table = make_partner_table(standings, member.code, form, moment)
        note = f"{count(unknown, 'standing')} without a document left out: the profile {form.name} has no column for a pseudonym"
    notes = [note] if unknown else []
    if form is not None and (moments := count_moments(standings, member.code)):
        notes.append(f"{count(moments, 'standing')} with a time of day, which is written like 2019-07-24T08:30:00Z")
    _write(table, forms, out, {"undocumented": unknown}, notes, as_json=as_json)


@app.command("recognised")
@reporting
def recognised(
    recogniser: Recogniser,
    out: Out,
    trust: Trust,
    as_: As = None,
    since: SinceOption = None,
    book: BookOption = None,
    documents: DocumentsOption = None,
    snapshot: SnapshotOption = None,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """Write every certificate that a party recognises now: in which roles, directions and benefits, under which arrangements.

    With --since, every certificate about which the answer may have changed,
    recognised or not.
    """
    from aeo_ledger.registers.find_documents import find_documents  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.recognised import list_recognised, make_recognised_table, name_table  # noqa: PLC0415 (other commands do not need it)

    pinned, forms = read_trust(trust), _read_forms(as_, out)
    asker = find_party(pinned, recogniser)
    words = fetch_state(gateway, timeout, pinned, snapshot)
    after = read_since(since, words, gateway, timeout, name_table(asker.code), as_json=as_json)
    with opening_book(book, asker.code) as opened:
        known = find_documents(
            words, pinned.by_number, opened, documents or [], held_keys(lookup_keys, password_file, pinned).lookup
        )
    rows = list_recognised(words, asker.number, known, since=after)
    table = make_recognised_table(rows, asker.code, moment_of(words, after))
    unknown = sum(row[1] == "" for row in rows)
    note = f"{count(unknown, 'line')} without a document: pseudonyms and empty columns"
    _write(table, forms, out, {"undocumented": unknown}, [note] if unknown else [], as_json=as_json)


def _read_forms(names: Sequence[str] | None, out: Path) -> list[Form]:
    """Read the forms to write, and refuse a name that looks like one of the files: `--out` is their folder.

    Raises:
        MalformedText: there is no such form, or the folder has the name of a file.
        ExtraMissing: a form needs an extra that is not installed.
    """
    if any(out.name.lower().endswith(f".{form}") for form in Form):
        raise MalformedText("--out", str(out), "the name of a new folder, in which the files get their own names")
    forms = [
        Form(choose(name, [form.value for form in Form], what="--as"))
        for name in dict.fromkeys(names or [Form.CSV.value])
    ]
    for form in forms:
        if form in _EXTRAS:
            demand_extra(*_EXTRAS[form])
    return forms


def _write(
    table: Table, forms: Sequence[Form], out: Path, more: dict[str, int], notes: Sequence[str], *, as_json: bool
) -> None:
    from aeo_ledger.registers.table import describe_package  # noqa: PLC0415 (other commands do not need it)

    files = [(form, f"{table.name}.{form}", table.write(form)) for form in forms]
    with making_folder(out) as folder:
        for _, name, data in files:
            create_file(folder / name, data)
        create_file(folder / "datapackage.json", describe_package(table, files))
    show(
        {
            "out": str(out),
            "files": [name for _, name, _ in files],
            "rows": len(table.rows),
            **table.moment.describe(),
            **more,
        },
        as_json=as_json,
        lines=[
            f"{count(len(table.rows), 'row')} in {', '.join(named(out / name) for _, name, _ in files)}",
            *table.moment.tell(),
            *notes,
        ],
    )


app.command("ledger")(export_ledger.ledger)
