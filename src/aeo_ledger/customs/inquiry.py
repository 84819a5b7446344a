"""What a decision is asked, in the ledger's numbers, and the facts that it pulls to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Direction, RegisterMode, Role


class Ledger(Protocol):
    """The facts that a decision pulls; numbers are parties', a register has its party's number, lanes count from 0."""

    def party(self, number: int) -> Party | None:
        """Look up a party; None is proven absent, here and below."""

    def register(self, number: int) -> Register | None:
        """Look up the register of a party."""

    def pair(self, recogniser: int, register: int) -> Pair:
        """Look up an ordered pair."""

    def lane(self, recogniser: int, register: int, lane: int) -> Lane | None:
        """Look up a lane of a pair."""

    def withholding(self, recogniser: int, entry: bytes) -> Withholding | None:
        """Look up whether a recogniser withholds benefits from an entry."""

    def record(self, entry: bytes) -> Record | None:
        """Look up a standing."""


EntryOf: TypeAlias = Callable[[int, RegisterMode, int], bytes]
"""From a register's number, its mode and a type to the 32-byte entry of the trader asked about; raises `KeyNeeded`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question in the ledger's numbers. Who the trader is stays with the caller, who derives entries."""

    recogniser: int
    """Number of the party that asks."""
    direction: Direction
    role: Role
    """Of the foreign operator."""
    time: int
    """UTC seconds."""
    party: int | None
    """The party that the TIN's prefix means, or whose register is named; None if the prefix is unknown."""
    register_named: bool = False
    """Search the register of `party` alone, not those of its unions."""
    known: int | None = None
    """As known at this time, UTC seconds: nothing recorded later counts. None is everything that the ledger recorded."""
    types: Mapping[int, int] | None = None
    """The one type wanted, by register its number there; a register that is missing has none such. None is all."""
