"""Any file to a sheet: its form is told by its first bytes. And some rows of a sheet back to a file of the same form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.registers.as_csv import read_csv, rewrite_csv
from aeo_ledger.registers.as_json import is_json, read_json, write_json
from aeo_ledger.registers.as_xlsx import MARK, read_xlsx, write_xlsx
from aeo_ledger.registers.encodings import decode
from aeo_ledger.registers.sheet import Dialect, Form, Sheet, SheetRow

_OTHERS: Final = {
    b"\xd0\xcf\x11\xe0": "an old or encrypted file of Excel",
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
    b"\x1f\x8b": "a compressed file",
}
"""Forms that are not read, by their first bytes."""


def is_workbook(data: bytes) -> bool:
    """Tell whether a file is a workbook, which needs the extra `office`."""
    return data.startswith(MARK)


def read_sheet(
    data: bytes,
    *,
    encoding: str | None,
    insist: bool = False,
    delimiter: str | None = None,
    sheet: str = "",
    knows: Callable[[str], bool] = lambda _: False,
) -> Sheet:
    """Read a file: a workbook, JSON, JSON Lines or CSV.

    Args:
        data: The file.
        encoding: The encoding of a text form; None is UTF-8.
        insist: Whether the encoding was named for this file, see `decode`.
        delimiter: The sign between the cells of a CSV file; None to find it.
        sheet: Name of a workbook's sheet; empty for its only one.
        knows: Tells whether a heading is known, by which a delimiter and a wrong encoding are found.

    Raises:
        OtherEncoding: it is not text in this encoding.
        MalformedText, MalformedDocument: it has none of these forms, or a limit is passed.
    """
    other = next((name for start, name in _OTHERS.items() if data.startswith(start)), None)
    if other is not None:
        raise MalformedText("register", other, "CSV, XLSX, JSON or JSON Lines")
    if is_workbook(data):
        return read_xlsx(data, sheet=sheet)
    text, known, marked = decode(data, encoding, insist=insist, knows=knows)
    dialect = Dialect(encoding=known, marked=marked)
    return read_json(text, dialect) if is_json(text) else read_csv(text, dialect, delimiter=delimiter, knows=knows)


def rewrite(sheet: Sheet, rows: Iterable[SheetRow]) -> bytes:
    """Write some rows of a sheet in the sheet's own form, each as it was."""
    if sheet.form is Form.CSV:
        return rewrite_csv(sheet, rows)
    raw = (row.raw for row in rows)
    if sheet.form is Form.XLSX:
        return write_xlsx(sheet.header, raw, title="rejected")
    return write_json(sheet.header, raw, sheet.form)
