"""Propose a profile from the head of a file. It is a draft: who knows the file reads it, and changes what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.registers.columns import COLUMNS, DAYS, NEEDED
from aeo_ledger.registers.days import DayForm, read_day_form
from aeo_ledger.registers.profile import FORMAT, KEEP, LINE_ENDS, PREFIX, ROLES, bare, shipped
from aeo_ledger.registers.sheet import Form, Sheet
from aeo_ledger.registers.shipped import PROFILES

_HEAD: Final = 500
"""Rows that are looked at."""
_MOST_WORDS: Final = 40
"""More different values than this are no words."""

_OTHERS: Final = {
    "tin": ("eori", "eori number", "trader identification number", "tax number", "код", "унп/инн", "номер плательщика"),
    "certificate_number": (
        "certificate no",
        "certificate no.",
        "certificate",
        "authorisation number",
        "number of certificate",
    ),
    "certificate_type": ("type", "type of certificate", "authorisation type"),
    "roles": ("role", "activity", "kind of activity"),
    "status": ("state",),
    "status_since": ("since", "status date", "date of status"),
    "decided": ("decision date", "date of decision", "issued"),
    "effective_from": ("valid from", "effective date", "from", "start date"),
    "effective_until": ("valid until", "valid to", "expires", "until", "end date", "действует до", "срок действия"),
    "name": ("company", "holder", "operator", "economic operator", "наименование юридического лица"),
    "address": ("place", "location", "адрес местонахождения"),
    PREFIX: ("country", "country code"),
}
"""Headings that registers have, beside those of the profiles that come with the package."""

_FORMS: Final = tuple(
    map(
        read_day_form,
        ("yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "d.m.yyyy", "d/m/yyyy", "serial"),
    )
)


def propose_profile(sheet: Sheet, name: str) -> str:
    """Write the draft of a profile for a file, TOML. What is not known is marked with a question.

    Args:
        sheet: The file.
        name: Name of the profile.
    """
    known = _known_headings()
    meanings = {heading: known.get(bare(heading), "") for heading in sheet.header if bare(heading)}
    taken: set[str] = set()
    for heading, meaning in meanings.items():
        meanings[heading] = "" if meaning in taken else meaning
        taken.add(meaning)
    places = {meanings[heading]: place for place, heading in enumerate(sheet.header) if meanings.get(heading)}
    values = {column: _values(sheet, place) for column, place in places.items()}
    days = [value for column in DAYS for value in values.get(column, ())]
    lines = [f"profile = {_quote(FORMAT)}", f"name = {_quote(name)}", 'about = ""']
    if sheet.form is not Form.XLSX and sheet.dialect.encoding != "utf-8":
        lines.append(f"encoding = {_quote(sheet.dialect.encoding)}")
    if sheet.form is Form.CSV:
        lines.append(f"delimiter = {_quote(sheet.dialect.delimiter)}")
        lines += [f"line_end = {_quote(name)}" for name, end in LINE_ENDS.items() if end == sheet.dialect.line_end][:1]
    lines += [f"dates = [{', '.join(_quote(form.text) for form in _fit_forms(days))}]", *_tell_forms(days)]
    between = _find_between(values.get("roles", ()))
    lines += [f"roles_between = {_quote(between)}", 'unmapped = "refuse"  # or keep, or ignore', ""]
    lines.append("[columns]")
    lines += [
        f"{_quote(heading)} = {_quote(meaning or KEEP)}"
        + ("" if meaning else "  # kept as it is; does it mean something?")
        for heading, meaning in meanings.items()
    ]
    missing = [column for column in NEEDED if column not in places]
    lines += [f"# which heading means {column}? {COLUMNS[column]}" for column in missing]
    lines += _write_words("status", values.get("status", ()), [one.name for one in Status if one is not Status.NONE])
    parts = [part.strip() for value in values.get("roles", ()) for part in value.split(between.strip() or " ")]
    lines += _write_words("roles", parts, list(ROLES))
    return "\n".join(lines) + "\n"


def _known_headings() -> dict[str, str]:
    shipped_ones = [(heading, meaning) for name in PROFILES for heading, meaning in shipped(name).columns.items()]
    others = [(heading, column) for column, headings in _OTHERS.items() for heading in headings]
    return {bare(heading): meaning for heading, meaning in [*others, *shipped_ones]}


def _values(sheet: Sheet, place: int) -> Sequence[str]:
    """List the different values of a column that are not empty."""
    cells = (row.cells[place] for row in sheet.rows[:_HEAD] if place < len(row.cells))
    return tuple(dict.fromkeys(cell for cell in cells if cell.strip()))


def _fit_forms(days: Iterable[str]) -> list[DayForm]:
    """Find the form that reads every day, or those that read some."""
    found = list(days)
    whole = [form for form in _FORMS if found and all(form.read(day) for day in found)]
    some = [form for form in _FORMS if any(form.read(day) for day in found)]
    return whole[:1] or some[:1] or [_FORMS[0]]


def _tell_forms(days: Iterable[str]) -> list[str]:
    found = list(days)
    whole = [form.text for form in _FORMS if found and all(form.read(day) for day in found)]
    several = [text for text in whole if not text.startswith("d.") and not text.startswith("d/")]
    return [f"# {' and '.join(several)} read every day: which is meant?"] if len(several) > 1 else []


def _find_between(values: Iterable[str]) -> str:
    found = list(values)
    return next(
        (sign for sign in ("|", "; ", ", ", ";", ",", " / ", "/") if any(sign in value for value in found)), "|"
    )


def _write_words(column: str, values: Sequence[str], plain: Sequence[str]) -> list[str]:
    """Write a table of words, if a column has words of its own."""
    words = list(dict.fromkeys(values))
    if not words or len(words) > _MOST_WORDS or all(word in plain for word in words):
        return []
    known = {
        word.casefold(): meaning for name in PROFILES for word, meaning in shipped(name).words.get(column, {}).items()
    }
    known |= {word.casefold(): word for word in plain}
    lines = ["", f"[words.{column}]"]
    for word in words:
        meaning = known.get(word.casefold())
        lines.append(
            f"{_quote(word)} = {_quote(meaning)}" if meaning else f"# {_quote(word)} = ?  one of {', '.join(plain)}"
        )
    return lines


def _quote(text: str) -> str:
    """Write a basic string of TOML, on one line."""
    return json.dumps(text, ensure_ascii=not text.isprintable()).replace("\x7f", "\\u007f")
