"""Prove to whoever pinned a later block that a block is its ancestor: the headers between them, as short as they get."""

from __future__ import annotations

from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.ancestry import MAX_PIECE, HeaderChain, link_headers
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.ledger.port import Ledger


def prove_ancestry(ledger: Ledger, since: int, until: int) -> HeaderChain:
    """Gather the headers after one block up to another. Nothing here vouches for them.

    Args:
        ledger: To be asked.
        since: Number of the first block, which the asker has.
        until: Number of the last block, not below it, `MAX_PIECE` above it at most.

    Raises:
        MalformedText: the numbers are not so.
        BlockUnknown: the last block is not there yet.
        Unavailable: the node does not answer.
    """
    if not since <= until <= since + MAX_PIECE:
        raise MalformedText("until", str(until), f"a block from {since} to {since + MAX_PIECE}")
    head = ledger.head()
    if until > head:
        raise BlockUnknown(found=str(until), head=head)
    headers = (decode_header(ledger.header(number)) for number in range(since, until + 1))
    return HeaderChain(links=tuple(link_headers(headers)))
