"""Errors of nodes."""

from __future__ import annotations

from aeo_ledger.errors import Unavailable


class NodeUnreachable(Unavailable, wire="node-unreachable"):
    """A node gave no JSON-RPC answer in time."""

    says = "{endpoint}: {detail}"
    advises = "start the node, or name another with --rpc"

    endpoint: str
    """Scheme, host and port. Path and credentials are left out: they may be secrets."""
    detail: str
    reached: str
    """Whether the request arrived: `no` if it certainly did not, else `perhaps`."""


class NodeLags(Unavailable, wire="node-lags"):
    """A node does not have the blocks that others have."""

    says = "{endpoint} is at block {head}, needed block {needed}: it lags"
    advises = "wait until the node has caught up, or name another with --rpc"

    endpoint: str
    head: int
    needed: int


class NodeForks(Unavailable, wire="node-forks"):
    """A node has another block than the majority at one height; final blocks cannot differ."""

    says = "{endpoint} has block {number} as {found}, most nodes have {needed}: it is on a fork and is not asked"
    advises = "ask its operator to compare its blocks with the others'"

    endpoint: str
    number: int
    found: bytes
    """Its block's hash, 32 bytes."""
    needed: bytes
    """Hash of the majority's block, 32 bytes."""


class NodesDisagree(Unavailable, wire="nodes-disagree"):
    """Nodes have different blocks at one height without a majority: their operators must check them."""

    says = "{endpoints} have different blocks {number} without a majority: their operators must check them"

    number: int
    endpoints: tuple[str, ...]


class NodeLied(Unavailable, wire="node-lied"):
    """A node contradicts itself: a header does not have its hash, or a proof does not fit its header's state."""

    says = "{endpoint} gave an impossible answer to {method}: {detail}"
    advises = "do not use this node; ask its operator to check it"

    endpoint: str
    method: str
    detail: str


class OtherChainServed(Unavailable, wire="other-chain-served"):
    """A node of another chain than the pinned one."""

    says = "{endpoint} serves {found}, you pin {needed}"
    advises = "name a node of your ledger, or pin the other ledger's bundle"

    endpoint: str
    found: str
    needed: str


class NoNodeAnswers(Unavailable, wire="no-node-answers"):
    """None of several nodes could be asked."""

    says = "{method}: no node answers: {said:; }"
    advises = "start a node, or name another with --rpc"

    method: str
    said: tuple[str, ...]
    """The error of each node."""


class PossiblySent(Unavailable, wire="possibly-sent"):
    """A transaction was sent to a node that did not answer. It may still be sealed, and may only be sent again unchanged."""

    says = "{endpoint} may have accepted transaction {transaction} ({detail}): send the same bytes again"

    transaction: str
    """Its hash, 0x hex."""
    endpoint: str
    detail: str


class TooManyInFlight(Unavailable, wire="too-many-in-flight"):
    """Too many requests to nodes are in progress."""

    says = "{limit} requests to the ledger's nodes were in progress for {waited_s:g} s: ask again later"

    limit: int
    waited_s: float
