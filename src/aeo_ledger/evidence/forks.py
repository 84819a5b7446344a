"""The rules of Ethereum after Berlin's, and the header fields that each of them appends.

A network of this project begins under Berlin's rules, or under later ones. Each *fork* begins at a block (London) or at a time (all
later forks), and appends fields to the header. Nothing here executes a block: what a field means is a matter of `audit`.

Source: EIP-1559 (London), EIP-4895 (Shanghai), EIP-4844 and EIP-4788 (Cancun), EIP-7685 (Prague).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, pairwise
from typing import Final, Self

from aeo_ledger.errors.primitives import MalformedText

MAX_BEGIN: Final = (1 << 64) - 1
"""Largest block number or time at which a fork may begin."""


@dataclass(frozen=True, slots=True)
class LaterField:
    """A header field that a fork appends."""

    name: str
    """As JSON-RPC names it."""
    most: int
    """Bytes: the exact length of a hash, the greatest length of a number."""
    is_number: bool

    def fits(self, value: bytes) -> bool:
        """Tell whether bytes have the form of this field. A number has no leading zeros, and 0 is empty."""
        if self.is_number:
            return len(value) <= self.most and value[:1] != b"\0"
        return len(value) == self.most


class Fork(Enum):
    """A fork, in the order in which forks follow each other."""

    LONDON = "london"
    SHANGHAI = "shanghai"
    CANCUN = "cancun"
    PRAGUE = "prague"

    @property
    def is_timed(self) -> bool:
        """Whether it begins at a time, in UTC seconds, and not at a block."""
        return self is not Fork.LONDON

    @property
    def key(self) -> str:
        """The member of a genesis file's `config` that says when it begins."""
        return f"{self.value}{'Time' if self.is_timed else 'Block'}"

    @property
    def fields(self) -> tuple[LaterField, ...]:
        """The header fields that it appends, in order."""
        return _FIELDS[self]


_FIELDS: Final = {
    Fork.LONDON: (LaterField("baseFeePerGas", 32, is_number=True),),
    Fork.SHANGHAI: (LaterField("withdrawalsRoot", 32, is_number=False),),
    Fork.CANCUN: (
        LaterField("blobGasUsed", 8, is_number=True),
        LaterField("excessBlobGas", 8, is_number=True),
        LaterField("parentBeaconBlockRoot", 32, is_number=False),
    ),
    Fork.PRAGUE: (LaterField("requestsHash", 32, is_number=False),),
}

LATER_FIELDS: Final = tuple(field for fork in Fork for field in fork.fields)
"""Every field after Berlin's fifteen, in the order of the header."""


@dataclass(frozen=True, slots=True)
class Forks:
    """When the later rules of a network begin. A network without any stays with Berlin's.

    Raises:
        MalformedText: A number is out of range, or a later fork begins at an earlier time.
    """

    begins: tuple[int, ...] = ()
    """Block of the first fork, times of the next ones in UTC seconds. No fork can be left out before another."""

    def __post_init__(self) -> None:
        """Refuse a schedule in which rules would begin before those that they build on."""
        if len(self.begins) > len(Fork) or not all(0 <= begin <= MAX_BEGIN for begin in self.begins):
            raise MalformedText("forks", str(self.begins), f"at most {len(Fork)} numbers from 0 to 2**64 - 1")
        if any(later < earlier for earlier, later in pairwise(self.begins[1:])):
            raise MalformedText("forks", str(self.begins), "no fork earlier than the one before it")

    @classmethod
    def of(cls, named: Mapping[str, int]) -> Self:
        """Make a schedule from the forks' names and their beginnings.

        Raises:
            MalformedText: A name is unknown, a fork is left out before another, or see the class.
        """
        order = [fork.value for fork in Fork]
        if set(named) != set(order[: len(named)]):
            raise MalformedText("forks", ", ".join(named) or "none", f"the first of {', '.join(order)}, without a gap")
        return cls(tuple(named[name] for name in order[: len(named)]))

    def named(self) -> dict[str, int]:
        """Write the schedule: when each fork begins, by its name."""
        return {fork.value: begin for fork, begin in self._items()}

    def at(self, number: int, time: int) -> Sequence[Fork]:
        """List the forks whose rules hold for a block, by its number and its time in UTC seconds."""
        held = []
        for fork, begin in self._items():
            if (time if fork.is_timed else number) < begin:
                break
            held.append(fork)
        return held

    def fields_at(self, number: int, time: int) -> tuple[LaterField, ...]:
        """List the fields that a block's header has after Berlin's fifteen."""
        return tuple(chain.from_iterable(fork.fields for fork in self.at(number, time)))

    def _items(self) -> list[tuple[Fork, int]]:
        return list(zip(Fork, self.begins, strict=False))


BERLIN: Final = Forks()
"""Berlin's rules for ever, as the embedded ledger has them."""
