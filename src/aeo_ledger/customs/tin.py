r"""Trader identification numbers: which text is one, taken as it stands.

A TIN is the two letters of whoever registered the trader and a national identifier. It is compared and hashed byte by
byte, so it has one form here: nothing is trimmed, upper-cased or transliterated, since a benefit would go to whomever
the guess names.

Source: WCO Guidelines on TIN (2018), at most 17 characters; the pattern `[A-Z]{2}[\x21-\x7E]{1,15}` that EU declaration
systems check.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from aeo_ledger.errors import MalformedTin

_TIN: Final = re.compile(r"[A-Z]{2}[\x21-\x60\x7b-\x7e]{1,15}")
_SHOWN: Final = 40
_LATIN_OF: Final = dict(zip("АВЕЗІЈКМНОРСТУХЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABE3IJKMHOPCTYXSABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
"""Cyrillic and Greek capitals to what a reader takes them for."""

_EU: Final = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"),
)
_PLUG_INS: Final = {
    **dict.fromkeys(_EU, "eori"),
    **{prefix: prefix.lower() for prefix in ("AM", "BR", "BY", "CN", "JP", "KG", "KR", "KZ", "RU", "SG")},
}
"""Module of `customs.tins` for each prefix that has rules of its own."""


@dataclass(frozen=True, slots=True)
class Tin:
    """A trader identification number in its one form.

    Raises:
        MalformedTin: The text is not one; a character that only looks right is named.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what is not exactly a TIN."""
        if not _TIN.fullmatch(self.text):
            raise MalformedTin(found=self.text[:_SHOWN], reason=_reason(self.text))

    @property
    def prefix(self) -> str:
        """Two letters: an administration's, or a code such as `XI` or `EL` that stands for one."""
        return self.text[:2]

    @property
    def identifier(self) -> str:
        """What follows the prefix: the number that the national register gave."""
        return self.text[2:]

    def __str__(self) -> str:
        """Write the TIN as it stands."""
        return self.text


def find_problems(tin: Tin) -> tuple[str, ...]:
    """Say what a national register would object to: length, alphabet, check digit.

    A well-formed TIN with problems is still one and may be asked about: rules change, and only its register knows.
    Whoever types or imports it should look again.
    """
    name = _PLUG_INS.get(tin.prefix)
    if name is None:
        return ()
    problems: tuple[str, ...] = import_module(f"aeo_ledger.customs.tins.{name}").find_problems(tin.identifier)
    return problems


def _reason(text: str) -> str:
    """Say what is wrong, the first thing that a person should look at."""
    for position, character in enumerate(text, 1):
        if character > "\x7e":
            return f"character {position} is {_describe(character)}"
        if character < "\x21" or "a" <= character <= "z":
            kind = "a lower-case letter" if character.isalpha() else "a space or control character"
            return f"character {position} is {character!r}, {kind}"
    if not 3 <= len(text) <= 17:
        return f"{len(text)} characters, needed 3 to 17"
    return f"{text[:2]!r} is no prefix"


def _describe(character: str) -> str:
    """Name a character outside ASCII, and the one that it looks like."""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    like = _LATIN_OF.get(character.upper()) or unicodedata.normalize("NFKC", character)
    return f"{name}, which looks like {like}" if like != character and like.isascii() and like.strip() else name
