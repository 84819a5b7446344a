"""The embedded ledger: its file, its clock, its blocks."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class LedgerInUse(Unavailable, wire="ledger-in-use"):
    """A second process, or a second opening in this one, of a ledger that belongs to one at a time."""

    says = "the ledger at {path} is in use: stop the process that has it open, or ask that process over HTTP"

    path: str
    """The ledger's file."""


class LedgerClosed(Unavailable, wire="ledger-closed"):
    """A publication to a ledger that is closing or closed."""

    says = "the ledger is closed: open it again"


class LedgerExists(Refused, wire="ledger-exists"):
    """A ledger is to be made where something is already."""

    says = "{path} exists: open it, or choose another place"

    path: str
    """The file that is there."""


class MalformedLedger(Malformed, wire="malformed-ledger"):
    """A file that is not an embedded ledger, or that was damaged."""

    says = "{path} is no ledger: {reason}"
    advises = "name the file that `network init` made, or bring the folder back from a copy"

    path: str
    """The file."""
    reason: str
    """What is wrong with it."""


class MalformedGenesis(Malformed, wire="malformed-genesis"):
    """A genesis file that no QBFT network with this project's rules can start from."""

    says = "genesis: {reason}"
    advises = "take the genesis file that was made with this network"

    reason: str
    """What is missing or wrong."""


class MalformedTransaction(Malformed, wire="malformed-transaction"):
    """Bytes that are no signed transaction of a type that Berlin has (legacy or 1)."""

    says = "transaction: {reason}"
    advises = "sign a transaction of type 0 or 1"

    reason: str
    """What is wrong with them."""


class StorageFailed(Unavailable, wire="storage-failed"):
    """The disk did not take a block; the ledger stands where it stood before."""

    says = "{path} could not be written: {reason}"
    advises = "make room, or make the folder writable, and open the ledger again"

    path: str
    """The ledger's file."""
    reason: str
    """What the disk said."""


class DamagedLedger(Unavailable, wire="damaged-ledger"):
    """Something in a ledger's file is not what was written: nothing is sealed and nothing answered that rests on it."""

    says = (
        "{path} is damaged: {part}: {reason}; `aeo-ledger network check` reads all of it, and a copy of the "
        "folder or another node's blocks may have what is lost"
    )

    path: str
    """The file."""
    part: str
    """The table and row, or what else of it."""
    reason: str
    """What is wrong with it."""


class LedgerSetBack(Unavailable, wire="ledger-set-back"):
    """A ledger's file lacks a block that was sealed with its keys: it is an older copy, or a part of one."""

    says = (
        "{path} ends with block {head}, but {reason}; to go on from here would make a second history: bring back "
        "the newest files, the whole folder with its -wal"
    )

    path: str
    """The ledger's file."""
    head: int
    """Its last block's number."""
    reason: str
    """What says so."""


class BlockUnfinished(Unavailable, wire="block-unfinished"):
    """A block was decided, and may be sealed already, but is not on disk: it is finished as it stands before any other."""

    says = (
        "block {number} of {path} is decided and not on disk ({reason}); it will be finished as it is, so ask "
        "what became of an act before signing it again"
    )

    number: int
    path: str
    """The ledger's file."""
    reason: str
    """What stopped it."""


class ClockDoubtful(Unavailable, wire="clock-doubtful"):
    """The wall clock cannot be believed, so no block may be dated by it."""

    says = (
        "the wall clock says {found:utc}, about {needed:utc} was expected: {reason}; until then there is reading "
        "and no publishing"
    )
    advises = "put the clock right, or open the ledger again with --confirm-clock once somebody has looked"

    found: int
    """What the wall clock says, UTC seconds."""
    needed: int
    """What it was expected to say, or at least to have reached, UTC seconds."""
    reason: str
    """Why it is doubted."""


class QuorumMissing(Unavailable, wire="quorum-missing"):
    """Too few of the validators' keys are here to seal a block."""

    says = "{held} of {validators} validators can seal here, {needed} needed"
    advises = "open the ledger where the keys of more validators are"

    held: int
    """Validators whose seals could be had."""
    needed: int
    """Two thirds of the validators, rounded up."""
    validators: int
    """How many the contract names."""


class NonceOutOfOrder(Refused, wire="nonce-out-of-order"):
    """A transaction that does not follow its sender's last one."""

    says = "transaction has nonce {found}, its sender's next is {needed}"
    advises = "ask for the sender's next nonce, and sign again"

    found: int
    """Its nonce."""
    needed: int
    """The sender's next nonce, transactions that wait included."""


class TransactionRefused(Refused, wire="transaction-refused"):
    """A transaction that no block of this chain could hold."""

    says = "transaction refused: {reason}"
    advises = "change what the rule says, and sign again"

    reason: str
    """The rule it breaks."""


class BlockUnknown(Unavailable, wire="block-unknown"):
    """A block that is not on the chain, or not yet."""

    says = "there is no block {found}; the last one is {head}"
    advises = "wait for it, or ask for an earlier one"

    found: str
    """The number or hash that was asked for."""
    head: int
    """The last block's number."""


class ConstructorFailed(Refused, wire="constructor-failed"):
    """A contract's constructor that reverted while a genesis was being made."""

    says = "the constructor of the contract at {address} failed: {reason} {output}"
    advises = "found the network with other parties or validators"

    address: bytes
    """Where the contract was to stand, 20 bytes."""
    reason: str
    """What the EVM said."""
    output: bytes
    """What the constructor reverted with."""
