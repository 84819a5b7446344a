"""Prove that a block is an ancestor of a checkpoint: of a pinned one, or of a block that is proven in another way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from aeo_ledger.errors.verify import ChainBroken, ChainEndsElsewhere
from aeo_ledger.evidence.ancestry import HeaderChain, follow_links
from aeo_ledger.evidence.header import Header
from aeo_ledger.verify.trust import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAncestor:
    """A header that a checkpoint commits to. Only `verify_ancestry` makes one."""

    header: Header
    checkpoint: Checkpoint
    """The header's own block or a later one on top of it."""


def verify_ancestry(header: Header, chain: HeaderChain, checkpoint: Checkpoint) -> ProvenAncestor:
    """Prove that a chain leads from a header to a checkpoint. The checkpoint's own block needs no links.

    A block's hash includes its parent's hash, so the checkpoint's hash commits to every earlier block. Seals are not checked. No
    key helps a forger, because he would need another header with the same hash.

    Args:
        header: The header to prove.
        chain: The links, from any source.
        checkpoint: A pinned checkpoint, or a block that is proven.

    Raises:
        ChainEndsElsewhere: The chain ends at another block number than the checkpoint's.
        MalformedLink: A link is malformed.
        ChainBroken: The chain ends at another block with the checkpoint's number: the header is not an ancestor, or a link
            was altered.
    """
    number = header.number + len(chain.links)
    if number != checkpoint.number:
        raise ChainEndsElsewhere(found=number, pinned=(str(checkpoint.number),))
    found = deque(follow_links(header, chain), maxlen=1).pop()
    if found != checkpoint.hash:
        raise ChainBroken(number=number, found=found, needed=checkpoint.hash)
    return ProvenAncestor(header=header, checkpoint=checkpoint)
