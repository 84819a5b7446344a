"""Nodes and how they answer."""

from __future__ import annotations

from aeo_ledger.errors import Unavailable


class NodeUnreachable(Unavailable, wire="node-unreachable"):
    """A node gave no answer that is JSON-RPC, in the time allowed."""

    says = "{endpoint}: {detail}"
    advises = "start the node, or name another with --rpc"

    endpoint: str
    """Scheme, host and port, without path or credentials: those may be secrets."""
    detail: str
    reached: str
    """`no` if the request certainly did not arrive, else `perhaps`."""


class NodeLags(Unavailable, wire="node-lags"):
    """A node that has not the blocks which others have."""

    says = "{endpoint} is at block {head}, needed block {needed}: it lags"
    advises = "wait until the node has caught up, or name another with --rpc"

    endpoint: str
    head: int
    needed: int


class NodeForks(Unavailable, wire="node-forks"):
    """A node that has another block than the majority at one height; final blocks cannot differ."""

    says = "{endpoint} has block {number} as {found}, most nodes have {needed}: it is on a fork and is not asked"
    advises = "have its operator compare its blocks with the others'"

    endpoint: str
    number: int
    found: bytes
    """Its block's hash, 32 bytes."""
    needed: bytes
    """The majority's, 32 bytes."""


class NodesDisagree(Unavailable, wire="nodes-disagree"):
    """Nodes have different blocks at one height, and neither side is a majority: whoever runs them must look."""

    says = "{endpoints} have different blocks {number}, and none is in the majority: look at them"

    number: int
    endpoints: tuple[str, ...]


class NodeLied(Unavailable, wire="node-lied"):
    """A node contradicts itself: a header is not of its hash, or a proof not of its header's state."""

    says = "{endpoint} answered {method} with what cannot be true: {detail}"
    advises = "do not use this node; have its operator look at it"

    endpoint: str
    method: str
    detail: str


class OtherChainServed(Unavailable, wire="other-chain-served"):
    """A node of another chain than the one pinned."""

    says = "{endpoint} serves {found}, you pin {needed}"
    advises = "name a node of your ledger, or pin the bundle of the other"

    endpoint: str
    found: str
    needed: str


class NoNodeAnswers(Unavailable, wire="no-node-answers"):
    """None of several nodes could be asked."""

    says = "{method}: no node answers: {said:; }"
    advises = "start a node, or name another with --rpc"

    method: str
    said: tuple[str, ...]
    """What was found, node by node."""


class PossiblySent(Unavailable, wire="possibly-sent"):
    """A transaction left for a node that then gave no answer: it may be sealed yet, and may only be sent again as it is."""

    says = "transaction {transaction} was perhaps taken by {endpoint} ({detail}): send the same bytes again"

    transaction: str
    """Its hash, 0x hex."""
    endpoint: str
    detail: str


class TooManyInFlight(Unavailable, wire="too-many-in-flight"):
    """More requests to nodes wait than are let through at a time."""

    says = "{limit} requests to the ledger's nodes were under way for {waited_s:g} s: ask again later"

    limit: int
    waited_s: float
