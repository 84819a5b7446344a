"""Every envelope of a register is proven with its party's history; a forged, altered or held back one is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import PartyActKind
from aeo_ledger.errors.verify import (
    HeadDiffers,
    MissingNode,
    OtherHistory,
    SignerNotEntitled,
    Stale,
    SurplusNodes,
)
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.envelopes import ProvenEnvelopes, verify_envelopes
from support.drafts import envelope, party_act
from support.evm import ADDRESSES, CHAIN_ID
from support.scribe import Scribe, scribe
from support.sealed_scribe import pinned, told, with_history
from support.sealed_world import NOW
from support.world import FIRST, SECOND, THIRD, authority, operator

DAY = 86_400


@pytest.fixture(scope="module")
def world() -> Scribe:
    world = scribe()
    world.do(envelope(world, sealed=b"one"), operator(FIRST))
    world.wait(DAY)
    world.do(party_act(world, FIRST, PartyActKind.SET_CARD, detail=7), authority(FIRST))
    world.do(envelope(world, sealed=b"two", recipient=THIRD, epoch=4), operator(FIRST))
    world.do(envelope(world, SECOND, sealed=b"three", recipient=FIRST), operator(SECOND), operator(SECOND, 1))
    return world


@pytest.fixture(scope="module")
def evidence(world: Scribe) -> Evidence:
    return told(world, world.party(FIRST))


def verify(evidence: Evidence, register: int = FIRST, **altered: Any) -> ProvenEnvelopes:
    return verify_envelopes(evidence, register, pinned(), **{"now": NOW, "max_age": 60, **altered})


def altered(history: SignedHistory, serial: int, **members: Any) -> SignedHistory:
    """Alter the envelope of a serial."""
    acts = tuple(
        replace(act, values={**act.values, **members})
        if act.name == "Envelope" and act.values["serial"] == serial
        else act
        for act in history.acts
    )
    return replace(history, acts=acts)


def test_all_envelopes_of_a_register_are_proven_in_order(evidence: Evidence) -> None:
    proven = verify(evidence)
    assert [(one.sealed, one.recipient, one.epoch) for one in proven.envelopes] == [
        (b"one", SECOND, 0),
        (b"two", THIRD, 4),
    ]
    first, second = proven.envelopes
    assert second.recorded_at - first.recorded_at == DAY
    assert (first.chain_id, first.contract) == (CHAIN_ID, ADDRESSES[Contract.CONSORTIUM])
    assert (proven.register, proven.sealed.header.number) == (FIRST, 100)


@pytest.mark.parametrize("members", [{"sealed": b"other"}, {"recipient": THIRD}, {"epoch": 1}], ids=str)
def test_no_part_of_an_envelope_can_be_altered(world: Scribe, evidence: Evidence, members: dict[str, Any]) -> None:
    forged = altered(world.party(FIRST), 1, **members)
    with pytest.raises(SignerNotEntitled):
        verify(with_history(evidence, forged))


def test_no_envelope_can_be_held_back_or_be_another_register_s(world: Scribe, evidence: Evidence) -> None:
    history = world.party(FIRST)
    (chain,) = history.parties
    last = replace(history, acts=history.acts[:-1], parties=(replace(chain, acts=chain.acts[:-1]),))
    with pytest.raises(HeadDiffers):
        verify(with_history(evidence, last))
    for other in (None, SignedHistory(), world.party(SECOND)):
        with pytest.raises(OtherHistory):
            verify(with_history(evidence, other))
    with pytest.raises(OtherHistory):
        verify(evidence, SECOND)


def test_old_evidence_and_more_than_was_asked_prove_nothing(world: Scribe, evidence: Evidence) -> None:
    with pytest.raises(Stale):
        verify(evidence, now=NOW + 61)
    both = told(world, world.party(FIRST), world.party(SECOND))
    with pytest.raises(SurplusNodes):
        verify(both)
    with pytest.raises(MissingNode):
        verify(replace(evidence, nodes=evidence.nodes[:-1]))
