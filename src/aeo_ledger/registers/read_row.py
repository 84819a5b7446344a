"""Read one row by a profile, and say everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from aeo_ledger.customs.certificate import list_type_names, list_types_meant
from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.tin import Tin, find_problems
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors.customs import MalformedTin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment, show_day
from aeo_ledger.primitives.choices import choose
from aeo_ledger.registers.columns import AGREED, CONSENT, DAYS, NEEDED, NOT_AGREED
from aeo_ledger.registers.layout import Layout
from aeo_ledger.registers.mangled import (
    FORMULA,
    explain_day,
    explain_letters,
    explain_spaces,
    explain_zeros,
    find_mangled,
)
from aeo_ledger.registers.profile import PREFIX, ROLES, STATUSES, Profile
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.sheet import SheetRow

T = TypeVar("T")

_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """What is wrong with one cell of a row, or with a row."""

    place: str
    """What people count in the file: line, row or object."""
    line: int
    """Place of the row."""
    column: str
    """The file's own heading; empty for the whole row."""
    found: str
    needed: str
    hint: str = ""
    """What a spreadsheet probably did, or what to do; empty if nothing is plain."""
    odd: bool = False
    """Whether it can be accepted, because the register may have it so."""

    def __str__(self) -> str:
        """Write it as one sentence."""
        where = f"{self.place} {self.line}" + (f": {self.column}" if self.column else "")
        return f"{where}: found {self.found}, needed {self.needed}" + (f"; {self.hint}" if self.hint else "")


class _Wrong(Exception):
    """A cell that cannot be read."""

    def __init__(self, found: str, needed: str, hint: str = "") -> None:
        super().__init__(found)
        self.found, self.needed, self.hint = found, needed, hint


class RowReader:
    """Reads the rows of one file.

    Args:
        party: Code of the party that keeps the register.
        profile: What words mean.
        layout: Where each column is.
        place: What people count in the file.
        now: UTC seconds.
        accept_odd: Accept numbers that break their country's rule.
    """

    def __init__(self, party: str, profile: Profile, layout: Layout, *, place: str, now: int, accept_odd: bool) -> None:
        self.party, self.profile, self.layout = party, profile, layout
        self.place, self.now, self.accept_odd = place, now, accept_odd
        self.tins: dict[int, Tin] = {}
        """The TIN of each row that was read, if its cell is one, by the row's place."""
        self.types = list_type_names(party)
        country = find_country(party)
        self._type_names = (*self.types, *(country.combined if country is not None else ()))
        self._places = {**layout.kept, **layout.places}
        self._days: dict[tuple[str, str], tuple[str, int]] = {}

    def read(self, row: SheetRow, cells: Sequence[str]) -> tuple[list[Row], list[RowProblem]]:
        """Read one row: its certificates, or its problems. A type's name may mean several certificates."""
        problems: list[RowProblem] = []

        def take(column: str, read: Callable[[str], T], otherwise: T) -> T:
            place = self._places.get(column)
            try:
                return read("" if place is None else _value(row, cells, place))
            except _Wrong as wrong:
                problems.append(self._problem(row.number, column, wrong))
                return otherwise

        prefix = take(PREFIX, self._read_prefix, "")
        tin = take("tin", lambda text: self._read_tin(text, prefix), None)
        if tin is not None:
            self.tins[row.number] = tin
        number = take("certificate_number", self._read_number, "")
        kind = take("certificate_type", self._read_type, "")
        no_roles: tuple[str, ...] = ()
        roles = take("roles", self._read_roles, no_roles)
        status = take("status", self._read_status, Status.NONE)
        days = {
            column: take(column, lambda text, column=column: self._read_day(column, text), ("", 0))  # type: ignore[misc]
            for column in DAYS
        }
        name, address = take("name", _keep, ""), take("address", _keep, "")
        consent = take(CONSENT, self._read_consent, "")
        kept = {heading: take(heading, _keep, "") for heading in self.layout.kept}
        problems += self._find_nameless(row.number, cells)
        if not problems and tin is not None:
            problems += self._judge_days(row.number, status, days)
        if not self.accept_odd:
            problems += self._find_odd(row.number, tin, number)
        if problems or tin is None:
            return [], problems
        document = {
            "tin": tin.text,
            "certificate_number": number,
            "certificate_type": kind,
            "roles": "|".join(roles),
            "status": status.name,
            **{column: days[column][0] for column in DAYS},
            "name": name,
            "address": address,
            **({CONSENT: consent} if CONSENT in self._places else {}),
            **kept,
        }
        bits = sum(1 << ROLES[role] for role in roles)
        return [
            Row(
                line=row.number,
                tin=tin,
                type_number=self.types.index(one),
                roles=bits,
                status=status,
                status_since=days["status_since"][1],
                valid_from=days["effective_from"][1],
                valid_until=days["effective_until"][1],
                document=document,
            )
            for one in list_types_meant(self.party, kind)
        ], []

    def repeat(self, line: int, row: Row, first: int) -> RowProblem:
        """Say that a certificate was already in another row, which differs."""
        found = f"{row.tin} again under the type of {self.place} {first}, with other values"
        return self._problem(line, "tin", _Wrong(found, "each certificate once"))

    def _problem(self, line: int, column: str, wrong: _Wrong, *, odd: bool = False) -> RowProblem:
        return RowProblem(
            place=self.place,
            line=line,
            column=self.layout.headings.get(column, column),
            found=wrong.found,
            needed=wrong.needed,
            hint=wrong.hint,
            odd=odd,
        )

    # ---- cells

    def _read_prefix(self, text: str) -> str:
        if PREFIX not in self.layout.places:
            return self.profile.tin_prefix
        if not re.fullmatch("[A-Z]{2}", text):
            raise _Wrong(_quote(text), "the two letters of a country", explain_spaces(text))
        return text

    def _read_tin(self, text: str, prefix: str) -> Tin:
        if prefix and text.startswith(prefix):
            raise _Wrong(_quote(text), f"the number without {prefix}, as the profile says")
        if mangled := find_mangled(text):
            raise _Wrong(_quote(text), "the number as it is registered", mangled)
        try:
            return Tin(prefix + text)
        except MalformedTin as error:
            raise _Wrong(_quote(text), f"a TIN ({error.reason}; {error.advice})", explain_spaces(text)) from error

    def _read_number(self, text: str) -> str:
        if not text.strip():
            raise _Wrong("no certificate number", "the number as on the certificate")
        return text

    def _read_type(self, text: str) -> str:
        plain = self._translate("certificate_type", text)
        return self._choose(plain, self._type_names, "certificate_type")

    def _read_roles(self, text: str) -> tuple[str, ...]:
        """Read names of roles, in their order; one that appears twice counts once."""
        words = self.profile.words.get("roles")
        names = (name.strip() for name in text.split(self.profile.roles_between.strip() or " "))
        if words is None:
            return tuple(dict.fromkeys(self._choose(name, ROLES, "role") for name in names))
        return tuple(dict.fromkeys(words[self._choose(name, words, "role")] for name in names))

    def _read_status(self, text: str) -> Status:
        words = self.profile.words.get("status")
        return Status[
            self._choose(text, STATUSES, "status") if words is None else words[self._choose(text, words, "status")]
        ]

    def _read_consent(self, text: str) -> str:
        plain = self._translate(CONSENT, text)
        return self._choose(plain, (AGREED, NOT_AGREED), CONSENT) if plain else ""

    def _read_day(self, column: str, text: str) -> tuple[str, int]:
        """Read a day or a moment: its plain text and UTC seconds; no text and 0 if the cell is empty and may be."""
        key = column, text
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = self._parse_day(column, self._translate(column, text))
        return found

    def _parse_day(self, column: str, text: str) -> tuple[str, int]:
        if not text and column not in NEEDED:
            return "", 0
        day = next((day for form in self.profile.days if (day := form.read(text)) is not None), None)
        plain = text if day is None else day.isoformat()
        if not _MOMENT.fullmatch(plain):
            raise _Wrong(_quote(text), self._forms_of_days(), explain_day(text))
        try:
            return plain, parse_moment(plain, self.party, what=column)
        except MalformedText as error:
            raise _Wrong(error.found, error.needed, explain_day(text)) from error

    def _forms_of_days(self) -> str:
        return f"a day such as {' or '.join(form.example for form in self.profile.days)}"

    def _translate(self, column: str, text: str) -> str:
        """Return the plain word for a file's word; a text that is no word stays."""
        words: Mapping[str, str] = self.profile.words.get(column, {})
        return words.get(text, text)

    def _choose(self, text: str, words: Sequence[str] | Mapping[str, object], what: str) -> str:
        try:
            return choose(text, words, what=what)
        except MalformedText as error:
            raise _Wrong(error.found, error.needed, explain_spaces(text)) from error

    # ---- the row as a whole

    def _find_nameless(self, line: int, cells: Sequence[str]) -> list[RowProblem]:
        return [
            self._problem(
                line, "", _Wrong(f"{_quote(cells[place])} in a column without a heading", "a heading in the first row")
            )
            for place in self.layout.nameless
            if cells[place].strip()
        ]

    def _judge_days(self, line: int, status: Status, days: Mapping[str, tuple[str, int]]) -> list[RowProblem]:
        """Compare the days of a row with each other and with now."""
        (since, from_, until, decided) = (
            days[column][1] for column in ("status_since", "effective_from", "effective_until", "decided")
        )
        begins = days["effective_from"][0]
        wrong = []
        if until and until <= from_:
            wrong.append(("effective_until", f"a later day than {begins}, on which it takes effect"))
        if decided and decided > max(from_, 0):
            wrong.append(("decided", f"a day not after {begins}, on which it takes effect"))
        if decided and decided > self.now:
            wrong.append(("decided", f"a day not after today, {self._today()}"))
        ahead = status is Status.ACTIVE and from_ > self.now
        if since < from_ and not ahead:
            wrong.append(("status_since", f"a day not before {begins}, on which it takes effect"))
        if since > (from_ if ahead else self.now):
            wrong.append(("status_since", f"a day not after {begins if ahead else f'today, {self._today()}'}"))
        return [self._problem(line, column, _Wrong(_quote(days[column][0]), needed)) for column, needed in wrong]

    def _today(self) -> str:
        return show_day(self.now, self.party)[:10]

    def _find_odd(self, line: int, tin: Tin | None, number: str) -> list[RowProblem]:
        odd = []
        if tin is not None:
            odd += [
                ("tin", _Wrong(_quote(tin.text), f"another number: {problem}", explain_zeros(tin.text)))
                for problem in find_problems(tin)
            ]
        forms = self.profile.certificate_numbers
        if number and forms and not any(fnmatchcase(number, form) for form in forms):
            likely = [form for form in forms if form[:2] == number[:2]] or forms
            hint = explain_letters(number) or explain_spaces(number)
            odd.append(("certificate_number", _Wrong(_quote(number), f"a number such as {' or '.join(likely)}", hint)))
        return [self._problem(line, column, wrong, odd=True) for column, wrong in odd]


def _value(row: SheetRow, cells: Sequence[str], place: int) -> str:
    if place in row.formulas:
        raise _Wrong(_quote(cells[place]), "a value", FORMULA)
    return cells[place]


def _keep(text: str) -> str:
    return text


def _quote(text: str) -> str:
    return repr(text[:_SHOWN])
