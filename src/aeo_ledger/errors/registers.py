"""Errors of whole registers: files, profiles and exports."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused


class BadRows(Malformed, wire="bad-rows"):
    """Rows of a register's file that cannot be read. All of them are named."""

    says = "{bad} of {rows} cannot be read ({faults}); nothing was published"
    advises = "correct them; or publish the others with --skip-bad, which writes the bad rows to a file of their own"

    bad: int
    """How many rows are bad."""
    total: int
    """How many rows the file has."""
    problems: tuple[str, ...]
    """Every problem of every bad row: its place, what was found and what was needed."""

    @property
    def rows(self) -> str:
        """A part of the message."""
        return f"{self.total} row{'' if self.total == 1 else 's'}"

    @property
    def faults(self) -> str:
        """A part of the message: the first problem, and how many more there are."""
        more = len(self.problems) - 1
        return self.problems[0] + (f"; and {more} more problem{'' if more == 1 else 's'}" if more else "")


class OddRows(Refused, wire="odd-rows"):
    """Rows that can be read, with numbers that break their country's rule or lead to another register. All of them are named."""

    says = (
        "{bad} of {rows} with odd numbers ({faults}); look again, and accept them as odd (--accept-odd) only if their "
        "register has them so; nothing was published"
    )

    bad: int
    """How many rows are odd."""
    total: int
    """How many rows the file has."""
    problems: tuple[str, ...]
    """Every problem of every odd row."""

    rows = BadRows.rows
    faults = BadRows.faults


class OtherEncoding(Malformed, wire="other-encoding"):
    """A file's bytes are not text in the encoding that was expected."""

    says = "{found}, needed {needed}{proposal}"
    advises = "name the file's encoding with --encoding or in the profile"

    found: str
    """What the bytes show."""
    needed: str
    """The encoding by which it was to be read."""
    proposed: str
    """The encoding that the bytes suggest; empty if none. It is a guess: only who knows the file can say."""

    @property
    def proposal(self) -> str:
        """A part of the message."""
        return self.proposed and f": it looks like {self.proposed}"


class NotWritable(Refused, wire="not-writable"):
    """A value that an export's form cannot hold."""

    says = "{what}: {found} cannot be written in this form, which holds {needed}"
    advises = "choose another form or another profile"

    what: str
    """The column, or the standing."""
    found: str
    """The value, quoted."""
    needed: str
    """What the form can hold."""
