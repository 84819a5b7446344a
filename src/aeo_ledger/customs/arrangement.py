"""Arrangements: who recognises whose register, and in which scope."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aeo_ledger.customs.vocabulary import Direction, LaneState, RegisterMode, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An ordered pair (recogniser, register)."""

    lanes: int = 0
    """How many lanes are in use, 0 to 16. It never falls."""
    withheld: int = 0
    """How many withholdings were ever made. Zero proves that there are none."""
    amendments: int = 0
    """Number of the pair's last conclusion or amendment."""
    lane_acts: int = 0
    """Number of the recogniser's last suspension or resumption."""


class Stage(StrEnum):
    """Where a recognition stands in its life. The words are shown to people."""

    SIGNED = "signed"
    """Concluded, and no day of entry into force is set: `signed` is not `in force`."""
    DATED = "signed, in force from a later day"
    IN_FORCE = "in force"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A recognition: one lane of a pair, under one arrangement. Times are UTC seconds."""

    state: LaneState
    arrangement: str
    """Name of the arrangement for this pair, up to ten ASCII characters. Another pair may use another name."""
    types: int
    """Bit set of the register's certificate types."""
    roles: int
    directions: int
    benefits: int
    in_force_from: int
    """UTC seconds; 0 means signed but not in force."""
    until: int
    """Exclusive; 0 means open."""
    changed_at: int
    changes: int
    """How many times the lane changed since it was first concluded (stops at 7). Never 0 in a later generation."""
    generation: int = 0
    """How many times the lane was used again after it had ended."""

    def is_in_force(self, time: int) -> bool:
        """Tell whether it recognises at a time, UTC seconds, if nothing changed it since."""
        is_open = self.state is LaneState.OPEN
        return is_open and 0 < self.in_force_from <= time and not 0 < self.until <= time

    def stage_at(self, time: int) -> Stage:
        """Find the stage at a time, UTC seconds, if nothing changed the lane since. What has ended is not suspended any more."""
        if 0 < self.until <= time:
            return Stage.ENDED
        if self.state is LaneState.SUSPENDED:
            return Stage.SUSPENDED
        if not self.in_force_from:
            return Stage.SIGNED
        return Stage.IN_FORCE if self.in_force_from <= time else Stage.DATED

    def covers(self, certificate_type: int) -> bool:
        """Tell whether a type is in scope."""
        return bool(self.types >> certificate_type & 1)

    def has_role(self, role: Role) -> bool:
        """Tell whether a role is in scope."""
        return bool(self.roles >> role & 1)

    def has_direction(self, direction: Direction) -> bool:
        """Tell whether a direction is in scope."""
        return bool(self.directions >> direction & 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """Whether a recogniser refuses benefits to one entry."""

    withheld: bool
    changed_at: int
    serial: int
    """Serial of the entry's last act, which is also the count of its acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register, as its party opened it."""

    mode: RegisterMode
    types: int
    """Bit set of the types in use. It only grows."""
    epoch: int = 0
    changed_at: int = 0

    def types_in_use(self) -> tuple[int, ...]:
        """List the types in use, ascending."""
        return tuple(number for number in range(16) if self.types >> number & 1)
