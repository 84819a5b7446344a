"""Read a register file in the plain form: CSV in UTF-8, with the columns of `columns`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aeo_ledger.customs.certificate import list_type_names, list_types_meant
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.office import OddTin, RowRefused
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.change_status import parse_roles
from aeo_ledger.primitives.choices import choose
from aeo_ledger.registers.columns import COLUMNS, require_columns
from aeo_ledger.registers.compare import ENDS
from aeo_ledger.registers.row import Row


def parse_register(lines: Iterable[str], party: str, *, accept_odd: bool = False) -> list[Row]:
    """Read a whole register file before anything is published.

    Args:
        lines: CSV with the columns of `COLUMNS`; days are the party's own.
        party: Code of the party that keeps the register.
        accept_odd: Accept TINs that break their country's rule.

    Raises:
        MalformedText: the columns are wrong, there is no row, or a row does not fit the columns; the line is named.
        RowRefused: a value in a row cannot be read; the line is named.
        OddTin: a TIN's check digit is wrong; the line is named.
    """
    reader = csv.DictReader(lines, strict=True)
    rows: dict[tuple[str, int], Row] = {}
    try:
        require_columns(reader.fieldnames or ())
        for fields in reader:
            for row in _parse_row(fields, reader.line_num, party, accept_odd=accept_odd):
                first = rows.setdefault((row.tin.text, row.type_number), row)
                if first is not row:
                    found = f"{row.tin} again under the type of line {first.line}"
                    raise MalformedText(f"line {row.line}", found, "each certificate once; nothing was imported")
    except csv.Error as error:
        raise MalformedText(f"line {reader.reader.line_num}", str(error), "CSV; nothing was imported") from error
    if not rows:
        raise MalformedText("register", "no certificate below the first row", "a row for each")
    return list(rows.values())


def _parse_row(fields: Mapping[str, Any], line: int, party: str, *, accept_odd: bool) -> Iterator[Row]:
    where = f"line {line}"
    if None in fields or None in fields.values():
        raise MalformedText(where, "another number of columns than in the first row", f"{len(COLUMNS)} columns")
    try:
        tin = read_tin(fields["tin"], accept_odd=accept_odd)
        if not accept_odd and (problems := find_problems(tin)):
            raise OddTin(found=tin.text, problems=problems, where=where)
        names = list_type_names(party)
        wanted = list_types_meant(party, fields["certificate_type"])
        for name in wanted:
            choose(name, names, what="certificate_type")
        status = choose(fields["status"], ("ACTIVE", *ENDS), what="status")
        until = fields["effective_until"]
        document = {column: fields[column] for column in COLUMNS}
        for name in wanted:
            yield Row(
                line=line,
                tin=tin,
                type_number=names.index(name),
                roles=parse_roles(fields["roles"].split("|")),
                status=Status[status],
                status_since=parse_moment(fields["status_since"], party, what="status_since"),
                valid_from=parse_moment(fields["effective_from"], party, what="effective_from"),
                valid_until=parse_moment(until, party, what="effective_until") if until else 0,
                document=document,
            )
    except Malformed as error:
        raise RowRefused(where=where, reason=str(error)) from error
