"""What a workbook's own XML says, before the library that reads its cells gets it.

The library fills the whole range up to the last cell, and copies a shared text into each cell that names it. So a small file could take all
memory. It also reads an error, and a formula without a value, as an empty cell; and an empty day means that a certificate has no end.

The library gets the parts that were read here, packed again. So an archive cannot show one thing to one reader and another to the other.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate  # expat limits what entities become, and fetches none

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.registers.sheet import MAX_BYTES, Formula, refuse_too_large

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_TEXTS: Final = "xl/sharedstrings.xml"
_COMPRESSIONS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Those of ECMA-376, part 2."""
_RELATION: Final = "/relationships id"
"""How the attribute ends that names a relation, in the transitional and in the strict form."""
_PLACE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ZERO: Final = re.compile(r"[-+]?0*(?:\.0*)?(?:[eE][-+]?[0-9]+)?")
"""A number that is 0, or no number."""

Formulas = Mapping[int, Mapping[int, Formula]]
"""By row number, each cell whose value is not in the file, by its place."""


@contextmanager
def _reporting() -> Iterator[None]:
    """Report what the readers of archives and of XML raise for damaged ones."""
    try:
        yield
    except (
        ExpatError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ValueError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise MalformedText("workbook", str(error)[:80] or type(error).__name__, "an XLSX file") from error


def unpack(data: bytes) -> dict[str, bytes]:
    """Read each part of an archive, by its name in small letters: names of parts do not differ by capitals (ECMA-376, part 2).

    Raises:
        MalformedText: it is no such archive, is damaged, has a part twice, or would take much more memory than it is long.
    """
    with _reporting(), zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > MAX_BYTES:
            raise MalformedText("workbook", f"{size:,} bytes when it is unpacked", f"at most {MAX_BYTES:,}")
        if any(member.compress_type not in _COMPRESSIONS for member in members):
            raise MalformedText("workbook", "another compression", "deflate")
        parts = {member.filename.casefold(): _read(archive, member) for member in members}
        if len(parts) < len(members):
            raise MalformedText("workbook", "a part twice", "each part once")
        return parts


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Read a part as far as its size says. What it unpacks to may be longer, and would then be in memory before anybody looks."""
    with archive.open(member) as file:
        return file.read(member.file_size)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Make an archive of parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def scan_workbook(parts: Mapping[str, bytes]) -> dict[str, Formulas]:
    """Find, for each sheet, the cells whose formula has no value or that hold an error. No cell may be out of bounds or out of order.

    Raises:
        MalformedText: it is no workbook of this form, or a limit is passed.
    """
    with _reporting():
        lengths = _measure_texts(parts)
        found: dict[str, Formulas] = {}
        for name, part in _find_parts(parts).items():
            scan = _Scan(lengths=lengths)
            _walk(parts[part], scan.begin, scan.end, scan.read)
            found[name] = scan.found
        return found


def _find_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Find the part that holds each sheet, by the sheet's name."""
    relations: dict[str, str] = {}
    targets: dict[str, str] = {}

    def find_sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((value for name, value in attributes.items() if name.endswith(_RELATION)), "")
            _add(relations, attributes.get("name", ""), relation)

    def find_target(_: str, attributes: dict[str, str]) -> None:
        if "Id" in attributes:
            _add(targets, attributes["Id"], attributes.get("Target", ""))

    _walk(parts[_WORKBOOK], find_sheet)
    _walk(parts[_RELATIONS], find_target)
    return {
        name: f"xl/{targets[relation].lstrip('/').removeprefix('xl/')}".casefold()
        for name, relation in relations.items()
    }


def _add(found: dict[str, str], key: str, value: str) -> None:
    if key in found:
        raise MalformedText("workbook", f"{key!r} twice"[:80], "each sheet once")
    found[key] = value


def _measure_texts(parts: Mapping[str, bytes]) -> list[int]:
    """Measure each text that cells may share, in characters."""
    lengths: list[int] = []

    def begin(tag: str, _: dict[str, str]) -> None:
        if _local(tag) == "si":
            lengths.append(0)

    def read(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    if _TEXTS in parts:
        _walk(parts[_TEXTS], begin, read=read)
    return lengths


def _walk(
    part: bytes,
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    read: Callable[[str], None] | None = None,
) -> None:
    """Read the XML of a part, without keeping it."""
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, read
    parser.ParseFile(BytesIO(part))


def _local(tag: str) -> str:
    """Take a tag's name without its namespace, to which the library does not look either."""
    return tag.rpartition(" ")[2]


@dataclass(kw_only=True)
class _Scan:
    """The reading of one sheet: where its cells are, and which have no value."""

    lengths: Sequence[int]
    """Of each text that cells may share, in characters."""
    found: dict[int, dict[int, Formula]] = field(default_factory=dict)
    is_data: bool = False
    """Whether rows are being read: other parts of a sheet have elements of the same names."""
    row: int = 0
    column: int = 0
    """The place of the last cell, from 1."""
    width: int = 0
    """Columns up to the last one with a cell that is filled. Spreadsheets also write cells that only have a colour."""
    shared: int = 0
    """Characters of all shared texts, as often as a cell names them."""
    kind: str = ""
    """The type of the present cell."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """What the present cell holds: its formula, its value or its own text, in pieces."""
    inside: list[str] | None = None

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "sheetData":
            self.is_data = True
        elif not self.is_data:
            return
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "c":
            self._begin_cell(attributes.get("r", ""))
            self.kind, self.texts = attributes.get("t", "n"), {}
        elif name in {"f", "v", "is"}:
            self.inside = self.texts.setdefault(name, [])

    def read(self, text: str) -> None:
        if self.inside is not None:
            self.inside.append(text)

    def end(self, tag: str) -> None:
        self.inside, name = None, _local(tag)
        if name == "sheetData":
            self.is_data = False
        elif name == "c" and self.is_data and (self.texts or self.kind == "e"):
            self._refuse_costly()
            value = "".join(self.texts.get("v", ()))
            if self.kind == "e" or ("f" in self.texts and not _is_computed(self.kind, value)):
                formula = f"={''.join(self.texts['f'])}" if "f" in self.texts else value or "#ERROR"
                self.found.setdefault(self.row, {})[self.column - 1] = Formula(formula)

    def _begin_row(self, number: str) -> None:
        row = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 0
        if row <= self.row:
            raise MalformedText(
                "workbook", f"a row {number!r} after row {self.row}"[:80], "rows with ascending numbers"
            )
        self.row, self.column = row, 0

    def _begin_cell(self, text: str) -> None:
        place = _PLACE.fullmatch(text)
        column = 0 if place is None else _column_of(place[1])
        if place is None or int(place[2]) != self.row or column <= self.column:
            raise MalformedText(
                f"workbook, row {self.row}", f"a cell {text!r}"[:80], "cells with ascending places, as B2"
            )
        self.column = column

    def _refuse_costly(self) -> None:
        """Refuse a filled cell that is out of bounds, or a shared text too many."""
        self.width = max(self.width, self.column)
        refuse_too_large(self.row, self.width)
        value = "".join(self.texts.get("v", ()))
        if self.kind == "s" and value:
            if not value.isdecimal() or int(value) >= len(self.lengths):
                raise MalformedText(f"workbook, row {self.row}", f"the text {value!r}"[:80], "the number of a text")
            self.shared += self.lengths[int(value)]
        if self.shared > MAX_BYTES:
            raise MalformedText("workbook", f"{self.shared:,} characters in its cells", f"at most {MAX_BYTES:,}")


def _column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _is_computed(kind: str, value: str) -> bool:
    """Tell whether a formula has a value. Programs that compute nothing write 0, and in a register no formula means 0."""
    return _ZERO.fullmatch(value) is None if kind == "n" else value != ""
