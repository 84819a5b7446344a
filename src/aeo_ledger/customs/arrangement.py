"""Arrangements: who recognises whose register, in which scope."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import Direction, LaneState, RegisterMode, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An ordered pair (recogniser, register)."""

    lanes: int = 0
    """How many lanes are used, 0 to 16; never fewer."""
    withheld: int = 0
    """How many withholdings were ever made; zero proves that there is none."""
    amendments: int = 0
    """Number of the last conclusion or amendment."""
    lane_acts: int = 0
    """Number of the recogniser's last suspension or resumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A recognition: one lane of a pair, under one arrangement. Times are UTC seconds."""

    state: LaneState
    arrangement: str
    """What this pair calls the arrangement, up to ten ASCII characters; another pair may call another one so."""
    types: int
    """Bit set of the register's certificate types."""
    roles: int
    directions: int
    benefits: int
    in_force_from: int
    """0: signed and not in force."""
    until: int
    """Exclusive; 0 is open."""
    changed_at: int
    changes: int
    """How often it was altered since it was first concluded (stops at 7); never 0 in a later generation."""
    generation: int = 0
    """How often an ended lane was used again."""

    def covers(self, certificate_type: int) -> bool:
        """Say whether a type is in scope."""
        return bool(self.types >> certificate_type & 1)

    def has_role(self, role: Role) -> bool:
        """Say whether a role is in scope."""
        return bool(self.roles >> role & 1)

    def has_direction(self, direction: Direction) -> bool:
        """Say whether a direction is in scope."""
        return bool(self.directions >> direction & 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """Whether a recogniser refuses benefits to one entry."""

    withheld: bool
    changed_at: int
    serial: int
    """Of the entry's last act: how many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register as its party opened it."""

    mode: RegisterMode
    types: int
    """Bit set of the types in use; it only grows."""
    epoch: int = 0
    changed_at: int = 0

    def types_in_use(self) -> tuple[int, ...]:
        """List the types in use, ascending."""
        return tuple(number for number in range(16) if self.types >> number & 1)
