"""The ways in which people write TINs, and the one form that each stands for.

A number is the same whether somebody writes it in small letters, in groups of three, or with AEO before it. Here such a text is
rewritten, and every step is named, so that whoever reads the answer sees what was asked. A text is rewritten only if exactly one TIN can be
meant: the result has the form that its country's register gives. Letters of another script are read as Latin ones only where the country's rule names
the script, and only if the check digit is right too. Nothing here makes one country's number into another's, and no part of a number is cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aeo_ledger.customs.country import TinRule, find_by_prefix
from aeo_ledger.customs.look_alikes import LATIN_OF
from aeo_ledger.customs.prefixes import COUNTRIES, PREFIXES

TIN_FORM: Final = re.compile(r"[A-Z]{2}[\x21-\x60\x7b-\x7e]{1,15}")
"""Every TIN: a prefix, and 1 to 15 characters of printable ASCII without small letters."""

_LONGEST: Final = 100
"""Most characters of a text that can stand for a TIN, whatever is between them."""

_MARKS: Final = re.compile(r"[./_()\[\]'\"\u00b7\u2010-\u2015\u2212-]")
"""Marks that people write between the parts of a number: where a rule leaves no doubt, they are not part of it."""

_SCRIPTS: Final = ("CYRILLIC", "GREEK", "ARABIC")
"""Scripts that a country's rule may name, as Unicode's names of characters begin or contain them."""


class Step(Enum):
    """What was done to a text to make it a TIN, in words."""

    FULL_WIDTH = "full-width characters made narrow"
    INVISIBLE = "invisible characters removed"
    SPACES = "spaces removed"
    CAPITALS = "capitals"
    LOOK_ALIKES = "letters and digits of another script read as Latin ones"
    MARKS = "marks removed"
    AEO = "AEO before the TIN removed"
    GREECE = "EL written as GR"
    PREFIX = "prefix added"


OTHER_FORMS: Final = (
    (
        re.compile(r"AEO(?=\(?[A-Z]{2})"),
        "",
        Step.AEO,
        "this is the code of an AEO certificate, with AEO before the TIN",
    ),
    (re.compile(r"EL"), "GR", Step.GREECE, "EL is Greece's prefix in tax matters, its traders are registered under GR"),
)
"""Prefixes that people write, what a TIN has instead, the step from one to the other, and why."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text on its way to a TIN, and what was done to it so far."""

    text: str
    done: tuple[Step, ...] = ()
    scripts: frozenset[str] = frozenset()
    """Scripts of the letters that were read as Latin ones."""

    def become(self, text: str, step: Step) -> Spelling:
        """Return the spelling after a step; the same if the step changes nothing."""
        return self if text == self.text else Spelling(text, (*self.done, step), self.scripts)


def clean(text: str) -> Spelling:
    """Take away what no number has: width, invisible characters, spaces, small letters. Look-alikes stay."""
    spelling = Spelling(text)
    spelling = spelling.become("".join(map(_narrow, spelling.text)), Step.FULL_WIDTH)
    spelling = spelling.become("".join(c for c in spelling.text if unicodedata.category(c) != "Cf"), Step.INVISIBLE)
    spelling = spelling.become("".join(spelling.text.split()), Step.SPACES)
    return spelling.become("".join(map(_capital, spelling.text)), Step.CAPITALS)


def find_spelling(text: str, country: str | None = None) -> Spelling | None:
    """Find the TIN that a text stands for; None if no rule shows one, or if it is another country's.

    Args:
        text: The text as somebody wrote it.
        country: Code of the country whose register has the number, if that is known. A number of another country is then not found, and a
            missing prefix is added. The code of a union changes nothing: its members' numbers have their own prefixes.
    """
    if len(text) > _LONGEST:
        return None
    plain = _read_look_alikes(clean(text))
    bare = plain.become(_MARKS.sub("", plain.text), Step.MARKS)
    for spelling in (plain, bare):
        foreign = False
        for found in _try_prefixes(spelling):
            if _stands(found):
                if _is_of(found.text[:2], country):
                    return found
                foreign = True
        if foreign:
            return None
        if country in COUNTRIES and (added := _add_prefix(spelling, country)) is not None:
            return added
    return None


def rule_of(prefix: str) -> TinRule | None:
    """Find the rule of the identifiers after a prefix; None if there is none with a public source."""
    row = find_by_prefix(prefix)
    return None if row is None else row.rule_of(prefix)


def find_other_number(text: str, country: str | None = None) -> str | None:
    """Tell in words which number a text is, if it is one that people give in place of a TIN, such as a certificate's."""
    plain = clean(text[:_LONGEST]).text
    prefix = "".join(LATIN_OF.get(character, character) for character in plain[:2])
    readings = [(prefix, plain[2:])] + ([] if country is None else [(country, plain)])
    rules = [(rule_of(code), rest) for code, rest in readings if code in PREFIXES]
    return next((words for rule, rest in rules if rule and (words := rule.find_other(rest))), None)


def _narrow(character: str) -> str:
    """Make a full-width character of East Asian keyboards the ASCII one."""
    return chr(ord(character) - 0xFEE0) if "\uff01" <= character <= "\uff5e" else character


def _capital(character: str) -> str:
    """Make a small letter a capital, except where the capital is another letter's too, as for the Turkish dotless i, or two letters."""
    upper = character.upper()
    return upper if len(upper) == 1 and upper.isascii() == character.isascii() else character


def _read_look_alikes(spelling: Spelling) -> Spelling:
    """Read letters and digits of other scripts as the Latin ones that they look like or mean, and keep in mind which scripts they are of."""
    latin = {character: _latin_of(character) for character in spelling.text if not character.isascii()}
    if not latin or not all(latin.values()):
        return spelling
    text = "".join(latin.get(character) or character for character in spelling.text)
    return Spelling(text, (*spelling.done, Step.LOOK_ALIKES), frozenset(map(_script_of, latin)))


def _latin_of(character: str) -> str:
    """Find the Latin letter that a letter looks like, or the value of a digit; empty if there is none. No letter is read as a digit."""
    like = LATIN_OF.get(character, "")
    return like if like.isalpha() else str(unicodedata.decimal(character, ""))


def _script_of(character: str) -> str:
    name = unicodedata.name(character)
    return next((script for script in _SCRIPTS if script in name), name)


def _try_prefixes(spelling: Spelling) -> Iterator[Spelling]:
    """List the text as it is, and with the prefix of a TIN in place of another."""
    yield spelling
    for pattern, prefix, step, _ in OTHER_FORMS:
        if pattern.match(spelling.text):
            yield spelling.become(pattern.sub(prefix, spelling.text, count=1), step)


def _stands(spelling: Spelling) -> bool:
    """Tell whether a text is a TIN of its country's form. Without a rule, only width, spaces and small letters may have been changed."""
    text = spelling.text
    if not TIN_FORM.fullmatch(text) or text[:2] not in PREFIXES or any(form.match(text) for form, *_ in OTHER_FORMS):
        return False
    rule = rule_of(text[:2])
    if rule is None:
        return any(map(str.isdigit, text)) and not {Step.MARKS, Step.AEO, Step.LOOK_ALIKES} & {*spelling.done}
    return _fits(rule, spelling.text[2:], spelling.scripts)


def _fits(rule: TinRule, identifier: str, scripts: frozenset[str]) -> bool:
    if not scripts:
        return rule.is_of_form(identifier)
    return scripts <= {*rule.scripts} and rule.find_problem(identifier) is None


def _is_of(prefix: str, country: str | None) -> bool:
    """Tell whether a prefix is a country's. The members of a union have prefixes of their own, so all pass."""
    return country not in COUNTRIES or prefix == country


def _add_prefix(spelling: Spelling, country: str) -> Spelling | None:
    """Put a country's prefix before a number; None if the number may have one already, or does not have that country's form."""
    rule, start = rule_of(country), spelling.text[:2]
    added = spelling.become(country + spelling.text, Step.PREFIX)
    if start == country or spelling.text.startswith("AEO" + country) or not _stands(added):
        return None
    sure = rule is not None and rule.is_valid is not None and rule.is_valid(spelling.text)
    return added if sure or start not in PREFIXES else None
