"""Gas ceilings: one signer, own register, no details; a transaction's own cost and its call data included, refunds not taken off."""

from __future__ import annotations

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from support.act_messages import name_of, write
from support.drafts import change, entry_of, grant, publication
from support.world import FIRST, World, found, operator, sign

HOLDER = int.from_bytes(keccak256(b"a trader")[:29], "big")
"""Pseudonyms are hashes, which hardly have a zero byte."""


def entries(count: int) -> list[bytes]:
    return [entry_of(FIRST, 0, HOLDER + number) for number in range(count)]


def gas(world: World, act: acts.Publication) -> int:
    """Do an act and measure it."""
    signatures = tuple(sign(world.message(act), operator(FIRST)))
    assert world.submit(act, signatures) is None
    call = encode_act(SignedAct(name=name_of(act), values=write(act), signatures=signatures))
    return 21_000 + sum(16 if byte else 4 for byte in call) + world.evm.spent


@pytest.mark.parametrize(("count", "first", "after"), [(100, 50_500, 16_000), (1, 104_000, 70_000)])
def test_publications_stay_below_their_ceilings(count: int, first: int, after: int) -> None:
    world = found()
    granted = gas(world, publication(world, *(grant(world, entry) for entry in entries(count)))) // count
    assert granted <= first
    for kind in (EventKind.SUSPEND, EventKind.REINSTATE):
        world.wait(60)
        changed = gas(world, publication(world, *(change(world, kind, entry) for entry in entries(count)))) // count
        assert changed <= after
