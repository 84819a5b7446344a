"""A recogniser's own list of aliases: which code means which trader. The ledger holds only hashes of both."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from aeo_ledger.customs.alias_codes import AliasCode, read_alias
from aeo_ledger.customs.tin import Tin, read_tin
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.office import AliasRowRefused
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import decode_text

COLUMNS: Final = {
    "alias": "the code, as declarations write it",
    "kind": "the kind of code; may be empty if the code's form leaves no doubt",
    "tin": "of the trader that the code means",
    "type": "certificate types, by their names in the register, with | between them; empty for each type that the trader has",
}
"""Columns of the file, by their names in its first row. The last one may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """One code and its trader, as an officer or a file names them."""

    alias: AliasCode
    tin: Tin
    types: tuple[str, ...] = ()
    """Names of certificate types in the trader's register; empty means each type that the trader has."""
    where: str = ""
    """Its line in the file, if it is in a file."""


def read_alias_file(path: Path, *, accept_odd: bool = False) -> tuple[AliasRow, ...]:
    """Read a file of aliases: CSV in UTF-8 with a first row of column names.

    Raises:
        UnreadableFile, OversizedFile, MalformedText: it cannot be read, or its columns are other ones.
        AliasRowRefused: a row cannot be read; its line is named.
    """
    text = decode_text(read_file(path), document=str(path))
    return tuple(_rows(csv.DictReader(StringIO(text, newline=""), strict=True), accept_odd=accept_odd))


def read_names(path: Path | None) -> dict[AliasCode, Tin]:
    """Read which trader each alias means, to name TINs in evidence; empty without a file. Odd TINs are as the file has them.

    An alias that the file gives to several traders is left out: nobody is to guess.

    Raises:
        UnreadableFile, OversizedFile, MalformedText, AliasRowRefused: as `read_alias_file` does.
    """
    traders: dict[AliasCode, set[Tin]] = {}
    for row in () if path is None else read_alias_file(path, accept_odd=True):
        traders.setdefault(row.alias, set()).add(row.tin)
    return {alias: tins.pop() for alias, tins in traders.items() if len(tins) == 1}


def _rows(reader: csv.DictReader[str], *, accept_odd: bool) -> Iterator[AliasRow]:
    try:
        found = list(reader.fieldnames or ())
        if {*found, "type"} != {*COLUMNS} or len(found) != len(set(found)):
            raise MalformedText("columns of the aliases", ",".join(found)[:80] or "none", ",".join(COLUMNS))
        for fields in reader:
            yield _read(fields, f"line {reader.line_num}", accept_odd=accept_odd)
    except csv.Error as error:
        raise AliasRowRefused(where=f"line {reader.reader.line_num}", reason=str(error)) from error


def _read(fields: dict[str, str], where: str, *, accept_odd: bool) -> AliasRow:
    if None in fields or None in fields.values():
        raise AliasRowRefused(where=where, reason="it has more or fewer cells than the first row")
    try:
        return AliasRow(
            alias=read_alias(fields["alias"], fields["kind"] or None),
            tin=read_tin(fields["tin"], accept_odd=accept_odd),
            types=tuple(name.strip() for name in fields.get("type", "").split("|") if name.strip()),
            where=where,
        )
    except Malformed as error:
        raise AliasRowRefused(where=where, reason=str(error)) from error
