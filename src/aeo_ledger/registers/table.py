"""What leaves: a table with a name for each column, and the block at which it is true."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aeo_ledger.errors import show_utc
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.as_csv import write_csv
from aeo_ledger.registers.as_json import write_json
from aeo_ledger.registers.as_parquet import write_parquet
from aeo_ledger.registers.as_xlsx import write_xlsx
from aeo_ledger.registers.sheet import PLAIN_CSV, Dialect, Form

Cell: TypeAlias = str | int

_MEDIA: Final = {
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSON: "application/json",
    Form.JSONL: "application/jsonl",
    Form.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    about: str = ""
    number: bool = False
    """Whether its cells are whole numbers. All others are texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The block at which a table is true."""

    chain_id: int
    block: int
    hash: bytes
    """32 bytes."""
    time: int
    """UTC seconds."""
    since: int | None = None
    """UTC seconds: the table has only what changed after this time; None if it has everything."""

    def tell(self) -> list[str]:
        """Say it to people, on lines of 80 columns."""
        since = [] if self.since is None else [f"only changes since {show_utc(self.since)}"]
        return [f"true as of block {self.block} of {show_utc(self.time)}", f"  {to_hex(self.hash)}", *since]

    def describe(self) -> dict[str, Any]:
        """Describe it for machines."""
        known = {
            "chain_id": self.chain_id,
            "block": self.block,
            "block_hash": to_hex(self.hash),
            "block_time": write_moment(self.time),
        }
        return known if self.since is None else {**known, "since": write_moment(self.since)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, ready to be written."""

    name: str
    """Name of its files: small letters, digits and hyphens, but for codes of parties."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    moment: Moment
    dialect: Dialect = PLAIN_CSV
    """How its CSV is written."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    def write(self, form: Form) -> bytes:
        """Write it in one form.

        Raises:
            NotWritable: the form's encoding lacks a character.
        """
        if form is Form.CSV:
            return write_csv(self.header, (tuple(map(str, row)) for row in self.rows), self.dialect)
        if form is Form.XLSX:
            return write_xlsx(
                self.header, self.rows, title=self.name, about="\n".join([self.title, *self.moment.tell()])
            )
        if form is Form.PARQUET:
            numbers = frozenset(column.name for column in self.columns if column.number)
            about = json.dumps(self.moment.describe())
            return write_parquet(self.header, self.rows, numbers=numbers, about=about)
        return write_json(self.header, self.rows, form)


def describe_package(table: Table, files: Sequence[tuple[Form, str, bytes]]) -> bytes:
    """Write the `datapackage.json` of a table's files: what each column means, and the block at which it is true.

    Source: Data Package standard 2.0, https://datapackage.org.

    Args:
        table: The table.
        files: The form, name and content of each file.
    """
    schema = {
        "fields": [
            {"name": column.name, "type": "integer" if column.number else "string"}
            | ({"description": column.about} if column.about else {})
            for column in table.columns
        ],
        "missingValues": [""],
    }
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": table.name.lower(),
        "title": table.title,
        "created": write_moment(table.moment.time),
        "ledger": table.moment.describe(),
        "resources": [
            {
                "name": f"{table.name.lower()}-{form}",
                "path": name,
                "format": form.value,
                "mediatype": _MEDIA[form],
                **(_describe_csv(table.dialect) if form is Form.CSV else {}),
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "schema": schema,
            }
            for form, name, data in files
        ],
    }
    return json.dumps(package, ensure_ascii=False, indent=2).encode() + b"\n"


def _describe_csv(dialect: Dialect) -> dict[str, Any]:
    return {
        "encoding": dialect.encoding,
        "dialect": {"delimiter": dialect.delimiter, "lineTerminator": dialect.line_end},
    }
