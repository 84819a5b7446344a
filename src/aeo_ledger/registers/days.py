"""Days as files write them. One form is one pattern: a day that fits two forms of a profile is read by the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

SERIAL: Final = "serial"
"""The form of a spreadsheet's day number: days since 1899-12-30, by which 1 March 1900 and all later days are right."""

_FIRST: Final = date(1899, 12, 30)
_PARTS: Final = {"yyyy": "([0-9]{4})", "mm": "([0-9]{2})", "m": "([0-9]{1,2})", "dd": "([0-9]{2})", "d": "([0-9]{1,2})"}
_PART: Final = re.compile("yyyy|mm|m|dd|d")
_BETWEEN: Final = re.compile(r"[ ./,-]{0,2}")

SERIAL_FORM: Final = re.compile(r"[1-9][0-9]{4}")
"""Day numbers from 1927 to 2173."""


@dataclass(frozen=True, slots=True)
class DayForm:
    """A form such as `dd.mm.yyyy`."""

    text: str
    pattern: re.Pattern[str]
    parts: tuple[str, ...]
    """The parts in order, by their first letters: y, m and d; empty for day numbers."""

    def read(self, text: str) -> date | None:
        """Read a day of this form; None if the text has another form, or there is no such day."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        if not self.parts:
            return _FIRST + timedelta(days=int(text))
        numbers = dict(zip(self.parts, map(int, found.groups()), strict=True))
        try:
            return date(numbers["y"], numbers["m"], numbers["d"])
        except ValueError:
            return None

    @property
    def example(self) -> str:
        """A day in this form."""
        return self.write(date(2019, 7, 24))

    def write(self, day: date) -> str:
        """Write a day in this form."""
        if not self.parts:
            return str((day - _FIRST).days)
        numbers = {"y": f"{day.year:04}", "m": day.month, "d": day.day}
        return _PART.sub(lambda part: f"{numbers[part[0][0]]:0>{len(part[0])}}", self.text)


def read_day_form(text: str) -> DayForm:
    """Read a form of days: `yyyy`, `mm` or `m`, `dd` or `d`, each once, with signs between; or `serial`.

    Raises:
        MalformedText: it is no such form.
    """
    if text == SERIAL:
        return DayForm(text, SERIAL_FORM, ())
    parts = _PART.findall(text)
    rest = _PART.split(text)
    if sorted(part[0] for part in parts) != ["d", "m", "y"] or not all(map(_BETWEEN.fullmatch, rest)):
        raise MalformedText("dates", repr(text)[:40], "a form such as yyyy-mm-dd, dd.mm.yyyy, d/m/yyyy or serial")
    pattern = re.escape(rest[0]) + "".join(
        _PARTS[part] + re.escape(sign) for part, sign in zip(parts, rest[1:], strict=True)
    )
    return DayForm(text, re.compile(pattern), tuple(part[0] for part in parts))
