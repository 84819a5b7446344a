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

    says = "the index in {database}: {detail}; it can be deleted, since the gateway makes it again from the ledger"

    database: str
    """Its URL without password."""
    detail: str


class IndexOfOtherLedger(Malformed, wire="index-of-other-ledger"):
    """The database has the index of another ledger, or of another version of this program."""

    says = (
        "the index in {database} is of another ledger, or of another version: name another database, or delete this one"
    )

    database: str
    """Its URL without password."""
