"""Who learns what of a keyed register: the one table. The page `sharing` shows it, and the test of leaks demands it of a network, cell by cell.

`python tests/support/who_learns.py` prints it as the page has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class Fact(Enum):
    """What there is to learn, as the table's head says it."""

    NUMBER = "whose certificate it is (TIN)"
    AGREED = "document (number, name, address), with consent"
    SILENT = "document, without consent"
    STANDING = "pseudonyms, statuses, counts, times"
    RECOGNITION = "who recognises whom"
    QUESTION = "what is asked"


class Way(Enum):
    """Whether somebody learns it, and how."""

    NO = "no"
    YES = "yes"
    NUMBERS = "tries numbers"
    CODES = "tries codes"
    REQUEST = "on request"
    PSEUDONYM = "by pseudonym"


class Reader(Enum):
    """Who learns, and about whom."""

    BLOCKS = "has the blocks, or reaches a gateway without keys: a validator, an auditor, an outsider"
    CODED = "the same, about a trader to whom a recogniser bound a code (alias)"
    PARTNER = "partner, about types of which it has the keys"
    OTHER_TYPE = "partner, about other types"
    BEFORE = "former partner, about what was published before `register roll`"
    AFTER = "former partner, about what was published later"
    CALLER = "outsider who reaches a gateway with a partner's keys"
    WORDS = "runs a gateway that is asked with `--lookup-keys`"
    NAMED = "runs a gateway with a partner's keys, and is asked about numbers"
    PLAN = "gets a file of `register plan`, about those in it"
    EVIDENCE = "gets the evidence of an answer (`ask --evidence`), about its trader"
    SHOWN = "third party, about the certificate that was shown to it"
    UNSHOWN = "the same, about all others"
    OPEN = "anybody, about an *open* register"


def _row(*ways: Way) -> Mapping[Fact, Way]:
    return MappingProxyType(dict(zip(Fact, ways, strict=True)))


_NO, _YES = Way.NO, Way.YES
_REST: Final = (_YES, _YES, _NO)
"""What everybody with the blocks learns: standings and recognitions, and no question."""

TABLE: Final[Mapping[Reader, Mapping[Fact, Way]]] = MappingProxyType(
    {
        Reader.BLOCKS: _row(_NO, _NO, _NO, *_REST),
        Reader.CODED: _row(Way.CODES, _NO, _NO, *_REST),
        Reader.PARTNER: _row(Way.NUMBERS, _YES, Way.REQUEST, *_REST),
        Reader.OTHER_TYPE: _row(_NO, _NO, _NO, *_REST),
        Reader.BEFORE: _row(Way.NUMBERS, _YES, _NO, *_REST),
        Reader.AFTER: _row(Way.NUMBERS, _NO, _NO, *_REST),
        Reader.CALLER: _row(Way.NUMBERS, _NO, _NO, *_REST),
        Reader.WORDS: _row(_NO, _NO, _NO, _YES, _YES, Way.PSEUDONYM),
        Reader.NAMED: _row(Way.NUMBERS, _YES, _NO, _YES, _YES, _YES),
        Reader.PLAN: _row(_YES, _NO, _NO, _YES, _NO, _NO),
        Reader.EVIDENCE: _row(_YES, _NO, _NO, _YES, _YES, _YES),
        Reader.SHOWN: _row(_YES, _YES, _YES, _YES, _NO, _NO),
        Reader.UNSHOWN: _row(_NO, _NO, _NO, _NO, _NO, _NO),
        Reader.OPEN: _row(Way.NUMBERS, _NO, _NO, *_REST),
    }
)

NOTES: Final = (
    (
        "**Tries numbers**: a lookup key tells of each number whether it is in the register, so its holder can try all numbers of a country in "
        "minutes. An outsider tries one number with each request. What somebody has found, it knows for good."
    ),
    "**Tries codes**: a code's hash has no key. Whoever knows or tries a LEI or a DUNS number finds the pseudonym to which it is bound.",
    (
        "**Counts and times**: everybody with the blocks counts the certificates of each type and sees when which pseudonym was granted, "
        "suspended or refused benefits, and when keys were sent to whom. How many certificates one act brings, and its hour, say something too."
    ),
    (
        "**With consent**: sealed for the partners of that day; what one of them has read, it keeps. **On request**: from the issuer's gateway, to "
        "operators of those who recognise the type now, until `book forget` deletes it there."
    ),
    (
        "**By pseudonym**: the gateway sees when somebody asks, how often, and which pseudonym, or that it is none. Without `--lookup-keys`, a "
        "question names the trader, so whoever runs the gateway reads it, with keys or without."
    ),
    "**Evidence** repeats its question, which names the trader, and shows under which pseudonym it stands: keep it like a document.",
    "Left out are the office itself, its book, its files and its secrets, and what a partner tells others.",
)


def tell_table() -> str:
    """Write the table and its notes in Markdown, as the page `sharing` has them."""
    head = f"| who | {' | '.join(fact.value for fact in Fact)} |"
    rows = [f"| {reader.value} | {' | '.join(way.value for way in row.values())} |" for reader, row in TABLE.items()]
    notes = [f"- {note}" for note in NOTES]
    return "\n".join([head, "|---" * (len(Fact) + 1) + "|", *rows, "", *notes]) + "\n"


if __name__ == "__main__":
    print(tell_table(), end="")  # noqa: T201 (its purpose)
