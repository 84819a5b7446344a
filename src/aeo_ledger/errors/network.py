"""Founding, running and handing on a network."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable, Unproven, show_utc


class SlotUnexplained(Malformed, wire="slot-unexplained"):
    """A contract has a word of which nobody says what it is of."""

    says = (
        "{contract}: neither places.json nor a log says what the word is of whose slot hashes to {hashed_slot}; "
        "take the file that was made with this genesis"
    )

    contract: str
    hashed_slot: bytes
    """keccak256 of its slot, 32 bytes."""


class NotSuperseded(Refused, wire="not-superseded"):
    """A successor is to be made of a ledger that has not been superseded."""

    advises = "wait for the resolution and its date"

    effective: int
    """When it will be, UTC seconds; 0 if no successor is named."""
    last: int
    """Time of its newest block, UTC seconds."""

    def __str__(self) -> str:
        """Say what is missing."""
        if self.effective == 0:
            return "no successor is named: two thirds of the seats name one by a resolution"
        return (
            f"the succession counts from {show_utc(self.effective)} on and the newest block is of {show_utc(self.last)}: "
            "a block of that date has to be sealed first, since it proves which one was the last before"
        )


class OtherEdition(Refused, wire="other-edition"):
    """Contracts are offered for a successor, and they are not those that the resolution names."""

    says = "{contract}: the code offered has the hash {found}, the resolution names {needed}"
    advises = "take the artifacts that the resolution names"

    contract: str
    found: bytes
    """Hash of the runtime code offered, 32 bytes."""
    needed: bytes
    """The hash that the resolution names, 32 bytes."""


class SuccessorDiffers(Unproven, wire="successor-differs"):
    """A network that is said to succeed another is not what follows from that other's words."""

    says = "{part}: found {found}, what follows from the predecessor is {needed}"
    advises = "do not use this successor: make it again with `network succeed`"

    part: str
    """What differs: a file, and what in it."""
    found: str
    needed: str


class WorkerLost(Unavailable, wire="worker-lost"):
    """A process that did a part of the work was ended from outside: by the system for want of memory, or by somebody."""

    says = "a process of {work} was ended from outside: run it again with --jobs 1"

    work: str
