"""Errors of writing to a ledger."""

from __future__ import annotations

from aeo_ledger.errors import Refused, Unavailable


class Reverted(Refused, wire="reverted"):
    """A contract reverted without a code, as for call data that it cannot decode."""

    says = "the contract reverted: {detail}"
    advises = "change what the contract refuses; the same act will be refused again"

    detail: str
    """The node's error."""


class NodeFailed(Unavailable, wire="node-failed"):
    """The node did not answer, or answered with an error of its own."""

    says = "{method}: {detail}"
    advises = "try again later, or name another node with --rpc"

    method: str
    """The request."""
    detail: str
    """The error that came instead of an answer."""


class NotSealedInTime(Unavailable, wire="not-sealed-in-time"):
    """A relayed act was not sealed in time. It may still be sealed: check before you sign again."""

    says = "transaction {transaction} was not sealed within {waited_s:g} s; it may still be sealed, so check before you send it again"

    transaction: str
    """Its hash, 0x hex."""
    waited_s: float


class NotSealed(Unavailable, wire="not-sealed"):
    """A relayed act is in no block, and the ledger says why. It changed nothing, unless the cause says that it still may."""

    says = "transaction {transaction} was not sealed: {reason}"
    advises = "correct what it says, and send the act again"

    transaction: str
    """Its hash, 0x hex."""
    reason: str
    """The cause."""
