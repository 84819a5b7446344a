"""What a spreadsheet probably did to a cell that cannot be read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from aeo_ledger.customs.tin import Tin, find_wrong_form
from aeo_ledger.errors import Malformed
from aeo_ledger.registers.days import SERIAL, SERIAL_FORM, read_day_form

FORMULA: Final = "a formula without its value: open the file in the spreadsheet program, and save it"

_SCIENTIFIC: Final = re.compile(r"[A-Z]{0,2}[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_FRACTION: Final = re.compile(r"([A-Z]{0,2}[0-9]+)[.,]0+")
_FORMS: Final = tuple(
    map(
        read_day_form,
        ("dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "d.m.yyyy", "d/m/yyyy", "m/d/yyyy", "yyyy-mm-dd"),
    )
)
_MOST_ZEROS: Final = 4
_ODD_SPACES: Final = re.compile("[\u00a0\u2007\u202f\u200b\u2060\ufeff]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_FAR: Final = 2_106


def find_mangled(text: str) -> str:
    """Say what a spreadsheet certainly did to a number; empty if it left no trace. Such a number is nobody's, whatever its country's rule."""
    if _SCIENTIFIC.fullmatch(text):
        return "a spreadsheet rounded a long number and shows its power of ten: format the column as text and enter it again"
    fraction = _FRACTION.fullmatch(text)
    return f"a spreadsheet made a fraction of the number: {fraction[1]} was meant" if fraction else ""


def explain_zeros(text: str) -> str:
    """Say which zeros a spreadsheet probably dropped from a TIN; empty if none would give it its country's form."""
    if not text[2:].isdigit():
        return ""
    for zeros in range(1, _MOST_ZEROS + 1):
        longer = f"{text[:2]}{'0' * zeros}{text[2:]}"
        try:
            if find_wrong_form(Tin(text)) and not find_wrong_form(Tin(longer)):
                return f"a spreadsheet drops zeros at the start of a number: was it {longer}?"
        except Malformed:
            return ""
    return ""


def explain_spaces(text: str) -> str:
    """Say that a cell has spaces that nobody sees; empty if it has none."""
    if _ODD_SPACES.search(text):
        return "it has a space of an unusual kind, which cannot be seen: delete it"
    return "it has a space at its beginning or end: delete it" if text != text.strip() else ""


def explain_letters(text: str) -> str:
    """Say that a word has letters of several alphabets, which look alike; empty if none has."""
    for word in _WORD.findall(text):
        alphabets = list(dict.fromkeys(unicodedata.name(letter, "?").partition(" ")[0].title() for letter in word))
        if len(alphabets) > 1:
            return f"{word!r} has letters of {' and '.join(alphabets)}, which look alike: type it again"
    return ""


def explain_day(text: str) -> str:
    """Say what a cell that is no day of the profile's forms probably is, and which setting would read it; empty if nothing is plain."""
    if SERIAL_FORM.fullmatch(text):
        day = read_day_form(SERIAL).read(text)
        return f'a spreadsheet\'s day number, {day}: format the column as yyyy-mm-dd, or set dates = ["{SERIAL}"] in the profile'
    if _FRACTION.fullmatch(text):
        return "a spreadsheet's day number or year as a fraction: format the column as yyyy-mm-dd"
    fits: dict[date, str] = {}
    for form in _FORMS:
        day = form.read(text)
        if day is not None:
            fits.setdefault(day, form.text)
    if any(day.year >= _FAR for day in fits):
        return "a day that no register reaches stands for no end: leave the cell empty, or give the word in [words.effective_until]"
    settings = [f'dates = ["{form}"]' for form in fits.values() if form != "yyyy-mm-dd"]
    if settings:
        return f"set {' or '.join(settings)} in the profile, whichever was meant"
    return explain_spaces(text)
