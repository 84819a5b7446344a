"""Evidence that cannot be read."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Unproven


class MalformedHeader(Malformed, wire="malformed-header"):
    """Bytes that are no block header of the form that QBFT seals."""

    says = "header: {reason}"
    advises = ASK_ANOTHER

    reason: str
    """What is wrong with them, and where."""


class MalformedLink(Malformed, wire="malformed-link"):
    """A link of a chain of headers that leads to no header."""

    says = "header chain: link {link}: {reason}"
    advises = "fetch the chain again: `trust chain`"

    link: int
    """Its place in the chain, from 0."""
    reason: str
    """What is wrong with it."""


class ChainTooLong(Unproven, wire="chain-too-long"):
    """More headers lie between two blocks than are checked."""

    says = (
        "{found} headers lie between, at most {limit} are checked: a checkpoint nearer to the block is needed, so "
        "update trust more often"
    )

    found: int
    """How many."""
    limit: int
    """How many are, at most."""


class HeaderUnsealed(Unproven, wire="header-unsealed"):
    """A header of a chain that is not sealed by QBFT: of a development node, for one. Nothing under it can be proven."""

    says = "block {number} has no extra data, so nobody sealed it: its node does not speak QBFT, and proves nothing"
    advises = "name a node of a QBFT network"

    number: int
    """Of its block."""
