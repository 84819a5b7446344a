"""The words of one reader: sentences, plurals, and the names of the ledger's numbers, in the reader's language.

English needs no catalogue, and a sentence that a catalogue lacks is shown in English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from gettext import NullTranslations
from typing import Final

from aeo_ledger.customs import vocabulary
from aeo_ledger.customs.phrase import Phrase
from aeo_ledger.customs.vocabulary import list_bits, name_number

NAMED: Final[tuple[type[IntEnum], ...]] = tuple(
    kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, IntEnum) and list(kind)
)
"""Every enumeration whose numbers have names. A catalogue has each name under the enumeration's name as its context."""

UNKNOWN: Final = "unknown number"
"""Context of the nouns before numbers that this version does not know, as in `benefit 9`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one reader reads. Facts are put into a sentence after it was translated, so a fact is never translated."""

    language: str = "en"
    """ISO 639-1 code."""
    catalogue: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def say(self, sentence: str, /, **facts: object) -> str:
        """Write a sentence with its facts. The sentence is written out at the call, where `scripts/words` finds it."""
        return self.catalogue.gettext(sentence).format(**facts)

    def plural(self, one: str, many: str, number: int, /, **facts: object) -> str:
        """Write a sentence about a count, in the form that the language has for it. The sentence shows it as `{number}`."""
        return self.catalogue.ngettext(one, many, number).format(number=self.number(number), **facts)

    def term(self, context: str, term: str, /) -> str:
        """Write a word that other languages write differently by its context, as `none` of roles and `none` of dates."""
        return self.catalogue.pgettext(context, term)

    def phrase(self, phrase: str, /, **facts: object) -> str:
        """Write a sentence that stands elsewhere: a `Phrase` with its facts, or a row of a table."""
        if isinstance(phrase, Phrase):
            return self.phrase(phrase.template, **phrase.facts)
        said = self.catalogue.gettext(phrase) if phrase else phrase
        return said.format(**facts) if facts else said

    def number(self, number: int, /) -> str:
        """Write a number with the language's mark between thousands: `2,000`."""
        return f"{number:,}".replace(",", self.term("between thousands", ","))

    def name(self, number: int, kind: type[IntEnum], /) -> str:
        """Name a number, as in `faster release`; one that this version does not know becomes `benefit 9`."""
        if number in list(kind):
            return self.term(kind.__name__, name_in_words(kind(number)))
        return f"{self.term(UNKNOWN, noun_of(kind))} {number}"

    def names(self, bits: int, kind: type[IntEnum], /) -> str:
        """Name every number of a bit set."""
        return ", ".join(self.name(number, kind) for number in list_bits(bits, kind)) or self.term("list", "none")


def later(sentence: str) -> str:
    """Mark a sentence in a table, so that `scripts/words` finds it; `Words.phrase` writes it later."""
    return sentence


def name_in_words(number: IntEnum) -> str:
    """Return the English name of a number, which is its name in a catalogue: `FASTER_RELEASE` is `faster release`."""
    return name_number(number, type(number)).replace("_", " ")


def noun_of(kind: type[IntEnum]) -> str:
    """Return the English noun of an enumeration: `EventKind` is `event kind`."""
    return name_number(-1, kind).removesuffix(" -1")


ENGLISH: Final = Words()
"""English, which is also what machines and files get."""
