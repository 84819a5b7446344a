"""Messages and words of the ledger."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Refused, Unproven


class MalformedMessage(Malformed, wire="malformed-message"):
    """Values that are not those of a message that administrations sign."""

    says = "{where}: found {found}, needed {needed}"

    where: str
    """Path of what is wrong, such as `Publication.events[3].record`."""
    found: str
    """What is there; never the content of bytes."""
    needed: str
    """The form that would be accepted."""


class MalformedWord(Malformed, wire="malformed-word"):
    """A word of storage that no contract of this project writes."""

    says = "word of storage: {what} cannot be {found}"
    advises = ASK_ANOTHER

    what: str
    """What was read out of it, as its reader would call it."""
    found: int
    """What is there."""


class KeyNeeded(Unproven, wire="key-needed"):
    """A keyed register is asked, whose holders cannot be derived without the lookup key of the type."""

    says = "key needed: register {register} is keyed, and its type {certificate_type} has a key that is not here"
    advises = "obtain the key of this type from the register's administration"

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""


class UnmappedEdition(Refused, wire="unmapped-edition"):
    """A ledger is to be succeeded, and this version does not know what becomes of its contracts' words."""

    says = (
        "words of contracts with the code hash {found} have no mapping here: use the version that was made to "
        "succeed them"
    )

    found: bytes
    """Code hash of its `Consortium`, 32 bytes."""


class UnmappedWord(Refused, wire="unmapped-word"):
    """A ledger is to be succeeded, and one of its words has no row that says what becomes of it."""

    says = (
        "the word of table {table} at key 0x{key:x} has no row in the mapping: nothing may be lost, so nothing is made"
    )
    advises = "report it: this version's table of words has a gap"

    table: int
    key: int
