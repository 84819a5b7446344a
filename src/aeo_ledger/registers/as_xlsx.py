"""XLSX, as spreadsheets keep it: cells have types, and a formula may have no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.registers.sheet import MAX_CELL, Form, Formula, Raw, Sheet, SheetRow, refuse_long_cells, write_number
from aeo_ledger.registers.xlsx_parts import pack, scan_workbook, unpack

MARK: Final = b"PK\x03\x04"
"""The first bytes of a ZIP archive, which an XLSX file is."""

_MOST_NAMED: Final = 5
"""Most sheets that an error names."""


def read_xlsx(data: bytes, *, sheet: str = "") -> Sheet:
    """Read one sheet of a workbook.

    Args:
        data: The file.
        sheet: Name of the sheet; empty for the only one that is visible and not empty.

    Raises:
        MalformedText: it is no workbook that can be read, has no such sheet or several, or a limit is passed.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 (an extra)

    parts = unpack(data)
    formulas = scan_workbook(parts)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(pack(parts)))
        names = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        filled = [name for name in names if book.get_sheet_by_name(name).start is not None]
        name = _choose(sheet, names, filled)
        rows: Sequence[Sequence[object]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except MalformedText:
        raise
    except Exception as error:  # the library raises errors of several kinds
        raise MalformedText("workbook", str(error)[:80] or type(error).__name__, "an XLSX file") from error
    if name not in formulas or not rows:
        raise MalformedText("workbook", f"no row in the sheet {name!r}"[:80], "a first row of column names")
    of, width = formulas[name], len(rows[0])
    empty: Sequence[object] = ("",) * width
    rows = [*rows, *[empty] * (max(of, default=0) - len(rows))]  # the library stops at the last value
    header, *others = [_make_row(number, row, of.get(number, {})) for number, row in enumerate(rows, 1)]
    return Sheet(form=Form.XLSX, header=header.cells, rows=tuple(others))


def _choose(sheet: str, names: Sequence[str], filled: Sequence[str]) -> str:
    if sheet:
        if sheet not in names:
            raise MalformedText("workbook", f"the sheets {_name(names)}", f"a sheet {sheet!r}")
        return sheet
    if len(filled) != 1:
        found = f"{len(filled)} sheets that are not empty ({_name(filled)})" if filled else "no row"
        raise MalformedText("workbook", found, "one; or name it in the profile (sheet = ...)")
    return filled[0]


def _name(sheets: Sequence[str]) -> str:
    """Quote the names of sheets, which are a file's words."""
    more = ", ..." if len(sheets) > _MOST_NAMED else ""
    return ", ".join(repr(name[:40]) for name in sheets[:_MOST_NAMED]) + more


def _make_row(number: int, row: Sequence[object], formulas: Mapping[int, Formula]) -> SheetRow:
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
