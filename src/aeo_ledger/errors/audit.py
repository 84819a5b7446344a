"""Errors of an audit, which executes blocks again."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Unproven


class NoAuditInput(Malformed, wire="no-audit-input"):
    """The input of an audit cannot be read as a chain of blocks."""

    says = "{what}: {reason}"
    advises = "give the blocks with --blocks or a node with --rpc, and the genesis file"

    what: str
    reason: str


class BlockDiffers(Unproven, wire="block-differs"):
    """A block's header contradicts its parent, its content or its execution."""

    says = "block {number}: {part} is {found}, needed {needed}"
    advises = (
        "trust nothing from this block on; compare it with another node's, and tell the administrations that sealed it"
    )

    number: int
    part: str
    """The member of its header, or another part of it."""
    found: str
    """The value in the block."""
    needed: str
    """The correct value."""


class RulesUnknown(Malformed, wire="rules-unknown"):
    """A block is under rules that this version does not know. It and the blocks after it were not judged; they may well be valid."""

    says = "block {number} is under rules that this version does not know: {rules}"
    advises = "audit it with a version that knows these rules"

    number: int
    rules: str
    """The member of the genesis file that begins them."""


class TransactionImpossible(Unproven, wire="transaction-impossible"):
    """A block contains a transaction that cannot be in it."""

    says = "block {number} contains a transaction that cannot be executed there: {reason}"
    advises = (
        "trust nothing from this block on; compare it with another node's, and tell the administrations that sealed it"
    )

    number: int
    reason: str


class ActUnsigned(Unproven, wire="act-unsigned"):
    """An act took effect although one of its signers may not sign."""

    says = "block {number}: a {message} took effect with the signature of {signer}, which is no party's key"
    advises = "trust nothing that depends on this act; tell the administrations that sealed the block"

    number: int
    message: str
    signer: bytes
    """20 bytes."""
