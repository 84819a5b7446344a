"""Errors of the ledger's messages and words."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Refused, Unproven


class MalformedMessage(Malformed, wire="malformed-message"):
    """Values do not fit a message that administrations sign."""

    says = "{where}: found {found}, needed {needed}"

    where: str
    """Path of the wrong value, such as `Publication.events[3].record`."""
    found: str
    """What was found; never the content of bytes."""
    needed: str
    """The form that would be accepted."""


class MalformedWord(Malformed, wire="malformed-word"):
    """A word of storage that no contract of this project can write."""

    says = "word of storage: {what} cannot be {found}"
    advises = ASK_ANOTHER

    what: str
    """Name of the value in it, for people."""
    found: int
    """The value found."""


class KeyNeeded(Unproven, wire="key-needed"):
    """The question is about a keyed register: its holders cannot be derived without the lookup key of the type."""

    says = "key needed: register {register} is keyed, and the key that its type number {certificate_type} (counted from 0) needs is not here"
    advises = "get the key of this type from the register's administration"

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""


class WrongLookupKey(Unproven, wire="wrong-lookup-key"):
    """A lookup key is not the one that the register uses. With it every trader would seem absent, so it proves nothing."""

    says = (
        "the lookup key of register {register}, type number {certificate_type} (counted from 0), is not the one that the register uses: "
        "its check value is another than the ledger's"
    )
    advises = "conclude nothing; get the key of this type again from the register's administration"

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""


class MalformedSecret(Malformed, wire="malformed-secret"):
    """A secret of a keyed register, or a key, has a wrong length."""

    says = "{what} has {needed} bytes, not {found}"
    advises = "get it again from its maker, unchanged"

    what: str
    """Which secret, for people; never its content."""
    found: int
    """Bytes found."""
    needed: int
    """Bytes needed."""


class UnmappedEdition(Refused, wire="unmapped-edition"):
    """This version cannot make a successor of a ledger: it has no mapping for its contracts' words."""

    says = (
        "words of contracts with the code hash {found} have no mapping here: use the version that can make their "
        "successor"
    )

    found: bytes
    """Code hash of its `Consortium`, 32 bytes."""


class UnmappedWord(Refused, wire="unmapped-word"):
    """This version cannot make a successor of a ledger: one of its words has no row in the mapping."""

    says = (
        "the word of table {table} at key 0x{key:x} has no row in the mapping: nothing may be lost, so nothing is made"
    )
    advises = "report it: this version's table of words has a gap"

    table: int
    key: int
