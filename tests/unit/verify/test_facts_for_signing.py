"""What whoever signs takes for a fact: words of this ledger, now; and what is only claimed stays a claim."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    FromTheFuture,
    MissingNode,
    Stale,
    Superseded,
    TooFewSeals,
    TrustExpired,
    WrongCode,
    WrongPartyCode,
)
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.tables import Table, slot_of, standing_slot
from aeo_ledger.verify import Checkpoint, ProvenState, TrustBundle, ValidatorSet
from aeo_ledger.verify.claims import read_claims
from aeo_ledger.verify.facts import verify_facts
from support.sealed_world import ADDRESSES, BY, BY_TRADER, DAY, NOW, CustomsFacts, SealedWorld, entry_of, party, trust

SLOTS = [slot_of(Table.PARTY, BY), standing_slot(entry_of(BY_TRADER, BY))]


def sealed(**how: Any) -> SealedWorld:
    return SealedWorld(CustomsFacts().grant(BY_TRADER, BY), **how)


def evidence_of(there: SealedWorld) -> Evidence:
    return Evidence(questions=(), header=there.header.encode(), nodes=there.nodes(SLOTS))


def prove(there: SealedWorld, pinned: TrustBundle | None = None, now: int = NOW) -> ProvenState:
    return verify_facts(evidence_of(there), pinned or trust(), now=now)


def test_words_are_proven_and_others_are_not_there() -> None:
    facts = prove(sealed())
    assert facts.party(BY) == party(BY)
    assert facts.record(entry_of(BY_TRADER, BY)) is not None
    with pytest.raises(MissingNode):
        facts.office(BY)


@pytest.mark.parametrize(
    ("how", "now", "error"),
    [
        ({"seals": 2}, NOW, TooFewSeals),
        ({}, NOW + 301, Stale),
        ({}, NOW - 6, FromTheFuture),
        ({"number": 9}, NOW, BelowCheckpoint),
        ({}, NOW + 90 * DAY, TrustExpired),
        ({"code_hashes": dict.fromkeys(ADDRESSES, bytes(32))}, NOW, WrongCode),
    ],
)
def test_evidence_that_proves_no_answer_proves_no_fact(how: dict[str, Any], now: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        prove(sealed(**how), now=now)


@pytest.mark.parametrize("forks", [None, Forks(), Forks.of({"london": 7})])
def test_the_pinned_checkpoint_needs_no_seals_while_it_is_fresh(forks: Forks | None) -> None:
    there = sealed(seals=0, number=0)
    place = Checkpoint(number=0, hash=there.header.hash(), time=NOW)
    pinned = trust(checkpoint=place, forks=forks)
    facts = prove(there, pinned)
    assert facts.party(BY) == party(BY)
    assert not facts.is_seam
    with pytest.raises(Stale):
        prove(there, pinned, now=NOW + 301)
    with pytest.raises(TrustExpired):
        prove(there, pinned, now=NOW + 90 * DAY)
    with pytest.raises(TooFewSeals):
        prove(there, replace(pinned, checkpoint=replace(place, hash=bytes(32), number=0, time=NOW - 1)))
    other = trust(checkpoint=place, consortium_code_hash=bytes(32))
    with pytest.raises(WrongCode):
        prove(there, other)


def test_a_predecessors_seam_does_not_prove_present_facts() -> None:
    """It is pinned and valid for ever in an answer about the past. But a signer would base an act on a ledger that has ended."""
    there = sealed(seals=0)
    header = there.header
    addresses = {contract.value: address for contract, address in ADDRESSES.items()}
    seam = Predecessor(chain_id=1, number=header.number, header=header.hash(), time=header.timestamp, **addresses)
    pinned = trust(
        chain_id=77,
        consortium=b"\x0c" * 20,
        governance=b"\x91" * 20,
        registers=b"\xea" * 20,
        validators=ValidatorSet((b"\x44" * 20,)),
        checkpoint=Checkpoint(number=5, hash=bytes(32), time=NOW),
        predecessors=(seam,),
    )
    with pytest.raises(Superseded) as refusal:
        prove(there, pinned)
    assert refusal.value.successor == b"\x0c" * 20


def test_a_claim_is_not_a_proven_type_but_follows_from_its_header() -> None:
    there = sealed(seals=0)
    claims = read_claims(evidence_of(there), trust())
    assert not isinstance(claims, ProvenState)
    assert claims.party(BY) == party(BY)
    assert claims.time == NOW
    falsified = replace(evidence_of(there), nodes=evidence_of(there).nodes[:-1])
    claimed = read_claims(falsified, trust())
    with pytest.raises(MissingNode):
        claimed.record(entry_of(BY_TRADER, BY))
    with pytest.raises(WrongCode):
        read_claims(evidence_of(there), trust(registers_code_hash=bytes(32)))


def test_a_relabelled_party_is_refused_claimed_or_proven() -> None:
    world = CustomsFacts()
    world.parties[BY] = party(BY, code="CN")
    there = SealedWorld(world.grant(BY_TRADER, BY))
    for facts in (prove(there), read_claims(evidence_of(there), trust())):
        with pytest.raises(WrongPartyCode) as refusal:
            facts.party(BY)
        assert (refusal.value.number, refusal.value.found, refusal.value.needed) == (BY, "CN", "BY")


def test_evidence_of_words_has_a_format_of_its_own() -> None:
    evidence = evidence_of(sealed())
    assert (
        EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(evidence))
        == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
        == evidence
    )
    written = json.loads(EVIDENCE_FORM.encode_json(evidence))
    assert written["format"] == "aeo-ledger/state-evidence/1"
    for altered in (
        written | {"format": "aeo-ledger/recognition-evidence/1"},
        written | {"format": "aeo-ledger/history-evidence/1"},
        written | {"history": {}},
        written | {"questions": [{"tin": "BY1", "recogniser": "CN", "direction": "import", "role": "carrier"}]},
    ):
        with pytest.raises(MalformedDocument):
            EVIDENCE_FORM.decode_json(json.dumps(altered))
