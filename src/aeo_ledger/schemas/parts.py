"""The parts that many documents have: numbers of traders, codes, times, hashes."""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.evidence import question
from aeo_ledger.schemas.shapes import Bytes, Number, Text, Word

TIN: Final = Text(pattern="[A-Z]{2}[!-`{-~]{1,15}")
CODE: Final = Text(pattern="[A-Z]{2,6}")
NAME: Final = Text(least=1, most=question.MAX_NAME)
TIME: Final = Number(question.MAX_TIME)
BIG: Final = Number((1 << 64) - 1)
HASH: Final = Bytes(exactly=32)
ADDRESS: Final = Bytes(exactly=20)
SIGNATURE: Final = Bytes(exactly=65)


def words_of(kind: type[Benefit | Direction | Role]) -> Word:
    """Describe a word for each member of an enumeration."""
    return Word(tuple(member.name.lower() for member in kind))
