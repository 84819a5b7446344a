"""Options of commands that read a register's file, and what these commands say about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.output import note, now, put
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import REJECTS
from aeo_ledger.errors import Unavailable, Unproven
from aeo_ledger.errors.cli import OutputTaken
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.registers.shipped import PROFILES, is_shipped

if TYPE_CHECKING:  # most commands read no register
    from aeo_ledger.registers.compare import Rules
    from aeo_ledger.registers.profile import Profile
    from aeo_ledger.registers.read import Reading

PLAIN: Final = "plain"
"""The profile of files in the plain columns."""

_SHOWN: Final = 50
"""Most problems that are shown to people. `--json` gives all."""

RegisterFile = Annotated[
    Path,
    typer.Argument(
        help="CSV, XLSX, JSON or JSON Lines with column names in its first row; the plain ones are explained below."
    ),
]
ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile", metavar="PROFILE", help=f"How the file is written: {', '.join(PROFILES)}, or your own file."
    ),
]
EncodingOption = Annotated[
    str | None,
    typer.Option("--encoding", help="Encoding of this file, as in windows-1251. Default: the profile's, else UTF-8."),
]
SkipBad = Annotated[
    Path | None,
    typer.Option(
        "--skip-bad",
        metavar="REJECTS",
        help="Publish the good rows, and write the bad ones to this file, in the file's own form, to be corrected and fed back.",
    ),
    REJECTS,
]


def open_profile(name: str) -> Profile:
    """Read a profile: one that comes with the package, by name, or somebody's own, by path.

    Raises:
        UnreadableFile, OversizedFile: the file cannot be read.
        MalformedText, MalformedDocument: there is none of this name, or the file is no profile.
    """
    from aeo_ledger.registers.profile import MAX_BYTES, parse_profile, shipped  # noqa: PLC0415 (other commands do not need it)

    if is_shipped(name):
        return shipped(name)
    return parse_profile(read_file(Path(name), max_bytes=MAX_BYTES), document=name)


def read_file_of_register(file: Path, party: str, profile: str, *, encoding: str | None, accept_odd: bool) -> Reading:
    """Read a register's file. Raises the errors of `open_profile`, `read_file` and `read_register`, and `ExtraMissing`."""
    from aeo_ledger.registers.open_sheet import is_workbook  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.read import read_register  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.sheet import MAX_BYTES  # noqa: PLC0415 (the same)

    chosen = open_profile(profile)
    data = read_file(file, max_bytes=MAX_BYTES)
    if is_workbook(data):
        demand_extra("office", "python_calamine")
    return read_register(data, party, chosen, now=now(), accept_odd=accept_odd, encoding=encoding)


def refuse_bad(reading: Reading, rejects: Path | None) -> None:
    """Show the problems of a file. Refuse it if it has some, or write its bad rows where somebody asked for them.

    Raises:
        BadRows, OddRows: a row is bad, and bad rows are not to be skipped; or there is no good row.
        OutputTaken: the file for the bad rows holds something else, such as rows that somebody corrected.
        FileUnavailable: the bad rows cannot be written.
    """
    if rejects is None or not reading.rows:
        for line in list_problems(reading) if len(reading.problems) > 1 else []:
            note(line)
        reading.demand_good()
    elif reading.problems:
        if reading.sheet.form == "xlsx":
            demand_extra("office", "xlsxwriter")
        _refuse_loss(reading, rejects)
        put(rejects, reading.rejects())


def _refuse_loss(reading: Reading, rejects: Path) -> None:
    """Refuse to replace a file that holds more than rows of the register's file, as an earlier run wrote them."""
    from aeo_ledger.registers.sheet import MAX_BYTES  # noqa: PLC0415 (other commands do not need it)

    if not rejects.exists() or not (there := read_file(rejects, max_bytes=MAX_BYTES)):
        return
    if not reading.holds(there):
        raise OutputTaken(path=str(rejects), reason=f"contains something other than {REJECTS.kind}")


class Asked:
    """What an officer entered about a file.

    Raises:
        MalformedText: bad rows are to be skipped, and what is missing is to be acted on: a bad row may be what is missing.
    """

    def __init__(
        self, reading: Reading, party: str, rules: Rules, allowed: dict[str, int], *, rejects: Path | None
    ) -> None:
        self.reading, self.party, self.rules, self.allowed, self.rejects = reading, party, rules, allowed, rejects
        self._refuse_guess()

    def sift(self, desk: ProvenDesk) -> None:
        """Find every bad row: those that the file shows, and those whose TIN's prefix leads to another register, in one list.

        Raises:
            BadRows, OddRows, OutputTaken, FileUnavailable: see `refuse_bad`.
            MalformedText: see the class.
            Unproven, Unavailable: where the prefixes lead is not proven, and the file shows no bad row.
        """
        if not self.reading.accept_odd:
            from aeo_ledger.registers.planning import find_strays  # noqa: PLC0415 (needs the extra)

            number = find_party(desk.trust, self.party).number
            try:
                strays = find_strays(desk, self.reading.tins.values(), number)
            except (Unproven, Unavailable) as error:
                if self.rejects is None and self.reading.problems:
                    note(f"where the prefixes of numbers lead was not looked up: {error}")
                    refuse_bad(self.reading, None)
                raise
            self.reading = self.reading.without(lambda tin: strays.get(tin.text))
        self._refuse_guess()
        refuse_bad(self.reading, self.rejects)

    def _refuse_guess(self) -> None:
        if self.reading.problems and self.rejects is not None and self.rules.missing is not None:
            found = f"{count(len(self.reading.bad), 'bad row')} to be skipped"
            raise MalformedText(
                "--missing", found, "a file without bad rows: a bad row may be what seems to be missing"
            )


def list_problems(reading: Reading) -> list[str]:
    """List the problems for people; a list that is cut says so."""
    lines = [str(problem) for problem in reading.problems[:_SHOWN]]
    rest = reading.problems[_SHOWN:]
    if rest:
        rows = len({problem.line for problem in rest})
        lines.append(f"... and {count(len(rest), 'more problem')} in {count(rows, 'row')}: --json lists all")
    return lines


def tell_reading(reading: Reading, rejects: Path | None) -> list[str]:
    """Say what of a file was not published."""
    lines = [f"passed over: {', '.join(_tell(what, number) for what, number in reading.passed_over.items())}"]
    lines = lines if reading.passed_over else []
    if reading.problems and rejects is not None:
        lines += [
            f"{count(len(reading.bad), 'bad row')} in {named(rejects)}: correct and feed back",
            *list_problems(reading),
        ]
    return lines


def _tell(what: str, number: int) -> str:
    noun, _, rest = what.partition(" that ") if " that " in what else what.partition(" without ")
    joint = " that " if " that " in what else " without "
    return count(number, noun) + (joint + rest if rest else "")


def describe_reading(reading: Reading) -> dict[str, Any]:
    """Describe for machines what of a file was not published."""
    return {
        "rows": reading.total,
        "skipped": len(reading.bad),
        "problems": [str(problem) for problem in reading.problems],
        "passed_over": dict(reading.passed_over),
    }
