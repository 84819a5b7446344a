"""XLSX, as spreadsheets keep it: cells have types, and a formula may have no value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError, iterparse

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.registers.sheet import (
    MAX_BYTES,
    MAX_CELL,
    Form,
    Formula,
    Raw,
    Sheet,
    SheetRow,
    refuse_long_cells,
    refuse_too_large,
    write_number,
)

MARK: Final = b"PK\x03\x04"
"""The first bytes of a ZIP archive, which an XLSX file is."""

_NAMESPACE: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ZERO: Final = re.compile(r"[-+]?0*(?:\.0*)?(?:[eE][-+]?[0-9]+)?")
"""A number that is 0, or no number."""


def read_xlsx(data: bytes, *, sheet: str = "") -> Sheet:
    """Read one sheet of a workbook.

    Args:
        data: The file.
        sheet: Name of the sheet; empty for the only one that is visible and not empty.

    Raises:
        MalformedText: it is no workbook that can be read, has no such sheet or several, or a limit is passed.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 (an extra)

    _refuse_bomb(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        names = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        filled = [name for name in names if book.get_sheet_by_name(name).start is not None]
        name = _choose(sheet, names, filled)
        rows: Sequence[Sequence[object]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except MalformedText:
        raise
    except Exception as error:  # the library raises errors of several kinds, and panics of Rust
        raise MalformedText("workbook", str(error)[:80] or type(error).__name__, "an XLSX file") from error
    refuse_too_large(len(rows), len(rows[0]) if rows else 0)
    formulas = _find_formulas(data, name)
    header = tuple(_write_cell(cell) for cell in rows[0])
    return Sheet(
        form=Form.XLSX,
        header=header,
        rows=tuple(_make_row(number, row, formulas.get(number, {})) for number, row in enumerate(rows[1:], 2)),
    )


def _choose(sheet: str, names: Sequence[str], filled: Sequence[str]) -> str:
    if sheet:
        if sheet not in names:
            raise MalformedText("workbook", f"the sheets {', '.join(names)}"[:200], f"a sheet {sheet!r}")
        return sheet
    if len(filled) != 1:
        found = f"{len(filled)} sheets that are not empty ({', '.join(filled)})"[:200] if filled else "no row"
        raise MalformedText("workbook", found, "one; or name it in the profile (sheet = ...)")
    return filled[0]


def _refuse_bomb(data: bytes) -> None:
    """Refuse an archive that would take much more memory than it is long."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise MalformedText("workbook", str(error)[:80], "an XLSX file") from error
    if size > MAX_BYTES:
        raise MalformedText("workbook", f"{size:,} bytes when it is unpacked", f"at most {MAX_BYTES:,}")


def _find_formulas(data: bytes, name: str) -> dict[int, dict[int, Formula]]:
    """Find cells whose formula has no value: by row number, the formula of each cell, by its place."""
    found: dict[int, dict[int, Formula]] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        part = _find_part(archive, name)
        if part is None:
            return found
        try:
            with archive.open(part) as file:
                for _, cell in iterparse(file):  # noqa: S314 (expat limits what entities become, and fetches none)
                    if cell.tag != f"{_NAMESPACE}c":
                        continue
                    formula, value = cell.find(f"{_NAMESPACE}f"), cell.find(f"{_NAMESPACE}v")
                    place = _PLACE.fullmatch(cell.get("r", ""))
                    if formula is not None and place is not None and not _is_computed(cell.get("t", "n"), value):
                        found.setdefault(int(place[2]), {})[_column_of(place[1])] = Formula(f"={formula.text or ''}")
                    cell.clear()
        except (ParseError, KeyError, zipfile.BadZipFile) as error:
            raise MalformedText("workbook", str(error)[:80], "an XLSX file") from error
    return found


def _is_computed(kind: str, value: Element | None) -> bool:
    """Tell whether a formula has a value. Programs that compute nothing write 0, and in a register no formula means 0."""
    text = "" if value is None else value.text or ""
    if kind == "n":
        return _ZERO.fullmatch(text) is None
    return kind != "e" and text != ""


def _find_part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Find the part of the archive that holds a sheet; None if the workbook has another make."""
    try:
        relation = ""
        with archive.open("xl/workbook.xml") as file:
            for _, element in iterparse(file):  # noqa: S314 (see above)
                if element.tag == f"{_NAMESPACE}sheet" and element.get("name") == name:
                    relation = element.get(_RELATION, "")
        with archive.open("xl/_rels/workbook.xml.rels") as file:
            for _, element in iterparse(file):  # noqa: S314 (see above)
                if relation and element.get("Id") == relation:
                    target = element.get("Target", "").lstrip("/").removeprefix("xl/")
                    return f"xl/{target}" if f"xl/{target}" in archive.namelist() else None
    except (ParseError, KeyError, zipfile.BadZipFile):
        return None
    return None


def _column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _make_row(number: int, row: Sequence[object], formulas: dict[int, Formula]) -> SheetRow:
    raw = tuple(formulas.get(place) or _simplify(cell) for place, cell in enumerate(row))
    cells = tuple(_write_cell(cell) for cell in raw)
    refuse_long_cells("row", number, cells)
    return SheetRow(number=number, cells=cells, raw=raw, formulas=frozenset(formulas))


def _simplify(cell: object) -> Raw:
    """Keep a cell's type if a register can use it: a day without an hour is a date."""
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell if isinstance(cell, str | int | float | bool | date) else str(cell)


def _write_cell(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, date):
        return cell.isoformat()
    return write_number(cell) if isinstance(cell, int | float) else str(cell)


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Raw]], *, title: str, about: str = "") -> bytes:
    """Write a workbook with one sheet. Texts are written as texts, so that no cell from outside can be a formula.

    Args:
        header: The headings.
        rows: The cells.
        title: Name of the sheet.
        about: Words for the file's properties.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 (an extra)

    out = BytesIO()
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_urls": False}
    with Workbook(out, options) as book:
        book.set_properties({"title": title, "comments": about, "created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet(title[:31])
        for column, heading in enumerate(header):
            sheet.write_string(0, column, heading)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                _put(sheet, number, column, cell)
    return out.getvalue()


def _put(sheet: object, row: int, column: int, cell: Raw) -> None:
    write = getattr  # the library has no types
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        write(sheet, "write_boolean")(row, column, cell)
    elif isinstance(cell, int | float):
        write(sheet, "write_number")(row, column, cell)
    elif isinstance(cell, date):
        write(sheet, "write_datetime")(row, column, cell)
    elif isinstance(cell, Formula):
        write(sheet, "write_formula")(row, column, cell, None, "")
    else:
        write(sheet, "write_string")(row, column, cell[:MAX_CELL])
