"""The question of a decision, in the ledger's numbers, and the facts that the decision reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Direction, RegisterMode, Role


class Ledger(Protocol):
    """The facts that a decision reads. Numbers are parties' numbers; a register has its party's number; lanes count from 0."""

    def party(self, number: int) -> Party | None:
        """Look up a party. None means proven absent, here and below."""

    def register(self, number: int) -> Register | None:
        """Look up the register of a party."""

    def pair(self, recogniser: int, register: int) -> Pair:
        """Look up an ordered pair."""

    def lane(self, recogniser: int, register: int, lane: int) -> Lane | None:
        """Look up a lane of a pair."""

    def withholding(self, recogniser: int, entry: bytes) -> Withholding | None:
        """Look up whether a recogniser withholds benefits from an entry."""

    def alias(self, recogniser: int, alias_hash: bytes) -> Alias | None:
        """Look up an alias of a recogniser by its hash of 32 bytes, with the entries that it is bound to."""

    def record(self, entry: bytes) -> Record | None:
        """Look up a standing."""


EntryOf: TypeAlias = Callable[[int, RegisterMode, int], bytes]
"""From a register's number, its mode and a type to the trader's 32-byte entry; raises `KeyNeeded`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question in the ledger's numbers. The caller knows the trader and derives the entries."""

    recogniser: int
    """Number of the party that asks."""
    direction: Direction
    role: Role
    """Role of the foreign operator."""
    time: int
    """UTC seconds."""
    party: int | None
    """The party that the TIN's prefix means, or whose register is named; None if the prefix, or the trader, is unknown."""
    register_named: bool = False
    """Whether to search only the register of `party`, not those of its unions."""
    known: int | None = None
    """As known at this time, UTC seconds: later records do not count. None means everything that the ledger recorded."""
    types: Mapping[int, int] | None = None
    """The number of the one type asked about, by register. A register not listed does not have it. None means all types."""
