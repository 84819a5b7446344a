"""Errors of evidence that cannot be read."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, FETCH_AGAIN, Malformed, Unproven


class MalformedHeader(Malformed, wire="malformed-header"):
    """Bytes that are not a block header in the form that QBFT seals."""

    says = "header: {reason}"
    advises = ASK_ANOTHER

    reason: str
    """What is wrong with them, and where."""


class MalformedLink(Malformed, wire="malformed-link"):
    """A link of a chain of headers that does not lead to a header."""

    says = "header chain: link {link}: {reason}"
    advises = FETCH_AGAIN

    link: int
    """Its place in the chain, from 0."""
    reason: str
    """What is wrong with it."""


class ChainTooLong(Unproven, wire="chain-too-long"):
    """More headers lie between two blocks than can be checked."""

    says = (
        "{found} headers lie between, at most {limit} can be checked: a checkpoint nearer to the block is needed, so "
        "update trust more often"
    )

    found: int
    """Number of headers."""
    limit: int
    """Most headers that are checked."""


class HeaderUnsealed(Unproven, wire="header-unsealed"):
    """A header of a chain without QBFT seals, such as a development node's. Nothing can be proven under it."""

    says = "block {number} has no extra data, so nobody sealed it: its node does not speak QBFT, and proves nothing"
    advises = "name a node of a QBFT network"

    number: int
    """The block's number."""
