"""A pinned checkpoint commits to every block below it: a block on its chain is proven, any other is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.errors.evidence import MalformedLink
from aeo_ledger.errors.verify import ChainBroken, ChainEndsElsewhere
from aeo_ledger.evidence.ancestry import HeaderChain
from aeo_ledger.verify.ancestry import verify_ancestry
from support.header_chains import chain_of, checkpoint_at, follow
from support.sealing import KEYS, UNSEALED, seal

HEADERS = follow(UNSEALED, 12, acts=(10, 12))
CHAIN = chain_of(HEADERS)
CHECKPOINT = checkpoint_at(HEADERS[-1])


def test_a_block_is_proven_below_a_checkpoint() -> None:
    for at, header in enumerate(HEADERS):
        proven = verify_ancestry(header, chain_of(HEADERS[at:]), CHECKPOINT)
        assert (proven.header, proven.checkpoint) == (header, CHECKPOINT)


def test_the_checkpoint_s_own_block_needs_no_link() -> None:
    proven = verify_ancestry(HEADERS[-1], HeaderChain(links=()), CHECKPOINT)
    assert proven.header == HEADERS[-1]


def test_a_block_is_known_by_its_hash_whichever_seals_it_came_with() -> None:
    assert verify_ancestry(replace(seal(UNSEALED, *KEYS[:4]), round=0), CHAIN, CHECKPOINT)


def test_a_forged_block_is_not_an_ancestor_whoever_sealed_it() -> None:
    """All old keys seal another state with the block's number. The forger gives the true chain."""
    forged = seal(replace(UNSEALED, state_root=b"\7" * 32), *KEYS[:4])
    with pytest.raises(ChainBroken) as refusal:
        verify_ancestry(forged, CHAIN, CHECKPOINT)
    assert (refusal.value.number, refusal.value.needed) == (CHECKPOINT.number, CHECKPOINT.hash)


def test_a_forger_s_own_chain_leads_to_a_block_of_his_own() -> None:
    forged = replace(UNSEALED, state_root=b"\7" * 32)
    theirs = follow(forged, 12, acts=(10, 12))
    with pytest.raises(ChainBroken) as refusal:
        verify_ancestry(forged, chain_of(theirs), CHECKPOINT)
    assert refusal.value.found == theirs[-1].hash()


def test_links_in_another_order_or_of_other_blocks_lead_elsewhere() -> None:
    an_act, nothing, *rest = CHAIN.links[2:]
    with pytest.raises(ChainBroken):
        verify_ancestry(UNSEALED, HeaderChain(links=(*CHAIN.links[:2], nothing, an_act, *rest)), CHECKPOINT)
    with pytest.raises(ChainBroken):
        verify_ancestry(HEADERS[1], HeaderChain(links=CHAIN.links[:11]), CHECKPOINT)


@pytest.mark.parametrize(("cut", "number"), [(slice(0, -1), -1), (slice(1, None), -1)])
def test_a_chain_that_lacks_a_link_ends_elsewhere(cut: slice, number: int) -> None:
    with pytest.raises(ChainEndsElsewhere) as refusal:
        verify_ancestry(UNSEALED, HeaderChain(links=CHAIN.links[cut]), CHECKPOINT)
    assert refusal.value.found == CHECKPOINT.number + number
    assert refusal.value.pinned == (str(CHECKPOINT.number),)


def test_a_block_above_the_checkpoint_is_not_below_it() -> None:
    above = follow(HEADERS[-1], 2)
    with pytest.raises(ChainEndsElsewhere):
        verify_ancestry(above[1], chain_of(above[1:]), CHECKPOINT)
    with pytest.raises(ChainEndsElsewhere):
        verify_ancestry(above[1], HeaderChain(links=()), CHECKPOINT)


def test_a_malformed_link_is_named() -> None:
    with pytest.raises(MalformedLink) as refusal:
        verify_ancestry(UNSEALED, HeaderChain(links=(*CHAIN.links[:-1], b"\xc0")), CHECKPOINT)
    assert refusal.value.link == 11
