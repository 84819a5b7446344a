"""Profiles: how an administration writes its register, and what each heading and word means.

    profile = "aeo-ledger/register-profile/1"
    name = "example"
    about = "The register as the example administration keeps it"
    encoding = "windows-1251"         # of text forms; without it, UTF-8
    delimiter = ";"                   # of CSV; without it, the sign that gives most known headings
    line_end = "crlf"                 # of CSV that is written: crlf (RFC 4180) or lf
    sheet = "Register"                # of a workbook; without it, its only sheet
    dates = ["dd.mm.yyyy"]            # forms of days; the first is written
    roles_between = ", "              # what stands between two roles
    unmapped = "refuse"               # columns that [columns] does not name: refuse, keep in the document, or ignore
    accept_odd = false                # whether numbers that break a rule are accepted
    certificate_numbers = ["A/[0-9]"] # forms of certificates' numbers, [..] one of some signs; other numbers are odd
    tin_prefix = ""                   # two letters that the file's numbers lack

    [columns]                         # heading = plain column; or consent, prefix, keep, ignore. The file is written in this order
    "Number" = "certificate_number"

    [words.status]                    # word of the file = plain word
    "valid" = "ACTIVE"

Several headings, or several words, may mean the same; the first is written. `prefix` is a column with the two letters of the TIN, which the
column of the number then lacks. A day in the form `serial` is a spreadsheet's day number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from typing import Final

from aeo_ledger.customs.prefixes import PREFIXES
from aeo_ledger.customs.vocabulary import Role, Status
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.primitives.documents import Fields, parse_toml
from aeo_ledger.registers.columns import AGREED, COLUMNS, CONSENT, DAYS, NEEDED, NOT_AGREED
from aeo_ledger.registers.days import DayForm, read_day_form
from aeo_ledger.registers.encodings import read_encoding
from aeo_ledger.registers.shipped import read_shipped

FORMAT: Final = "aeo-ledger/register-profile/1"
"""Name and version. Another version is another format."""

PREFIX, KEEP, IGNORE = "prefix", "keep", "ignore"
"""What a heading may mean beside a plain column."""

MEANINGS: Final = (*COLUMNS, CONSENT, PREFIX, KEEP, IGNORE)

MAX_BYTES: Final = 1 << 20
MAX_NAMES: Final = 1_000
"""Most headings, and most words of one column."""

MAX_LENGTH: Final = 200
"""Most characters of a text in a profile."""

MAX_FORM: Final = 40
"""Most characters of an encoding's name, and of a form of days or of certificates' numbers."""

MOST_FORMS: Final = 20
"""Most forms of days, and of certificates' numbers."""
LINE_ENDS: Final = {"crlf": "\r\n", "lf": "\n"}
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
DELIMITER: Final = re.compile(r"[^\"'\r\n]")
_DOCUMENT: Final = "profile"

STATUSES: Final = tuple(status.name for status in Status if status is not Status.NONE)
ROLES: Final[Mapping[str, Role]] = {role.name.lower(): role for role in Role}


class Unmapped(StrEnum):
    """What happens to a column that a profile does not name."""

    REFUSE = "refuse"
    KEEP = "keep"
    IGNORE = "ignore"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How an administration writes its register."""

    name: str
    about: str
    columns: Mapping[str, str]
    """Each heading and its meaning: a plain column, `PREFIX`, `KEEP` or `IGNORE`. The order is that of the file."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By plain column: each word of the file and the plain word."""
    days: tuple[DayForm, ...] = ()
    """Forms of days. The first is written."""
    roles_between: str = "|"
    encoding: str | None = None
    delimiter: str | None = None
    line_end: str = LINE_ENDS["crlf"]
    """Of CSV that is written. Any is read."""
    certificate_numbers: tuple[str, ...] = ()
    """Forms of certificates' numbers, with `[..]` for one of some signs; none if the register gives them as it likes."""
    sheet: str = ""
    unmapped: Unmapped = Unmapped.REFUSE
    accept_odd: bool = False
    tin_prefix: str = ""

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Each heading in its bare form, and its meaning."""
        return {bare(heading): meaning for heading, meaning in self.columns.items()}

    def knows(self, heading: str) -> bool:
        """Tell whether the profile names a heading."""
        return bare(heading) in self.headings

    @cached_property
    def written(self) -> Mapping[str, Mapping[str, str]]:
        """By plain column: each plain word and the file's word for it, the first of several."""
        return {
            column: {plain: word for word, plain in reversed(list(words.items()))}
            for column, words in self.words.items()
        }


def bare(heading: str) -> str:
    """Reduce a heading to what people read: without capitals, and with one space of the usual kind between words."""
    return " ".join(heading.split()).casefold()


def parse_profile(data: bytes, *, document: str = _DOCUMENT) -> Profile:
    """Read a profile, TOML in UTF-8.

    Raises:
        MalformedText: it names an encoding or a form of days that does not exist.
        MalformedDocument: it is not TOML, or not exactly a profile; the place is named.
    """
    fields = Fields(parse_toml(data, document=document, max_bytes=MAX_BYTES), document=document)
    fields.demand(
        ("profile", "name", "columns"),
        optional=(
            "about", "encoding", "delimiter", "sheet", "dates", "roles_between", "unmapped", "accept_odd", "tin_prefix", "words",
            "line_end", "certificate_numbers",
        ),
    )  # fmt: skip
    fields.choice("profile", {FORMAT: None})
    if not NAME.fullmatch(fields.text("name", MAX_LENGTH)):
        fields.refuse("name", "needed small letters, digits, - and _, at most 40")
    return Profile(
        name=fields.text("name", MAX_LENGTH),
        about=_optional(fields, "about"),
        columns=_read_columns(fields),
        words=_read_words(fields),
        days=_read_days(fields),
        roles_between=_optional(fields, "roles_between") or "|",
        encoding=read_encoding(fields.text("encoding", MAX_FORM)) if "encoding" in fields else None,
        delimiter=_read_delimiter(fields),
        line_end=fields.choice("line_end", LINE_ENDS) if "line_end" in fields else LINE_ENDS["crlf"],
        certificate_numbers=_read_numbers(fields),
        sheet=_optional(fields, "sheet"),
        unmapped=fields.choice("unmapped", {one.value: one for one in Unmapped})
        if "unmapped" in fields
        else Unmapped.REFUSE,
        accept_odd="accept_odd" in fields and fields.flag("accept_odd"),
        tin_prefix=_read_prefix(fields),
    )


def _optional(fields: Fields, key: str) -> str:
    return fields.text(key, MAX_LENGTH) if key in fields and fields.value(key) != "" else ""


def _read_days(fields: Fields) -> tuple[DayForm, ...]:
    if "dates" not in fields:
        return (read_day_form("yyyy-mm-dd"),)
    forms = fields.texts("dates", MOST_FORMS, MAX_FORM)
    if not forms:
        fields.refuse("dates", "needed a form of days, such as yyyy-mm-dd")
    return tuple(map(read_day_form, forms))


def _read_delimiter(fields: Fields) -> str | None:
    if "delimiter" not in fields:
        return None
    if not DELIMITER.fullmatch(fields.text("delimiter", 10)):
        fields.refuse("delimiter", "needed one sign, such as a comma, a semicolon or a tab")
    return fields.text("delimiter", 1)


def _read_numbers(fields: Fields) -> tuple[str, ...]:
    if "certificate_numbers" not in fields:
        return ()
    forms = fields.texts("certificate_numbers", MOST_FORMS, MAX_FORM)
    if any("*" in form for form in forms):
        fields.refuse("certificate_numbers", "needed forms without *")
    return forms


def _read_prefix(fields: Fields) -> str:
    prefix = _optional(fields, "tin_prefix")
    if prefix and prefix not in PREFIXES:
        fields.refuse("tin_prefix", "needed the two letters of a country")
    if prefix and PREFIX in _read_columns(fields).values():
        fields.refuse("tin_prefix", "a column gives the prefix: leave one of them out")
    return prefix


def _read_columns(fields: Fields) -> dict[str, str]:
    table = fields.object("columns")
    columns = {heading: table.choice(heading, {one: one for one in MEANINGS}) for heading in table.keys(MAX_NAMES)}
    seen: dict[str, str] = {}
    for heading, meaning in columns.items():
        if seen.setdefault(bare(heading), heading) != heading:
            table.refuse(heading, f"it is {seen[bare(heading)]!r} again, but for capitals and spaces")
        if not bare(heading) or (meaning == KEEP and heading in COLUMNS):
            table.refuse(heading, "needed a heading that names nothing else")
    missing = [column for column in NEEDED if column not in columns.values()]
    if missing:
        raise MalformedDocument(_DOCUMENT, "columns", f"no heading means {', '.join(missing)}")
    return columns


def _read_words(fields: Fields) -> dict[str, dict[str, str]]:
    if "words" not in fields:
        return {}
    tables, words = fields.object("words"), {}
    for column in tables.keys(MAX_NAMES):
        if column not in WORDS:
            tables.refuse(column, f"words are for {', '.join(WORDS)}")
        table = tables.object(column)
        plain = WORDS[column]
        words[column] = {word: _read_word(table, word, plain) for word in table.keys(MAX_NAMES)}
    return words


def _read_word(table: Fields, word: str, plain: tuple[str, ...]) -> str:
    if plain:
        return table.choice(word, {one: one for one in plain})
    return "" if table.value(word) == "" else table.text(word, MAX_LENGTH)


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": STATUSES,
    "roles": tuple(ROLES),
    "certificate_type": (),
    CONSENT: (AGREED, NOT_AGREED, ""),
    **dict.fromkeys(DAYS, ("",)),
}
"""Columns that may have words of their own, and the plain words; for days, a word can only mean an empty cell."""


@cache
def shipped(name: str) -> Profile:
    """Read a profile that comes with the package.

    Raises:
        MalformedText: there is none of this name.
    """
    return parse_profile(read_shipped(name), document=f"profile {name}")
