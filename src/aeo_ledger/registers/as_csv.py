"""CSV, as spreadsheets of all countries write it. Source: RFC 4180, with other delimiters and line ends.

*Decision*: a spreadsheet that opens a CSV file runs a cell that begins with `=`, `+`, `-` or `@`. A name may come from a stranger, so such a
cell is written with an apostrophe before it, which makes it text. The reader takes that apostrophe away again. A file's own cell that begins
with `=` is a formula whose value is not in the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import dropwhile
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import NotWritable
from aeo_ledger.registers.sheet import Dialect, Form, Raw, Sheet, SheetRow, refuse_long_cells, refuse_too_large

DELIMITERS: Final = (",", ";", "\t", "|")

_SEP_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_END_MARK: Final = "\x1a"
"""Ctrl-Z, with which very old programs end a file."""
_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
"""A cell that a spreadsheet would run, and such a cell after apostrophes."""
_ESCAPED: Final = re.compile(r"'+[=+\-@\t\r]")


def read_csv(text: str, dialect: Dialect, *, delimiter: str | None, knows: Callable[[str], bool]) -> Sheet:
    """Read a whole CSV file.

    Args:
        text: The file, decoded.
        dialect: Its encoding and mark.
        delimiter: The sign between cells; None to take the one that gives most known headings.
        knows: Tells whether a heading is known.

    Raises:
        MalformedText: it is empty, a quotation mark never closes or stands at a wrong place, or a limit is passed; the line is named.
    """
    found = _SEP_LINE.match(text)
    skipped = 0
    if found is not None:
        delimiter, text, skipped = found[1], text[found.end() :], 1
    text = text.rstrip("\r\n").removesuffix(_END_MARK) if text.rstrip("\r\n").endswith(_END_MARK) else text
    delimiter = delimiter or _find_delimiter(text, knows)
    records = list(dropwhile(_is_empty, _limit(_read_records(text, delimiter, skipped))))
    if not records:
        raise MalformedText("register", "an empty file", "a first row of column names, and a row for each certificate")
    (_, header), *rest = records
    refuse_too_large(len(rest), len(header))
    return Sheet(
        form=Form.CSV,
        header=tuple(header),
        rows=tuple(_make_row(number, cells) for number, cells in rest),
        dialect=Dialect(
            encoding=dialect.encoding,
            marked=dialect.marked,
            delimiter=delimiter,
            line_end=_find_line_end(text),
            sep_line=found is not None,
        ),
    )


def _limit(records: Iterable[tuple[int, list[str]]]) -> Iterable[tuple[int, list[str]]]:
    """Pass records on, as long as they are not too many. Rows may be longer than the first one."""
    cells = 0
    for rows, record in enumerate(records):
        cells += len(record[1])
        refuse_too_large(rows, len(record[1]), cells)
        yield record


def _is_empty(record: tuple[int, list[str]]) -> bool:
    return not any(map(str.strip, record[1]))


def _make_row(number: int, raw: Sequence[str]) -> SheetRow:
    refuse_long_cells("line", number, raw)
    cells = tuple(cell[1:] if cell.startswith("'") and _ESCAPED.match(cell) else cell for cell in raw)
    formulas = frozenset(place for place, cell in enumerate(raw) if cell.startswith("="))
    return SheetRow(number=number, cells=cells, raw=tuple(raw), formulas=formulas)


def _read_records(text: str, delimiter: str, skipped: int) -> Iterable[tuple[int, list[str]]]:
    """Yield each record and the line on which it begins. Lines end as editors of any system end them."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = skipped + 1
    try:
        for record in reader:
            yield begins, record
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise MalformedText(
                f"line {begins}", "a quotation mark that never closes", "a second one at the end of the cell"
            ) from error
        if "field larger" in str(error):
            raise MalformedText(f"line {begins}", f"{error}", "cells of at most 32,767 characters") from error
        raise MalformedText(f"line {begins}", str(error), "a quotation mark inside a cell written twice") from error


def _find_delimiter(text: str, knows: Callable[[str], bool]) -> str:
    """Find the delimiter that gives most known headings, or most cells if none is known."""

    def rank(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
        except (csv.Error, StopIteration):
            return 0, 0
        return sum(map(knows, header)), len(header)

    return max(DELIMITERS, key=rank)


def _find_line_end(text: str) -> str:
    found = re.search(r"\r\n|\r|\n", text)
    return "\r\n" if found is None else found[0]


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]], dialect: Dialect) -> bytes:
    """Write a CSV file. A cell that a spreadsheet would run is made text by an apostrophe.

    Raises:
        NotWritable: a character does not exist in the dialect's encoding.
    """
    return _encode(header, ([_neutralise(cell) for cell in row] for row in rows), dialect)


def rewrite_csv(sheet: Sheet, rows: Iterable[SheetRow]) -> bytes:
    """Write some rows of a file again, exactly as they were."""
    return _encode(sheet.header, ([str(cell) for cell in row.raw] for row in rows), sheet.dialect)


def _neutralise(cell: str) -> str:
    return f"'{cell}" if cell and _RUNS.match(cell) else cell


def _encode(header: Sequence[str], rows: Iterable[Sequence[Raw]], dialect: Dialect) -> bytes:
    out = StringIO(newline="")
    if dialect.sep_line:
        out.write(f"sep={dialect.delimiter}{dialect.line_end}")
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    writer.writerow(header)
    writer.writerows(rows)
    text = out.getvalue()
    mark = "\ufeff" if dialect.marked and dialect.encoding != "utf-16" else ""
    try:
        return (mark + text).encode(dialect.encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, max(error.start - len(mark), 0)) + 1
        raise NotWritable(
            what=f"line {line}", found=repr(text[error.start - len(mark)]), needed=f"characters of {dialect.encoding}"
        ) from error
