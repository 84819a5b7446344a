r"""Trader identification numbers: which text is one, and which one somebody meant.

A TIN is the two letters of the party that registered the trader, and a national identifier. TINs are compared and hashed
byte by byte, so each has one form, and `Tin` is exactly that form: who signs, and machines, must write it.

A text in a wrong form must never be looked up: the answer would be a proven no about a trader that does not exist under that
name. `Tin` refuses what no register gives under any rule. `read_tin`, which reads everything that people enter, also refuses
what the country's own rule does not give. `normalise` is for those who ask: it rewrites what an officer typed, says how, and refuses
where two traders could be meant. Where a rule shows what the text should be, each refusal says what to write.

Source: WCO Guidelines on TIN (2018), at most 17 characters; the pattern `[A-Z]{2}[\x21-\x7E]{1,15}` that EU declaration
systems check.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.look_alikes import LATIN_OF
from aeo_ledger.customs.phrase import Phrase
from aeo_ledger.customs.prefixes import COUNTRIES, PREFIXES
from aeo_ledger.customs.spelling import OTHER_FORMS, TIN_FORM, Step, clean, find_other_number, find_spelling, rule_of
from aeo_ledger.errors.customs import MalformedTin

_SHOWN: Final = 40

_MARK: Final = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Tin:
    """A trader identification number in its one form.

    Raises:
        MalformedTin: The text is not a TIN. A character that only looks right is named.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse a text that is not exactly a TIN."""
        if not TIN_FORM.fullmatch(self.text):
            fault, reason = _judge(self.text)
            raise _refuse(self.text, reason, fault=fault)
        for pattern, *_, why in OTHER_FORMS:
            if pattern.match(self.text):
                raise _refuse(self.text, why, fault="other-form")
        if self.text[:2] not in PREFIXES:
            raise _refuse(
                self.text,
                f"no country has the prefix {self.prefix}",
                fault="prefix",
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
            text,
            wrong,
            fault="form",
            advice="look again, and accept it as odd only if its register has it so",
        )
    return tin


@dataclass(frozen=True, slots=True)
class Normalised:
    """The TIN that a text stands for, and how it was found."""

    typed: str
    """The text as somebody typed it."""
    tin: Tin
    """The TIN meant."""
    done: tuple[Step, ...] = ()
    """What was done to the text, in order; nothing if it was the TIN."""


def normalise(text: str, country: str | None = None, *, accept_odd: bool = False) -> Normalised:
    """Find the one TIN that a text stands for, and say what was done to find it.

    A TIN in its country's form stays as it is. So does every `Tin` if odd ones are accepted: who says so means exactly this text.

    Args:
        text: The text as typed.
        country: Code of the country whose register has the number, if that is known; see `find_spelling`.
        accept_odd: Accept a TIN outside its country's rule.

    Raises:
        MalformedTin: No rule shows one TIN; `fault` names the kind of fault.
    """
    tin = _read(text, accept_odd=accept_odd)
    if tin is not None and (country not in COUNTRIES or tin.prefix == country):
        return Normalised(text, tin)
    spelling = find_spelling(text, country)
    if spelling is not None:
        return Normalised(text, Tin(spelling.text), spelling.done)
    plain = clean(text)
    if accept_odd and tin is None and (odd := _read(plain.text, accept_odd=True)) and country in {None, odd.prefix}:
        return Normalised(text, odd, plain.done)
    raise _tell_fault(text, plain.text, country)


def _read(text: str, *, accept_odd: bool) -> Tin | None:
    try:
        return read_tin(text, accept_odd=accept_odd)
    except MalformedTin:
        return None


def _tell_fault(text: str, plain: str, country: str | None) -> MalformedTin:
    """Make the refusal of a text that stands for no TIN, or for none of the country's."""
    if other := find_other_number(text, country):
        return _refuse(text, other, fault="other-number", advice="write the trader's number")
    if meant := find_spelling(text):
        return _refuse(
            text,
            f"this may be {meant.text}, which is not a number of {country}",
            fault="other-country",
            advice=f"write {meant.text} if that is meant, else {country} before the number",
        )
    foreign = next(((place, one) for place, one in enumerate(text, 1) if not clean(one).text.isascii()), None)
    if foreign is not None:
        reason = f"character {foreign[0]} is {_describe(foreign[1])}"
        return _refuse(text, reason, fault="script", advice="type the number in Latin letters and digits")
    written = f"{country}{plain}" if country in COUNTRIES and plain[:2] not in {country, *PREFIXES} else plain
    try:
        read_tin(written)
    except MalformedTin as error:
        return MalformedTin(text[:_SHOWN], error.reason, error.advice, error.fault)
    if country in COUNTRIES:
        return _refuse(text, f"{written} does not begin with {country}", fault="other-country")
    return _refuse(text, f"{written} has no digit, and no rule is known for numbers of {written[:2]}", fault="form")


def find_wrong_form(tin: Tin) -> str | None:
    """Describe the form of the country's rule if the TIN does not have it. As far as is known, such a TIN belongs to nobody."""
    rule = rule_of(tin.prefix)
    if rule is None or rule.is_of_form(tin.identifier):
        return None
    return rule.find_other(tin.identifier) or rule.needed


def find_problems(tin: Tin) -> tuple[str, ...]:
    """List what a national register would object to: length, alphabet, check digit.

    A TIN with a wrong check digit may be asked about, because only its register knows. A person who types or imports it
    should look again.
    """
    rule = rule_of(tin.prefix)
    problem = None if rule is None else rule.find_problem(tin.identifier)
    return () if problem is None else (problem,)


def find_remarks(tin: Tin, *, other_asked: bool = False) -> tuple[str, ...]:
    """List what an asker should know of a right TIN: it is a branch's, or the same trader may have another registration.

    The latter is left out if that registration was asked about too (`other_asked`).

    Such numbers are never made into each other: each is a registration of its own.
    """
    rule = rule_of(tin.prefix)
    if rule is None:
        marked = _MARK.search(tin.identifier)
        return (
            (
                Phrase(
                    "no rule is known for numbers of {prefix}: the register may have this one without marks",
                    prefix=tin.prefix,
                ),
            )
            if marked
            else ()
        )
    if not rule.is_of_form(tin.identifier):
        return ()
    remark = rule.remark(tin.identifier)
    also = () if rule.also is None or other_asked else (Phrase(rule.also[1], number=f"{rule.also[0]}{tin.identifier}"),)
    return also if remark is None else (remark, *also)


def find_other_form(tin: Tin) -> Tin | None:
    """Find the other registration that the same trader may have, such as `GB` for `XI`; None if there is no such number."""
    rule = rule_of(tin.prefix)
    if rule is None or rule.also is None or not rule.is_of_form(tin.identifier):
        return None
    other = Tin(rule.also[0] + tin.identifier)
    return None if find_wrong_form(other) else other


def _refuse(text: str, reason: str, *, fault: str, advice: str | None = None) -> MalformedTin:
    """Make the refusal of a text. Where a rule shows it, the refusal says what to write."""
    spelling = find_spelling(text)
    if spelling is not None and spelling.text != text and fault != "other-country":
        advice = f"write {spelling.text}"
    return MalformedTin(text[:_SHOWN], reason, advice or MalformedTin.advice, fault)


def _judge(text: str) -> tuple[str, str]:
    """Describe the first thing that is wrong: the kind of fault, and the reason in words."""
    for position, character in enumerate(text, 1):
        if character > "\x7e":
            return "script", f"character {position} is {_describe(character)}"
        if character < "\x21" or "a" <= character <= "z":
            kind = "a lower-case letter" if character.isalpha() else "a space or control character"
            return "character", f"character {position} is {character!r}, {kind}"
    if not 3 <= len(text) <= 17:
        return "length", f"{len(text)} characters, needed 3 to 17"
    return "prefix", f"{text[:2]!r} is not a prefix"


def _describe(character: str) -> str:
    """Name a character outside ASCII, and the character that it looks like."""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    like = LATIN_OF.get(character.upper()) or unicodedata.normalize("NFKC", character)
    return f"{name}, which looks like {like}" if like != character and like.isascii() and like.strip() else name
