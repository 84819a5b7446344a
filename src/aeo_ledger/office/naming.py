"""Names of bit sets and counts, for people and machines. An unknown number is shown, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from aeo_ledger.customs.vocabulary import list_bits, name_number


def name_bits(bits: int, words: type[IntEnum]) -> list[str]:
    """Name every number in a bit set."""
    return [name_number(number, words) for number in list_bits(bits, words)]


def name_types(bits: int, names: Sequence[str] = ()) -> list[str]:
    """Name every certificate type in a bit set by the register's names; a type without a name is shown by its number."""
    numbers = [number for number in range(bits.bit_length()) if bits >> number & 1]
    return [names[number] if number < len(names) else str(number) for number in numbers]


def count(number: int, what: str) -> str:
    """Write a number with its noun, whose plural ends in s: `1 certificate`, `2,000 certificates`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
