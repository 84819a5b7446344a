r"""Trader identification numbers: which text is one, exactly as written.

A TIN is the two letters of the party that registered the trader, and a national identifier. TINs are compared and hashed
byte by byte, so each has one form. Nothing is trimmed, upper-cased or transliterated: a wrong guess would give a benefit to
another trader. Where a rule shows what the text should be, the refusal says what to write.

A text in a wrong form must never be looked up: the answer would be a proven no about a trader that does not exist under that
name. `Tin` refuses what no register gives under any rule. `read_tin`, which reads everything that people enter, also refuses
what the country's own rule does not give.

Source: WCO Guidelines on TIN (2018), at most 17 characters; the pattern `[A-Z]{2}[\x21-\x7E]{1,15}` that EU declaration
systems check.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.country import TinRule, find_by_prefix
from aeo_ledger.customs.prefixes import PREFIXES
from aeo_ledger.errors.customs import MalformedTin

_TIN: Final = re.compile(r"[A-Z]{2}[\x21-\x60\x7b-\x7e]{1,15}")
_SHOWN: Final = 40
_LATIN_OF: Final = dict(zip("АВЕЗІЈКМНОРСТУХЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABE3IJKMHOPCTYXSABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
"""Cyrillic and Greek capitals, each with the Latin letter or digit that it looks like."""

_OTHER_FORMS: Final = (
    (re.compile(r"AEO(?=[A-Z]{2})"), "", "this is the code of an AEO certificate, with AEO before the TIN"),
    (re.compile(r"EL"), "GR", "EL is Greece's prefix in tax matters, its traders are registered under GR"),
)
"""Prefixes that people write, what a TIN has instead, and why."""

_BETWEEN: Final = (re.compile(r"[\s\u200b\u2060\ufeff]"), re.compile(r"[\s\u200b\u2060\ufeff./_-]"))
"""Separators that people write between parts of a number: spaces; and, where a country's rule leaves no doubt, marks."""


@dataclass(frozen=True, slots=True)
class Tin:
    """A trader identification number in its one form.

    Raises:
        MalformedTin: The text is not a TIN. A character that only looks right is named.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse a text that is not exactly a TIN."""
        if not _TIN.fullmatch(self.text):
            raise _refuse(self.text, _reason(self.text))
        for pattern, _, why in _OTHER_FORMS:
            if pattern.match(self.text):
                raise _refuse(self.text, why)
        if self.text[:2] not in PREFIXES:
            raise _refuse(
                self.text,
                f"no country has the prefix {self.prefix}",
                advice="look again at the first two letters: the code of the country whose register gave the number",
            )

    @property
    def prefix(self) -> str:
        """Two letters: an administration's, or a code such as `XI` or `EL` that stands for one."""
        return self.text[:2]

    @property
    def identifier(self) -> str:
        """The number that the national register gave, which follows the prefix."""
        return self.text[2:]

    def __str__(self) -> str:
        """Write the TIN unchanged."""
        return self.text


def read_tin(text: str, *, accept_odd: bool = False) -> Tin:
    """Read a TIN that somebody entered.

    Args:
        text: The text as entered.
        accept_odd: Accept a TIN outside its country's rule. Rules change, and the register knows best.

    Raises:
        MalformedTin: The text is not a TIN or, unless accepted, not in its country's form. The error says what to write
            where a rule shows it.
    """
    tin = Tin(text)
    wrong = find_wrong_form(tin)
    if wrong and not accept_odd:
        raise _refuse(
            text, wrong, advice="look again, and accept it as odd (--accept-odd) only if its register has it so"
        )
    return tin


def find_wrong_form(tin: Tin) -> str | None:
    """Describe the form of the country's rule if the TIN does not have it. As far as is known, such a TIN belongs to nobody."""
    rule = _rule_of(tin.prefix)
    return None if rule is None or rule.is_of_form(tin.identifier) else rule.needed


def find_problems(tin: Tin) -> tuple[str, ...]:
    """List what a national register would object to: length, alphabet, check digit.

    A TIN with a wrong check digit may be asked about, because only its register knows. A person who types or imports it
    should look again.
    """
    rule = _rule_of(tin.prefix)
    problem = None if rule is None else rule.find_problem(tin.identifier)
    return () if problem is None else (problem,)


def _rule_of(prefix: str) -> TinRule | None:
    row = find_by_prefix(prefix)
    return None if row is None else row.rule_of(prefix)


def _refuse(text: str, reason: str, *, advice: str | None = None) -> MalformedTin:
    """Make the refusal of a text. Where a rule shows it, the refusal says what to write."""
    written = next((one for one in map(_rewrite, (text, text), _BETWEEN) if one != text and _is_of_form(one)), None)
    advice = advice if written is None else f"write {written}"
    return MalformedTin(text[:_SHOWN], reason) if advice is None else MalformedTin(text[:_SHOWN], reason, advice)


def _rewrite(text: str, between: re.Pattern[str]) -> str:
    """Write a text as the number that it may mean: capitals, no separators, and the prefix of a TIN."""
    written = between.sub("", text)
    written = written.upper() if written.isascii() else written
    for pattern, prefix, _ in _OTHER_FORMS:
        written = pattern.sub(prefix, written, count=1) if pattern.match(written) else written
    return written


def _is_of_form(text: str) -> bool:
    """Tell whether a number may be advised: it has its country's form or, without a rule, at least one digit."""
    if not _TIN.fullmatch(text) or text[:2] not in PREFIXES:
        return False
    rule = _rule_of(text[:2])
    return any(map(str.isdigit, text)) if rule is None else rule.is_of_form(text[2:])


def _reason(text: str) -> str:
    """Describe the first thing that is wrong."""
    for position, character in enumerate(text, 1):
        if character > "\x7e":
            return f"character {position} is {_describe(character)}"
        if character < "\x21" or "a" <= character <= "z":
            kind = "a lower-case letter" if character.isalpha() else "a space or control character"
            return f"character {position} is {character!r}, {kind}"
    if not 3 <= len(text) <= 17:
        return f"{len(text)} characters, needed 3 to 17"
    return f"{text[:2]!r} is not a prefix"


def _describe(character: str) -> str:
    """Name a character outside ASCII, and the character that it looks like."""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    like = _LATIN_OF.get(character.upper()) or unicodedata.normalize("NFKC", character)
    return f"{name}, which looks like {like}" if like != character and like.isascii() and like.strip() else name
