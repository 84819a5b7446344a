"""Errors of the embedded ledger: its file, its clock, its blocks."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class LedgerInUse(Unavailable, wire="ledger-in-use"):
    """A ledger is opened twice, by another process or by this one; only one may have it open."""

    says = "the ledger at {path} is in use: stop the process that has it open, or ask that process over HTTP"

    path: str
    """The ledger's file."""


class LedgerClosed(Unavailable, wire="ledger-closed"):
    """A publication to a ledger that is closing or closed."""

    says = "the ledger is closed"
    advises = "ask another gateway, or try again when this one's node has started again"


class LedgerExists(Refused, wire="ledger-exists"):
    """A new ledger's file exists already."""

    says = "{path} exists: open it, or choose another place"

    path: str
    """The existing file."""


class MalformedLedger(Malformed, wire="malformed-ledger"):
    """A file that is not an embedded ledger, or that was damaged."""

    says = "{path} is not a ledger: {reason}"
    advises = "name the file that `network init` made, or restore the folder from a copy"

    path: str
    """The file."""
    reason: str
    """What is wrong with it."""


class MalformedGenesis(Malformed, wire="malformed-genesis"):
    """A genesis file from which no QBFT network with this project's rules can start."""

    says = "genesis: {reason}"
    advises = "take the genesis file that was made with this network"

    reason: str
    """What is missing or wrong."""


class MalformedTransaction(Malformed, wire="malformed-transaction"):
    """Bytes that are not a signed transaction of a type in Berlin (legacy or 1)."""

    says = "transaction: {reason}"
    advises = "sign a transaction of type 0 or 1"

    reason: str
    """What is wrong with them."""


class StorageFailed(Unavailable, wire="storage-failed"):
    """A block could not be written to the disk; the ledger is unchanged."""

    says = "{path} could not be written: {reason}"
    advises = "make room, or make the folder writable, and open the ledger again"

    path: str
    """The ledger's file."""
    reason: str
    """The system's error."""


class DamagedLedger(Unavailable, wire="damaged-ledger"):
    """A part of a ledger's file was changed since it was written: nothing that depends on it is sealed or answered."""

    says = (
        "{path} is damaged: {part}: {reason}; run `aeo-ledger network check`, and restore what is lost from "
        "a copy of the folder or from another node's blocks"
    )

    path: str
    """The file."""
    part: str
    """The table and row, or another part of it."""
    reason: str
    """What is wrong with it."""


class LedgerSetBack(Unavailable, wire="ledger-set-back"):
    """A ledger's file lacks a block that was sealed with its keys: it is an older copy, or a part of one."""

    says = (
        "{path} ends with block {head}, but {reason}; to go on from here would make a second history: restore the "
        "newest files, the whole folder with its -wal"
    )

    path: str
    """The ledger's file."""
    head: int
    """Its last block's number."""
    reason: str
    """What shows that a block is missing."""


class BlockUnfinished(Unavailable, wire="block-unfinished"):
    """A block was decided, and may be sealed already, but is not on disk. It will be finished unchanged, before any other."""

    says = (
        "block {number} of {path} is decided, but not on disk ({reason}); it will be finished unchanged, so check "
        "whether an act is sealed before you sign it again"
    )

    number: int
    path: str
    """The ledger's file."""
    reason: str
    """What stopped it."""


class ClockDoubtful(Unavailable, wire="clock-doubtful"):
    """The system clock seems wrong, so no block may be dated by it."""

    says = (
        "the system clock says {found:utc}, about {needed:utc} was expected: {reason}; until it is right, the ledger "
        "can be read but not written"
    )
    advises = "set the clock, or check it and open the ledger again with --confirm-clock"

    found: int
    """The time of the system clock, UTC seconds."""
    needed: int
    """The expected time, or the earliest possible time, UTC seconds."""
    reason: str
    """Why the clock seems wrong."""


class QuorumMissing(Unavailable, wire="quorum-missing"):
    """Too few of the validators' keys are here to seal a block."""

    says = "{held} of {validators} validators can seal here, {needed} needed"
    advises = "open the ledger on a machine with the keys of more validators"

    held: int
    """Validators whose keys are here."""
    needed: int
    """Two thirds of the validators, rounded up."""
    validators: int
    """Number of validators that the contract names."""


class NonceOutOfOrder(Refused, wire="nonce-out-of-order"):
    """A transaction that does not follow its sender's last one."""

    says = "transaction has nonce {found}, its sender's next is {needed}"
    advises = "ask for the sender's next nonce, and sign again"

    found: int
    """Its nonce."""
    needed: int
    """The sender's next nonce, after its waiting transactions."""


class TransactionRefused(Refused, wire="transaction-refused"):
    """A transaction that no block of this chain can contain."""

    says = "transaction refused: {reason}"
    advises = "change the transaction as the rule says, and sign again"

    reason: str
    """The rule it breaks."""


class BlockUnknown(Unavailable, wire="block-unknown"):
    """A block that is not, or not yet, on the chain."""

    says = "there is no block {found}; the last one is {head}"
    advises = "wait for it, or ask for an earlier one"

    found: str
    """The number or hash that was asked for."""
    head: int
    """The last block's number."""


class ConstructorFailed(Refused, wire="constructor-failed"):
    """A contract's constructor reverted while a genesis was made."""

    says = "the constructor of the contract at {address} failed: {reason} {output}"
    advises = "found the network with other parties or validators"

    address: bytes
    """The contract's address, 20 bytes."""
    reason: str
    """The EVM's error."""
    output: bytes
    """The data with which the constructor reverted."""
