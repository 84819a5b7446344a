"""What a ledger does not show to whoever makes evidence."""

from __future__ import annotations

from aeo_ledger.errors import Unavailable


class StorageNotRebuilt(Unavailable, wire="storage-not-rebuilt"):
    """The genesis and a node's logs do not add up to a contract's storage, so no snapshot can be taken from them."""

    says = (
        "{contract}: genesis and logs up to block {block} add up to the storage root {found}, the block's is "
        "{needed}; is it this network's genesis, and does the node keep all logs?"
    )

    contract: str
    block: int
    found: bytes
    """Root of what was rebuilt, 32 bytes."""
    needed: bytes
    """The storage root under the block's header, 32 bytes."""


class FoundingUnknown(Unavailable, wire="founding-unknown"):
    """The history of a party of the genesis is asked for, and nobody said with which key it began: no log tells."""

    says = (
        "with which key party {party} was founded is in no log of the ledger; ask a gateway that was given the "
        "network's places.json"
    )

    party: int


class HistoryUnreadable(Unavailable, wire="history-unreadable"):
    """A transaction that changed a subject was not sent to the contract itself, so the signed act is not in its call data."""

    says = "transaction {transaction} carries no signed act that can be read; ask a gateway that relayed it"

    transaction: str
    """Its hash, 0x hex."""
