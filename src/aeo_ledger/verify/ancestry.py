"""Prove that a block is an ancestor of a pinned checkpoint: that it was on the chain before anybody pinned that."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from aeo_ledger.errors.verify import ChainBroken, ChainEndsElsewhere
from aeo_ledger.evidence.ancestry import HeaderChain, follow_links
from aeo_ledger.evidence.header import Header
from aeo_ledger.verify.trust import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAncestor:
    """A header that a checkpoint commits to; only `verify_ancestry` makes one."""

    header: Header
    checkpoint: Checkpoint
    """The header's own block, or one that stands on it."""


def verify_ancestry(header: Header, chain: HeaderChain, checkpoint: Checkpoint) -> ProvenAncestor:
    """Prove that a chain leads from a header to a checkpoint; none is needed to the checkpoint's own block.

    A block's hash is of its parent's hash too, so the checkpoint's hash commits to every block below it. Seals are not
    looked at, and no key helps a forger: he would need another header of the same hash.

    Args:
        header: The claim.
        chain: From anybody.
        checkpoint: Pinned.

    Raises:
        ChainEndsElsewhere: The chain leads to another block number than the checkpoint's.
        MalformedLink: A link is none.
        ChainBroken: The chain leads to another block in the checkpoint's place: the header is not below it, or a link
            was altered.
    """
    number = header.number + len(chain.links)
    if number != checkpoint.number:
        raise ChainEndsElsewhere(found=number, pinned=(str(checkpoint.number),))
    found = deque(follow_links(header, chain), maxlen=1).pop()
    if found != checkpoint.hash:
        raise ChainBroken(number=number, found=found, needed=checkpoint.hash)
    return ProvenAncestor(header=header, checkpoint=checkpoint)
