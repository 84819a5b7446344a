"""`aeo-ledger alias`: say by proof which foreign trader a code means to a recogniser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.acting import describe_facts
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.options import AcceptOdd, Keys, KindOption, Recogniser
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.shared import KEEPS, READS, Common, sharing
from aeo_ledger.customs.alias_codes import AliasCode, name_kind, read_alias
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.tin import Tin, read_tin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office import alias as office
from aeo_ledger.office.alias_file import COLUMNS, AliasRow, read_alias_file
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.carry_out import number_of
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count, name_types
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.publish import find_register
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify import ProvenState, TrustBundle, TrustedParty

app = typer.Typer()

CodeArgument = Annotated[str | None, typer.Argument(metavar="[CODE]", help="The code; or give --file.")]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="CSV in UTF-8 with a first row of column names, explained below.")
]
TinOption = Annotated[str | None, typer.Option("--tin", help="TIN of the trader that the code means.")]
ShowAll = Annotated[bool, typer.Option("--show-all", help="Show each act before it is signed, however many there are.")]

_EPILOG = "Columns of a file: " + "; ".join(f"{name}: {meaning}" for name, meaning in COLUMNS.items()) + "."


@app.command("bind", epilog=_EPILOG)
@reporting
@sharing(KEEPS | {"lookup_keys"}, key=Keys)
def bind(
    recogniser: Recogniser,
    common: Common,
    code: CodeArgument = None,
    kind: KindOption = None,
    tin: TinOption = None,
    certificate_type: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            help="Certificate type, by its name in the register; repeat it. Default: each that the trader has.",
        ),
    ] = None,
    file: FileOption = None,
    register: Annotated[
        str | None, typer.Option("--register", help="Code of the register's party. Default: where the TIN leads.")
    ] = None,
    also: Annotated[
        bool, typer.Option("--also", help="Bind a second trader to an alias, which makes it ambiguous.")
    ] = False,
    accept_odd: AcceptOdd = False,
    show_all: ShowAll = False,
) -> None:
    """Bind codes to the traders that they mean; signed by the recogniser's operators. A second run changes nothing.

    The ledger has a code's hash, which has no key: whoever knows or tries a code finds the pseudonym of its trader, in a keyed register too.
    """
    if file is None:
        if code is None or tin is None:
            raise MalformedText("alias bind", "no CODE" if code is None else "no --tin", "both, or --file")
        one = AliasRow(
            alias=read_alias(code, kind), tin=read_tin(tin, accept_odd=accept_odd), types=tuple(certificate_type or ())
        )
        rows: tuple[AliasRow, ...] = (one,)
    else:
        _refuse_beside_file(CODE=code, kind=kind, tin=tin, type=certificate_type)
        rows = _read_rows(file, accept_odd=accept_odd)
    with (
        common.open_desk() as desk,
        keeping(desk, common.book, recogniser),
        _counting(desk, recogniser, as_json=common.as_json) as progress,
    ):
        done = office.bind_aliases(
            desk,
            rows,
            recogniser=find_party(desk.trust, recogniser).number,
            register_of_trader=_register_of(desk, register),
            signers=common.open_keys(),
            grounds=keep_grounds(common.grounds, common.book, recogniser, tin=_about(row.tin for row in rows)),
            also=also,
            show_all=show_all,
            progress=progress,
        )
    _show_done(
        done, f"{count(len(rows) - done.unchanged, 'code')} of {recogniser} bound", recogniser, as_json=common.as_json
    )


@app.command("release", epilog=_EPILOG)
@reporting
@sharing(KEEPS | {"lookup_keys"}, key=Keys)
def release(
    recogniser: Recogniser,
    common: Common,
    code: CodeArgument = None,
    kind: KindOption = None,
    tin: TinOption = None,
    file: FileOption = None,
    accept_odd: AcceptOdd = False,
    show_all: ShowAll = False,
) -> None:
    """Release codes, so that they no longer mean their traders; signed by the recogniser's operators."""
    asked: list[tuple[AliasCode, Tin | None]]
    if file is None:
        if code is None:
            raise MalformedText("alias release", "no CODE", "one, or --file")
        asked = [(read_alias(code, kind), None if tin is None else read_tin(tin, accept_odd=accept_odd))]
    else:
        _refuse_beside_file(CODE=code, kind=kind, tin=tin)
        asked = [(row.alias, row.tin) for row in _read_rows(file, accept_odd=accept_odd)]
    with (
        common.open_desk() as desk,
        keeping(desk, common.book, recogniser),
        _counting(desk, recogniser, as_json=common.as_json) as progress,
    ):
        done = office.release_aliases(
            desk,
            asked,
            recogniser=find_party(desk.trust, recogniser).number,
            signers=common.open_keys(),
            grounds=keep_grounds(common.grounds, common.book, recogniser, tin=_about(trader for _, trader in asked)),
            show_all=show_all,
            progress=progress,
        )
    _show_done(done, f"{count(len(asked), 'code')} of {recogniser} released", recogniser, as_json=common.as_json)


@app.command("list", epilog=_EPILOG)
@reporting
@sharing(READS | {"lookup_keys", "password_file"})
def list_(
    recogniser: Recogniser,
    common: Common,
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", help="Codes to look up.")] = None,
    kind: KindOption = None,
    file: FileOption = None,
    accept_odd: AcceptOdd = False,
) -> None:
    """Show what codes mean now, by proof. The ledger holds only hashes, so name the codes, or the file that lists them.

    A trader is shown by its TIN if the file names it. Otherwise only its register
    and its types are known.
    """
    rows = () if file is None else _read_rows(file, accept_odd=accept_odd)
    asked = [read_alias(code, kind) for code in codes or ()] or list(dict.fromkeys(row.alias for row in rows))
    if not asked:
        raise MalformedText(
            "alias list", "neither a CODE nor --file", "one of them: no code can be read from the ledger"
        )
    named: dict[AliasCode, list[Tin]] = {}
    for row in rows:
        named.setdefault(row.alias, []).append(row.tin)
    with common.open_desk() as desk:
        pinned = desk.trust
        found, facts = office.look_up_aliases(desk, asked, named, recogniser=find_party(desk.trust, recogniser).number)
    proven = isinstance(facts, ProvenState)
    document = {
        "recogniser": recogniser,
        "aliases": [_describe(meaning, pinned) for meaning in found],
        "shows": describe_facts(facts),
    }
    lines = [line for meaning in found for line in _tell(meaning, recogniser, pinned)]
    claim = "proven" if proven else "UNPROVEN, a gateway claims it"
    show(
        document,
        as_json=common.as_json,
        lines=[*lines, f"{claim}: as of block {number_of(facts)}, {show_moment(facts.time)}"],
    )


@contextmanager
def _counting(desk: ProvenDesk, recogniser: str, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    """Show how many acts are on the ledger, and yield what counts them."""
    from aeo_ledger.cli.bars import import_bar, pausing  # noqa: PLC0415 (takes its time to load)

    with import_bar(as_json=as_json) as bar:
        desk.approve = pausing(bar, desk.approve)
        task = bar.add_task(f"acts on aliases of {recogniser}", total=None)
        yield lambda number: bar.advance(task, number)


def _about(traders: Iterable[Tin | None]) -> str:
    """Name the one trader that a decision is about; nothing if there is another number of them."""
    named = {"" if trader is None else trader.text for trader in traders}
    return named.pop() if len(named) == 1 else ""


def _read_rows(file: Path, *, accept_odd: bool) -> tuple[AliasRow, ...]:
    rows = read_alias_file(file, accept_odd=accept_odd)
    if not rows:
        raise MalformedText("aliases", "no row below the first one", "a row for each alias")
    return rows


def _refuse_beside_file(**given: object) -> None:
    for name, value in given.items():
        if value:
            raise MalformedText(name if name.isupper() else f"--{name}", str(value), "no such thing beside --file")


def _register_of(desk: ProvenDesk, register: str | None) -> Callable[[Tin], TrustedParty]:
    """Find the register of a trader: the one named, else the one to which its TIN leads, by proof."""

    @cache
    def of_prefix(prefix: str) -> TrustedParty:
        number = desk.trust.party_of_prefix(prefix)
        if number is None:
            raise MalformedText("TIN", prefix, "a prefix of a pinned party, or --register")
        return find_register(desk, desk.trust.by_number[number])

    named = None if register is None else find_party(desk.trust, register)
    return lambda tin: named or of_prefix(tin.prefix)


def _show_done(done: office.Bound, what: str, recogniser: str, *, as_json: bool) -> None:
    document = {
        "recogniser": recogniser,
        "acts": done.acts,
        "unchanged": done.unchanged,
        "told": list(done.told),
        "proven": done.proven,
        "block": done.block,
    }
    lines = [f"{what} in {count(done.acts, 'act')}"]
    lines += [f"{done.unchanged:,} unchanged"] if done.unchanged else []
    if done.block is not None:
        claim = "proven: they are sealed" if done.proven else "UNPROVEN, a gateway claims it"
        lines.append(f"{claim}, as of block {done.block}")
    show(document, as_json=as_json, lines=lines)


def _describe(meaning: office.Meaning, trust: TrustBundle) -> dict[str, Any]:
    return {
        "kind": name_kind(meaning.alias.kind),
        "alias": meaning.alias.code,
        "traders": list(meaning.traders),
        "bindings": meaning.bindings,
        "ambiguous": meaning.bindings > 1,
        "changed_at": meaning.changed_at,
        "entries": [
            {"binding": binding, "register": _code(entry, trust), "type": _type(entry, trust), "entry": to_hex(entry)}
            for (binding, _), entry in sorted(meaning.entries.items())
        ],
    }


def _tell(meaning: office.Meaning, recogniser: str, trust: TrustBundle) -> list[str]:
    if not meaning.bindings:
        was = "" if meaning.changed_at is None else f"; released {show_moment(meaning.changed_at, recogniser)}"
        return [f"{meaning.alias}: nobody{was}"]
    traders = ", ".join(meaning.traders)
    if meaning.bindings > 1:
        whom = f"AMBIGUOUS, {meaning.bindings} traders" + (f", among them {traders}" if traders else "")
    else:
        whom = traders or "a trader that is not named here"
    places: dict[tuple[int, str], list[str]] = {}
    for (binding, _), entry in sorted(meaning.entries.items()):
        places.setdefault((binding, _code(entry, trust)), []).append(_type(entry, trust))
    lines = [f"{meaning.alias}: {whom}"]
    for (binding, register), types in places.items():
        lines.append(f"  binding {binding}: type {', '.join(types)} in the register of {register}")
    return lines


def _code(entry: bytes, trust: TrustBundle) -> str:
    party = trust.by_number.get(register_of(entry))
    return f"party {register_of(entry)}" if party is None else party.code


def _type(entry: bytes, trust: TrustBundle) -> str:
    party = trust.by_number.get(register_of(entry))
    return ", ".join(name_types(1 << type_of(entry), () if party is None else party.types))
