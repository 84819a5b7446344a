"""Prove that a block is an ancestor of a later block, by the headers between them in their shortest form."""

from __future__ import annotations

from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.ancestry import MAX_PIECE, HeaderChain, link_headers
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.ledger.port import Ledger


def prove_ancestry(ledger: Ledger, since: int, until: int) -> HeaderChain:
    """Collect the headers after one block up to another. The receiver must verify them.

    Args:
        ledger: The node.
        since: Number of the first block, which the asker has.
        until: Number of the last block, from `since` to `since + MAX_PIECE`.

    Raises:
        MalformedText: `until` is out of this range.
        BlockUnknown: there is no block `until` yet.
        Unavailable: the node does not answer.
    """
    if not since <= until <= since + MAX_PIECE:
        raise MalformedText("until", str(until), f"a block from {since} to {since + MAX_PIECE}")
    _demand_block(ledger, until)
    headers = (decode_header(ledger.header(number)) for number in range(since, until + 1))
    return HeaderChain(links=tuple(link_headers(headers)))


def fetch_header(ledger: Ledger, number: int) -> bytes:
    """Fetch the header with which such a chain begins, RLP with the seals that the node stores.

    Raises:
        BlockUnknown: there is no block of this number yet.
        Unavailable: the node does not answer.
    """
    _demand_block(ledger, number)
    return ledger.header(number)


def _demand_block(ledger: Ledger, number: int) -> None:
    head = ledger.head()
    if number > head:
        raise BlockUnknown(found=str(number), head=head)
