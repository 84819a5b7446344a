from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Reason, RegisterMode, Role, Status
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import HistoryNeeded, UnreadableValue
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.verify import (
    AbsentAccount,
    FromTheFuture,
    MissingNode,
    NotYetProvable,
    SnapshotBelowCheckpoint,
    Stale,
    StrangerSealed,
    SurplusNodes,
    TooFewSeals,
    TrustExpired,
    UnknownParty,
    WrongCode,
    WrongPartyCode,
    WrongStorageRoot,
)
from aeo_ledger.evidence import Question, decode_header
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, record_slot
from aeo_ledger.verify import resolve_question, verify_recognition
from support.random_worlds import random_world
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    CODE_HASHES,
    DAY,
    DE_TRADER,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    SealedWorld,
    entry_of,
    party,
    question,
)  # fmt: skip
from support.sealing import KEYS, STRANGER, seal
from support.snapshots import ASKED, CROWD, TRUST, HeadedWorld, crowded, seal_snapshot, taken, verify, word


def rows(data: bytes, width: int) -> list[bytes]:
    return [data[at : at + width] for at in range(0, len(data), width)]


# ------------------------------------------------------------------ what it decides


def test_a_yes_is_proven_with_its_block_and_who_sealed_it() -> None:
    proven = verify(taken()).decide(ASKED, now=NOW)
    assert proven.decision.recognised
    assert [int(benefit) for benefit in proven.decision.benefits] == [0, 1]
    assert (proven.question, proven.registers, proven.issuer) == (ASKED, ("BY",), "BY")
    assert (proven.block_number, proven.block_hash) == (100, decode_header(taken().header).hash())
    assert (proven.block_time, len(proven.sealers), proven.chain_id) == (NOW, 3, TRUST.chain_id)


def test_what_is_not_in_it_is_proven_absent() -> None:
    proven = verify(taken()).decide(question(Tin("BY101010101"), CN), now=NOW)
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE,)


def test_it_answers_as_evidence_of_the_same_block_does() -> None:
    there = SealedWorld(HeadedWorld.of(crowded()))
    for tin in (BY_TRADER, CROWD[3], Tin("BY101010101"), Tin("XI123456"), DE_TRADER):
        asked = question(tin, CN)
        evidence = verify_recognition(there.prove(asked), asked, TRUST, now=NOW, max_age=300)
        found = verify(taken()).decide(asked, now=NOW)
        assert found == evidence


@pytest.mark.parametrize("seed", range(4))
def test_in_random_worlds_it_decides_what_the_facts_and_evidence_decide(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    for _ in range(15):
        world = random_world(dice)
        there, proven = SealedWorld(HeadedWorld.of(world)), verify(seal_snapshot(world, named=dice.random() < 0.5))
        for _ in range(6):
            asked = question(
                DE_TRADER,
                dice.choice((PL, EU, KZ)),
                direction=dice.choice(list(Direction)),
                role=dice.choice((Role.EXPORTER, Role.MANUFACTURER)),
                certificate_type=dice.choice((None, None, 0, 2)),
                register=dice.choice((None, None, "EU", "DE")),
                on=dice.choice((None, None, NOW, NOW - 3, NOW - 10 * DAY)),
            )
            expected = outcome(decide, resolve_question(asked, TRUST, NOW), world, entries_of(asked.tin))
            evidence = outcome(verify_recognition, there.prove(asked), asked, TRUST, now=NOW, max_age=300)
            assert outcome(proven.decide, asked, now=NOW) == evidence
            assert (evidence if isinstance(evidence, type) else evidence.decision) == expected


def outcome(act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    try:
        return act(*arguments, **named)
    except Unproven as error:
        return type(error)


def test_many_traders_are_decided_one_by_one() -> None:
    """Facts that questions share are kept. No fact about one trader affects the next."""
    world = crowded().grant(CROWD[1], BY, 2, status=Status.REVOKED).withhold(CN, CROWD[2], BY, 2)
    world.grant(CROWD[3], BY, 2, roles=1 << Role.CARRIER)
    proven = verify(seal_snapshot(world))
    for _ in range(2):
        found = [proven.decide(question(tin, CN), now=NOW).decision for tin in CROWD[:5]]
        assert [decision.recognised for decision in found] == [True, False, False, False, True]
        assert [decision.reasons for decision in found[1:4]] == [
            (Reason.REVOKED,),
            (Reason.BENEFITS_WITHHELD,),
            (Reason.ROLE,),
        ]
        assert found[0].standing is not None
        assert found[0].standing.entry == entry_of(CROWD[0], BY, 2)
        assert found[4].standing is not None
        assert found[4].standing.entry == entry_of(CROWD[4], BY, 2)


def test_standings_are_listed_with_their_entries() -> None:
    listed: dict[bytes, Record] = dict(verify(taken()).standings())
    assert listed == crowded().records
    assert list(listed) == sorted(listed)


# ------------------------------------------------------------------ age


def test_it_grows_old_in_memory() -> None:
    proven = verify(taken())
    assert proven.decide(ASKED, now=NOW + 300).decision.recognised
    with pytest.raises(Stale) as stale:
        proven.decide(ASKED, now=NOW + 301)
    assert (stale.value.age_s, stale.value.max_age_s) == (301, 300)
    with pytest.raises(FromTheFuture) as early:
        proven.decide(ASKED, now=NOW - 6)
    assert (early.value.ahead_s, early.value.skew_s) == (6, 5)


def test_too_old_or_from_the_future_it_is_refused_when_it_is_loaded() -> None:
    with pytest.raises(Stale):
        verify(taken(), now=NOW + 301)
    with pytest.raises(FromTheFuture):
        verify(taken(), now=NOW - 6)
    with pytest.raises(FromTheFuture):
        verify(taken(), now=NOW - 6, refuse_stale=False)


def test_by_policy_age_is_flagged_instead() -> None:
    old = verify(taken(), now=NOW + 30 * DAY, refuse_stale=False)
    assert old.decide(ASKED, now=NOW + 30 * DAY).decision.recognised
    assert old.is_stale(NOW + 30 * DAY)
    assert not old.is_stale(NOW + 300)
    assert old.age_s(NOW + 30 * DAY) == 30 * DAY


def test_no_policy_outlives_the_trust() -> None:
    end = TRUST.expires_at
    old = verify(taken(), now=end - 1, refuse_stale=False)
    with pytest.raises(TrustExpired):
        old.decide(ASKED, now=end)
    with pytest.raises(TrustExpired):
        verify(taken(), now=end, refuse_stale=False)


# ------------------------------------------------------------------ forged headers and accounts


def test_without_a_quorum_of_the_validators_nothing_is_looked_at() -> None:
    with pytest.raises(TooFewSeals):
        verify(seal_snapshot(crowded(), seals=2))
    header = seal(replace(decode_header(taken().header), seals=()), *KEYS[:2], STRANGER)
    with pytest.raises(StrangerSealed):
        verify(replace(taken(), header=header.encode(), standings=b"never looked at"))


def test_words_under_another_header_of_the_same_chain_prove_nothing() -> None:
    later = seal_snapshot(crowded().grant(Tin("BY101010101"), BY, 2), number=101, timestamp=NOW + 1)
    with pytest.raises(MissingNode):
        verify(replace(taken(), header=later.header), now=NOW + 1)
    with pytest.raises(WrongStorageRoot):
        verify(replace(taken(), header=later.header, nodes=later.nodes), now=NOW + 1)


def test_another_network_with_the_same_validators_proves_nothing_here() -> None:
    elsewhere = {Contract.CONSORTIUM: bytes(19) + b"\xc1", Contract.REGISTERS: bytes(19) + b"\xe1"}
    with pytest.raises((MissingNode, AbsentAccount)):
        verify(seal_snapshot(crowded(), addresses=elsewhere))


@pytest.mark.parametrize("contract", WITH_ANSWERS)
def test_other_code_at_the_pinned_address_proves_nothing(contract: Contract) -> None:
    with pytest.raises(WrongCode) as refusal:
        verify(seal_snapshot(crowded(), code_hashes=CODE_HASHES | {contract: bytes(32)}))
    assert refusal.value.found == bytes(32)


def test_below_the_checkpoint_it_proves_nothing() -> None:
    """Trust was updated after it was taken: no archive helps, only a new one."""
    with pytest.raises(SnapshotBelowCheckpoint) as refusal:
        verify(seal_snapshot(crowded(), number=9))
    assert (refusal.value.found, refusal.value.needed) == (9, 10)
    assert "snapshot take" in refusal.value.advises


def test_nodes_that_nothing_needed_are_refused() -> None:
    with pytest.raises(SurplusNodes):
        verify(replace(taken(), nodes=(*taken().nodes, b"\xc2\x01\x02")))
    with pytest.raises(MissingNode):
        verify(replace(taken(), nodes=taken().nodes[:-1]))


# ------------------------------------------------------------------ questions that it does not answer


def refused(world: CustomsFacts, asked: Question, error: type[Exception]) -> Any:
    with pytest.raises(error) as refusal:
        verify(seal_snapshot(world)).decide(asked, now=NOW)
    return refusal.value


def test_what_needs_more_than_words_is_not_decided() -> None:
    refused(crowded(), question(BY_TRADER, CN, on=NOW + 1), NotYetProvable)
    refused(crowded(), replace(ASKED, recogniser="US"), UnknownParty)
    changed = crowded().grant(BY_TRADER, BY, 2, status=Status.SUSPENDED, since=NOW - 5, recorded_at=NOW - 5, sequence=2)
    refused(changed, question(BY_TRADER, CN, on=NOW - DAY), HistoryNeeded)
    keyed = crowded()
    keyed.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    refused(keyed, ASKED, KeyNeeded)


def test_a_party_that_is_not_the_one_pinned_proves_nothing() -> None:
    world = crowded()
    world.parties[BY] = party(BY, code="RU")
    refused(world, ASKED, WrongPartyCode)


def test_a_word_that_no_contract_writes_is_not_read_as_one() -> None:
    slot = record_slot(entry_of(BY_TRADER, BY, 2))
    snapshot = seal_snapshot(crowded(), forged={slot: 0xF})
    standings = [row[:32] + (word(0xF) if row[:32] == entry_of(BY_TRADER, BY, 2) else row[32:64]) + row[64:]
                 for row in rows(snapshot.standings, 96)]  # fmt: skip
    proven = verify(replace(snapshot, standings=b"".join(standings)))
    with pytest.raises(UnreadableValue):
        proven.decide(ASKED, now=NOW)
    with pytest.raises(UnreadableValue):
        list(proven.standings())
    assert proven.decide(question(CROWD[0], CN), now=NOW).decision.recognised


def test_a_standing_without_a_record_is_not_listed() -> None:
    """Validators sealed a word of 0, which no contract keeps. A question about its trader is answered by a no."""
    entry = entry_of(BY_TRADER, BY, 2)
    snapshot = seal_snapshot(crowded(), zeros={record_slot(entry)})
    standings = [row[:32] + bytes(32) + row[64:] if row[:32] == entry else row for row in rows(snapshot.standings, 96)]
    proven = verify(replace(snapshot, standings=b"".join(standings)))
    with pytest.raises(UnreadableValue) as refusal:
        list(proven.standings())
    assert refusal.value.facts() == {"what": "standing", "reason": "no record"}
    assert proven.decide(ASKED, now=NOW).decision.reasons == (Reason.NO_CERTIFICATE,)
