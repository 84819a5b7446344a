"""What a ledger says to who writes on it."""

from __future__ import annotations

from aeo_ledger.errors import Refused, Unavailable


class Reverted(Refused, wire="reverted"):
    """A contract reverted without a code, as it does for call data that it cannot decode."""

    says = "the contract reverted: {detail}"
    advises = "change what the contract refuses; the same act will be refused again"

    detail: str
    """What the node said."""


class NodeFailed(Unavailable, wire="node-failed"):
    """The node did not answer, or answered with an error of its own."""

    says = "{method}: {detail}"
    advises = "try again later, or name another node with --rpc"

    method: str
    """The request."""
    detail: str
    """What came instead of an answer."""


class NotSealedInTime(Unavailable, wire="not-sealed-in-time"):
    """A relayed act was not sealed within the time allowed; it may yet be: ask again before signing anew."""

    says = (
        "transaction {transaction} was not sealed within {waited_s:g} s; it may yet be, so ask before sending it again"
    )

    transaction: str
    """Its hash, 0x hex."""
    waited_s: float


class NotSealed(Unavailable, wire="not-sealed"):
    """A relayed act came into no block, and the ledger says why; it changed nothing, unless the cause says that it may yet."""

    says = "transaction {transaction} was not sealed: {reason}"
    advises = "put right what it says, and send the act again"

    transaction: str
    """Its hash, 0x hex."""
    reason: str
    """The cause."""
