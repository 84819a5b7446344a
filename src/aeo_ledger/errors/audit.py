"""Blocks executed again."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Unproven


class NoAuditInput(Malformed, wire="no-audit-input"):
    """What was to be audited cannot be read as a chain of blocks."""

    says = "{what}: {reason}"
    advises = "give the blocks with --blocks or a node with --rpc, and the genesis file"

    what: str
    reason: str


class BlockDiffers(Unproven, wire="block-differs"):
    """A block says of itself what its parent, its content or its execution contradict."""

    says = "block {number}: {part} is {found}, needed {needed}"
    advises = "believe nothing from this block on; compare it with another node's, and tell the administrations whose seals it bears"

    number: int
    part: str
    """The member of its header, or what else of it."""
    found: str
    """As the block has it."""
    needed: str
    """As it must be."""


class TransactionImpossible(Unproven, wire="transaction-impossible"):
    """A block holds a transaction that cannot be in it."""

    says = "block {number} holds a transaction that cannot be executed there: {reason}"
    advises = "believe nothing from this block on; compare it with another node's, and tell the administrations whose seals it bears"

    number: int
    reason: str


class ActUnsigned(Unproven, wire="act-unsigned"):
    """An act took effect although a signature under it is nobody's who may sign."""

    says = "block {number}: a {message} took effect with the signature of {signer}, who is no party's key"
    advises = "believe nothing that rests on this act; tell the administrations whose seals the block bears"

    number: int
    message: str
    signer: bytes
    """20 bytes."""
