"""Errors of making evidence from a ledger."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Unavailable


class StorageNotRebuilt(Unavailable, wire="storage-not-rebuilt"):
    """A contract's storage cannot be rebuilt from the genesis and a node's logs, so no snapshot can be taken."""

    says = (
        "{contract}: genesis and logs up to block {block} give the storage root {found}, the block's is "
        "{needed}; is it this network's genesis, and does the node keep all logs?"
    )

    contract: str
    block: int
    found: bytes
    """Root of the rebuilt storage, 32 bytes."""
    needed: bytes
    """The storage root under the block's header, 32 bytes."""


class FoundingUnknown(Unavailable, wire="founding-unknown"):
    """The history of a party of the genesis is asked for, but its first key is unknown: no log contains it."""

    says = (
        "no log of the ledger contains the first key of party {party}; ask a gateway that has the network's places.json"
    )

    party: int


class HistoryUnreadable(Unavailable, wire="history-unreadable"):
    """A transaction was not sent to the contract itself, so its call data does not contain the signed act."""

    says = "transaction {transaction} contains no readable signed act; ask the gateway that relayed it"

    transaction: str
    """Its hash, 0x hex."""


class RelayUnfunded(Unavailable, wire="relay-unfunded"):
    """The network has a base fee, and the relay's account cannot pay for a transaction."""

    says = "the relay's account {account} has {found} wei, and a transaction may cost {needed} wei"
    advises = "send it funds, or use another gateway"

    account: bytes
    """20 bytes."""
    found: int
    """Its balance in wei."""
    needed: int
    """Wei."""


class IndexUnavailable(Unavailable, wire="index-unavailable"):
    """The database of the gateway's index does not work."""

    says = "the index in {database}: {detail}"
    advises = "look after the database; until it works, the gateway answers from memory"

    database: str
    """Its URL without password."""
    detail: str


class IndexDamaged(IndexUnavailable, wire="index-damaged"):
    """The database of the gateway's index works, but lacks pages, tables or columns that it should have."""

    says = "the index in {database} is damaged: {detail}"
    advises = "if it is not made anew, move it away: the gateway makes another one from the ledger"


class IndexOfOtherLedger(Malformed, wire="index-of-other-ledger"):
    """The database has the index of another ledger, or of a later edition of this program."""

    says = (
        "the index in {database} is of another ledger, or of a later edition of this program: name another database, "
        "or delete this one"
    )

    database: str
    """Its URL without password."""


class NoIndex(Malformed, wire="no-index"):
    """A command asks what a gateway keeps beside its index, but no gateway has used this database."""

    says = "{database} has no index: no gateway has run with it, look again at its name"

    database: str
    """Its URL without password."""


class DatabaseOfOthers(Malformed, wire="database-of-others"):
    """The database that is named for the index has tables of something else, such as an office's book."""

    says = "the database {database} has tables of something else ({tables}): name another one for the index"

    database: str
    """Its URL without password."""
    tables: tuple[str, ...]
