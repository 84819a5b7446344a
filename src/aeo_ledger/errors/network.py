"""Errors of founding, running and succeeding a network."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable, Unproven, show_utc


class SlotUnexplained(Malformed, wire="slot-unexplained"):
    """A contract has a word whose meaning is unknown."""

    says = (
        "{contract}: neither places.json nor a log explains the word whose slot hashes to {hashed_slot}; "
        "use the file that was made with this genesis"
    )

    contract: str
    hashed_slot: bytes
    """keccak256 of its slot, 32 bytes."""


class NotSuperseded(Refused, wire="not-superseded"):
    """A successor cannot be made of a ledger that is not superseded."""

    advises = "wait for the resolution and its date"

    effective: int
    """When it will be superseded, UTC seconds; 0 if no successor is named."""
    last: int
    """Time of its newest block, UTC seconds."""

    def __str__(self) -> str:
        """Say which condition is not met."""
        if self.effective == 0:
            return "no successor is named: two thirds of the seats name one by a resolution"
        return (
            f"the succession begins at {show_utc(self.effective)} and the newest block is of {show_utc(self.last)}: "
            "first a block after that time must be sealed, because it proves which block was the last before"
        )


class OtherEdition(Refused, wire="other-edition"):
    """The contracts given for a successor are not those that the resolution names."""

    says = "{contract}: the given code has the hash {found}, the resolution names {needed}"
    advises = "use the artifacts that the resolution names"

    contract: str
    found: bytes
    """Hash of the given runtime code, 32 bytes."""
    needed: bytes
    """The hash that the resolution names, 32 bytes."""


class SuccessorDiffers(Unproven, wire="successor-differs"):
    """A network that claims to succeed another does not follow from that other's words."""

    says = "{part}: found {found}, what follows from the predecessor is {needed}"
    advises = "do not use this successor: make it again with `network succeed`"

    part: str
    """What differs: a file, and the place in it."""
    found: str
    needed: str


class WorkerLost(Unavailable, wire="worker-lost"):
    """A process that did a part of the work was ended from outside: by the system, because memory ran out, or by somebody."""

    says = "a process of {work} was ended from outside: run it again with --jobs 1"

    work: str
