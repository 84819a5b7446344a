"""Read a register's file: rows that are certificates, and every problem of every row that is none.

A file is read whole, before anything is published. What is published depends on what it says, not on its form: the plain columns of a row
become its document, and columns that the profile keeps stand beside them under their own headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import BadRows, OddRows
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.registers.layout import lay_out
from aeo_ledger.registers.open_sheet import read_sheet, rewrite
from aeo_ledger.registers.profile import Profile
from aeo_ledger.registers.read_row import RowProblem, RowReader
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.sheet import Form, Raw, Sheet, SheetRow


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A file that was read."""

    sheet: Sheet
    total: int
    """Rows that are not empty."""
    rows: tuple[Row, ...]
    """The certificates of all good rows, in the file's order."""
    problems: tuple[RowProblem, ...]
    """Every problem of every bad row, in the file's order."""
    tins: Mapping[int, Tin]
    """The TIN of each row, good or bad, in which one can be read, by the row's place."""
    heading: str
    """The file's own heading of the TINs."""
    hash: bytes
    """keccak256 of the file, 32 bytes."""
    accept_odd: bool
    """Whether odd numbers were accepted, by the command or by the profile."""
    passed_over: Mapping[str, int]
    """How often something that means nothing was passed over, by its name: an empty row, a repeated row, a cell or column without a name."""

    @cached_property
    def bad(self) -> frozenset[int]:
        """Places of the bad rows."""
        return frozenset(problem.line for problem in self.problems)

    def demand_good(self) -> None:
        """Refuse the file if a row is bad.

        Raises:
            BadRows: a row cannot be read.
            OddRows: all rows can be read, and some have odd numbers.
        """
        if not self.problems:
            return
        kind = OddRows if all(problem.odd for problem in self.problems) else BadRows
        raise kind(bad=len(self.bad), total=self.total, problems=tuple(map(str, self.problems)))

    def without(self, judge: Callable[[Tin], str | None]) -> Reading:
        """Judge each TIN, also those of bad rows, by what the file does not show, such as whether its prefix leads to this register.

        Args:
            judge: Says what is odd about a TIN; None if nothing is.
        """
        judged = {tin: judge(tin) for tin in set(self.tins.values())}
        problems = {
            line: RowProblem(
                place=self.sheet.place,
                line=line,
                column=self.heading,
                found=repr(tin.text),
                needed=f"another number: {found}",
                odd=True,
            )
            for line, tin in self.tins.items()
            if (found := judged[tin]) is not None
        }
        return replace(
            self,
            rows=tuple(row for row in self.rows if row.line not in problems),
            problems=tuple(sorted((*self.problems, *problems.values()), key=lambda problem: problem.line)),
        )

    def rejects(self) -> bytes:
        """Write the bad rows in the file's own form, each as it was: to be corrected, and read again by the same profile."""
        return rewrite(self.sheet, (row for row in self.sheet.rows if row.number in self.bad))

    def holds(self, rejects: bytes) -> bool:
        """Tell whether a file consists of rows of this one, in this one's form: bad rows that were written, and not corrected yet."""
        encoding = self.sheet.dialect.encoding if self.sheet.form is Form.CSV else None
        try:
            other = read_sheet(rejects, encoding=encoding, insist=True, delimiter=self.sheet.dialect.delimiter)
        except Malformed:
            return False
        own = {_trim(row.raw) for row in self.sheet.rows}
        return (
            other.form is self.sheet.form
            and _trim(other.header) == _trim(self.sheet.header)
            and own.issuperset(_trim(row.raw) for row in other.rows)
        )


def _trim(cells: Sequence[Raw]) -> tuple[Raw, ...]:
    """Leave out empty cells at the end of a row."""
    filled = [place for place, cell in enumerate(cells, 1) if cell not in {"", None}]
    return tuple(cells[: filled[-1] if filled else 0])


def read_register(
    data: bytes,
    party: str,
    profile: Profile,
    *,
    now: int,
    accept_odd: bool = False,
    encoding: str | None = None,
) -> Reading:
    """Read a register's file.

    Args:
        data: The file: CSV, XLSX, JSON or JSON Lines.
        party: Code of the party that keeps the register. Its days begin in its own time zone.
        profile: What headings and words mean.
        now: UTC seconds. What a row says of the past must not lie in the future.
        accept_odd: Accept numbers that break their country's rule.
        encoding: The encoding that somebody named for this file; it goes before the profile's.

    Raises:
        OtherEncoding: the file is not text in its encoding.
        MalformedText, MalformedDocument: the whole file cannot be read: its form, its first row, a limit, or no row is there.
    """
    sheet = read_sheet(
        data,
        encoding=encoding or profile.encoding,
        insist=encoding is not None,
        delimiter=profile.delimiter,
        sheet=profile.sheet,
        knows=profile.knows,
    )
    reader = RowReader(
        party, profile, lay_out(sheet, profile), place=sheet.place, now=now, accept_odd=accept_odd or profile.accept_odd
    )
    filled = [row for row in sheet.rows if any(map(str.strip, row.cells))]
    if not filled:
        raise MalformedText("register", "no certificate below the first row", "a row for each")
    width = len(sheet.header)
    rows, problems, repeated = _read_rows(reader, filled, width, sheet)
    passed_over = {
        "empty row": len(sheet.rows) - len(filled),
        "repeated row": repeated,
        "empty cell without a column": sum(
            len(row.cells) - width for row in filled if len(row.cells) > width and _fit(row.cells, width)
        ),
        "column without a heading": len(reader.layout.nameless),
        "column that the profile ignores": len(reader.layout.ignored),
    }
    return Reading(
        sheet=sheet,
        total=len(filled),
        rows=tuple(rows),
        problems=tuple(problems),
        tins=reader.tins,
        heading=reader.layout.headings["tin"],
        hash=keccak256(data),
        accept_odd=reader.accept_odd,
        passed_over={what: count for what, count in passed_over.items() if count},
    )


def _read_rows(
    reader: RowReader, filled: Iterable[SheetRow], width: int, sheet: Sheet
) -> tuple[list[Row], list[RowProblem], int]:
    """Read each row; a certificate that appears twice is one if its rows are equal, else the second one is bad."""
    rows: list[Row] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, int], tuple[int, Sequence[str]]] = {}
    repeated = 0
    for one in filled:
        cells = _fit(one.cells, width)
        if cells is None:
            problems.append(_misfit(one, width, sheet))
            continue
        found, wrong = reader.read(one, cells)
        earlier = [seen[key] for row in found if (key := (row.tin.text, row.type_number)) in seen]
        if not wrong and any(before == cells for _, before in earlier):
            repeated += 1
            continue
        if not wrong and earlier:
            wrong = [reader.repeat(one.number, found[0], earlier[0][0])]
        problems += wrong
        if not wrong:
            rows += found
            seen.update({(row.tin.text, row.type_number): (one.number, cells) for row in found})
    return rows, problems, repeated


def _fit(cells: Sequence[str], width: int) -> tuple[str, ...] | None:
    """Fit a row to the first row: surplus cells must be empty, and only empty columns may be missing. None if it does not fit."""
    if any(map(str.strip, cells[width:])):
        return None
    return tuple(cells[:width]) if len(cells) >= width else (*cells, *[""] * (width - len(cells)))


def _misfit(row: SheetRow, width: int, sheet: Sheet) -> RowProblem:
    spaced = sheet.form is Form.CSV and any(cell.startswith(' "') for cell in row.cells)
    return RowProblem(
        place=sheet.place,
        line=row.number,
        column="",
        found=f"{len(row.cells)} columns",
        needed=f"{width}, as in the first row",
        hint="a space stands before a quotation mark, which then does not count: delete it" if spaced else "",
    )
