from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Reason, RegisterMode, Role, Status
from aeo_ledger.errors import Malformed, Unproven, show_utc
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded, UnreadableValue
from aeo_ledger.errors.evidence import MalformedHeader
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.verify import (
    AbsentAccount,
    BelowCheckpoint,
    FromTheFuture,
    MissingNode,
    NotTheCheckpoint,
    NotYetProvable,
    OtherQuestion,
    RepeatedNode,
    Stale,
    StrangerSealed,
    SurplusNodes,
    TooFewSeals,
    TrustExpired,
    UnknownCertificateType,
    WrongCode,
    WrongPartyCode,
)
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Question
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, record_slot
from aeo_ledger.verify import (
    Checkpoint,
    ProvenDecision,
    TrustBundle,
    resolve_question,
    verify_recognition,
    verify_recognitions,
)
from support.random_worlds import random_world
from support.sealed_world import (
    ADDRESSES,
    BY,
    BY_TRADER,
    CN,
    CODE_HASHES,
    DAY,
    DE_TRADER,
    EU,
    NOW,
    PL,
    CustomsFacts,
    SealedWorld,
    entry_of,
    lane,
    party,
    question,
    trust,
)  # fmt: skip
from support.sealing import KEYS, STRANGER, seal, validators

TRUST = trust()
ASKED = question(BY_TRADER, CN)
CROWD = [Tin(f"BY{n}") for n in range(100_000_000, 100_000_200)]


def crowded() -> CustomsFacts:
    """China recognises Belarus on two lanes, the weaker first; two hundred others have certificates too."""
    world = CustomsFacts().recognise(CN, BY, lane(types=0b100, benefits=0b1), lane(types=0b110, benefits=0b10))
    for tin in CROWD:
        world.grant(tin, BY, 2)
    return world.grant(BY_TRADER, BY, 2)


@cache
def sealed() -> SealedWorld:
    return SealedWorld(crowded())


@cache
def proof() -> Evidence:
    return sealed().prove(ASKED)


def all_slots(there: SealedWorld) -> list[tuple[Contract, int]]:
    return [(contract, slot) for contract, words in there.words.items() for slot in words]


def verify(
    evidence: Evidence, asked: Question = ASKED, trusted: TrustBundle = TRUST, *, now: int = NOW, max_age: int = 300
) -> ProvenDecision:
    return verify_recognition(evidence, asked, trusted, now=now, max_age=max_age)


def test_a_yes_is_proven_with_its_block_and_who_sealed_it() -> None:
    proven = verify(proof())
    assert proven.decision.recognised
    assert [int(benefit) for benefit in proven.decision.benefits] == [0, 1]
    assert proven.question == ASKED
    assert (proven.registers, proven.issuer) == (("BY",), "BY")
    assert (proven.block_number, proven.block_hash, proven.block_time) == (100, sealed().header.hash(), NOW)
    assert proven.sealers == validators(4).addresses[:3]
    assert proven.chain_id == TRUST.chain_id


def test_an_absence_is_proven_as_firmly() -> None:
    asked = question(Tin("BY101010101"), CN)
    proven = verify(sealed().prove(asked), asked)
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE,)
    assert (proven.registers, proven.issuer) == (("BY",), None)


def test_it_survives_the_wire() -> None:
    assert verify(EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(proof()))) == verify(proof())


@pytest.mark.parametrize("seed", range(3))
def test_what_is_proven_is_what_the_facts_decide(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    asked = question(DE_TRADER, PL)
    for _ in range(25):
        world = random_world(dice)
        there = SealedWorld(world)
        expected = decide(resolve_question(asked, TRUST, NOW), world, entries_of(DE_TRADER))
        assert verify(there.prove(asked), asked).decision == expected


# ------------------------------------------------------------------ 1. header, seals, checkpoint


def test_too_few_seals_prove_nothing() -> None:
    with pytest.raises(TooFewSeals) as refusal:
        verify(SealedWorld(crowded(), seals=2).prove(ASKED))
    assert (refusal.value.found, refusal.value.needed) == (2, 3)


def test_seals_of_others_prove_nothing() -> None:
    header = seal(replace(sealed().header, seals=()), *KEYS[:2], STRANGER)
    with pytest.raises(StrangerSealed):
        verify(replace(proof(), header=header.encode()))


def test_another_state_under_the_same_seals_proves_nothing() -> None:
    other = SealedWorld(CustomsFacts())
    header = replace(sealed().header, state_root=other.header.state_root)
    with pytest.raises(StrangerSealed):
        verify(replace(proof(), header=header.encode()))


def test_a_malformed_header_is_refused() -> None:
    with pytest.raises(MalformedHeader):
        verify(replace(proof(), header=b""))


def test_a_header_below_the_checkpoint_proves_nothing() -> None:
    with pytest.raises(BelowCheckpoint) as refusal:
        verify(SealedWorld(crowded(), number=9).prove(ASKED))
    assert (refusal.value.found, refusal.value.needed) == (9, 10)
    earlier = SealedWorld(crowded(), timestamp=NOW - DAY - 1)
    with pytest.raises(BelowCheckpoint) as refusal:
        verify(earlier.prove(ASKED), max_age=2 * DAY)
    assert (refusal.value.found, refusal.value.needed) == (NOW - DAY - 1, NOW - DAY)


def test_in_the_place_of_the_checkpoint_only_the_checkpoint_stands() -> None:
    right = replace(TRUST, checkpoint=Checkpoint(number=100, hash=sealed().header.hash(), time=NOW))
    assert verify(proof(), trusted=right).decision.recognised
    wrong = replace(TRUST, checkpoint=Checkpoint(number=100, hash=bytes(32), time=NOW))
    with pytest.raises(NotTheCheckpoint) as refusal:
        verify(proof(), trusted=wrong)
    assert (refusal.value.number, refusal.value.found) == (100, sealed().header.hash())


# ------------------------------------------------------------------ 2. age


def test_evidence_ages_and_a_clock_may_differ_a_little() -> None:
    assert verify(proof(), now=NOW + 300)
    assert verify(proof(), now=NOW - 5)
    with pytest.raises(Stale) as stale:
        verify(proof(), now=NOW + 301)
    assert (stale.value.age_s, stale.value.max_age_s) == (301, 300)
    with pytest.raises(FromTheFuture) as early:
        verify(proof(), now=NOW - 6)
    assert (early.value.ahead_s, early.value.skew_s) == (6, 5)


def test_trust_ends_with_its_period() -> None:
    end = TRUST.expires_at
    assert verify(proof(), now=end - 1, max_age=90 * DAY)
    with pytest.raises(TrustExpired) as refusal:
        verify(proof(), now=end, max_age=90 * DAY)
    assert (refusal.value.expired_at, refusal.value.now) == (end, end)


# ------------------------------------------------------------------ 3. contracts


def test_another_network_with_the_same_validators_proves_nothing_here() -> None:
    elsewhere = {Contract.CONSORTIUM: bytes(19) + b"\xc1", Contract.REGISTERS: bytes(19) + b"\xe1"}
    evidence = SealedWorld(crowded(), addresses=elsewhere).prove(ASKED)
    with pytest.raises(MissingNode):
        verify(evidence)
    moved = replace(TRUST, consortium=elsewhere[Contract.CONSORTIUM], registers=elsewhere[Contract.REGISTERS])
    assert verify(evidence, trusted=moved).decision.recognised


def test_an_account_that_is_proven_absent_is_refused() -> None:
    lonely = SealedWorld(CustomsFacts(), addresses=ADDRESSES)
    absent = bytes(19) + b"\xaa"
    lonely.addresses = {**ADDRESSES, Contract.REGISTERS: absent}
    with pytest.raises(AbsentAccount) as refusal:
        verify(lonely.prove(ASKED), trusted=replace(TRUST, registers=absent))
    assert refusal.value.address == absent


@pytest.mark.parametrize("contract", WITH_ANSWERS)
def test_other_code_at_the_pinned_address_proves_nothing(contract: Contract) -> None:
    with pytest.raises(WrongCode) as refusal:
        verify(SealedWorld(crowded(), code_hashes=CODE_HASHES | {contract: bytes(32)}).prove(ASKED))
    assert (refusal.value.address, refusal.value.found) == (ADDRESSES[contract], bytes(32))


def test_no_answer_needs_the_contract_that_governs() -> None:
    there = SealedWorld(crowded(), code_hashes=CODE_HASHES | {Contract.GOVERNANCE: bytes(32)})
    assert verify(there.prove(ASKED)).decision.recognised


# ------------------------------------------------------------------ 4. and 5. words that follow from the question


@pytest.mark.parametrize(
    "asked",
    [
        question(CROWD[0], CN),
        question(BY_TRADER, EU),
        question(BY_TRADER, CN, direction=Direction.EXPORT),
        question(BY_TRADER, CN, role=Role.CARRIER),
        question(BY_TRADER, CN, certificate_type="3"),
        question(BY_TRADER, CN, register="BY"),
        question(BY_TRADER, CN, on=NOW),
    ],
)
def test_evidence_for_another_question_is_refused_whatever_it_says_of_itself(asked: Question) -> None:
    with pytest.raises(OtherQuestion):
        verify(proof(), asked)


@pytest.mark.parametrize("asked", [question(CROWD[0], CN), question(BY_TRADER, EU)])
def test_relabelled_evidence_lacks_what_the_other_question_needs(asked: Question) -> None:
    with pytest.raises(MissingNode):
        verify(replace(proof(), questions=(asked,)), asked)


def test_no_node_can_be_left_out() -> None:
    for dropped in range(len(proof().nodes)):
        nodes = (*proof().nodes[:dropped], *proof().nodes[dropped + 1 :])
        with pytest.raises(MissingNode):
            verify(replace(proof(), nodes=nodes))


def test_the_order_of_nodes_means_nothing() -> None:
    assert verify(replace(proof(), nodes=proof().nodes[::-1])) == verify(proof())


def test_a_second_lane_cannot_be_hidden() -> None:
    """Nobody sealed a world in which the second lane was never concluded."""
    before = SealedWorld(crowded().recognise(CN, BY, lane(types=0b100, benefits=0b1)))
    evidence = before.prove(ASKED)
    assert len(verify(evidence).decision.benefits) == 1
    with pytest.raises(MissingNode):
        verify(replace(evidence, header=proof().header))


def test_nodes_that_nothing_needed_are_refused() -> None:
    surplus = sealed().prove(question(CROWD[0], CN)).nodes
    nodes = tuple(dict.fromkeys((*proof().nodes, *surplus)))
    with pytest.raises(SurplusNodes) as refusal:
        verify(replace(proof(), nodes=nodes))
    assert refusal.value.count == len(nodes) - len(proof().nodes)
    with pytest.raises(RepeatedNode):
        verify(replace(proof(), nodes=(*proof().nodes, proof().nodes[0])))


def test_a_party_that_is_not_the_one_pinned_proves_nothing() -> None:
    world = crowded()
    world.parties[BY] = party(BY, code="RU")
    with pytest.raises(WrongPartyCode) as refusal:
        verify(SealedWorld(world).prove(ASKED))
    assert (refusal.value.number, refusal.value.found, refusal.value.needed) == (BY, "RU", "BY")
    del world.parties[BY]
    with pytest.raises(WrongPartyCode) as refusal:
        verify(SealedWorld(world).prove(ASKED))
    assert refusal.value.found == ""


def test_a_word_that_no_contract_writes_is_not_read_as_one() -> None:
    evidence = SealedWorld(crowded(), forged={record_slot(entry_of(BY_TRADER, BY, 2)): 0xF}).prove(ASKED)
    with pytest.raises(UnreadableValue) as refusal:
        verify(evidence)
    assert refusal.value.what == "standing"


# ------------------------------------------------------------------ 6. what needs more than this evidence


def test_a_time_that_the_block_has_not_reached_is_not_decided() -> None:
    for on, error in ((NOW, None), (NOW + 1, NotYetProvable)):
        asked = question(BY_TRADER, CN, on=on)
        evidence = sealed().prove(asked)
        if error is None:
            assert verify(evidence, asked).decision.time == on
        else:
            with pytest.raises(error) as refusal:
                verify(evidence, asked)
            assert (refusal.value.time, refusal.value.block_time) == (on, NOW)


def test_what_was_known_before_the_ledger_had_anything_is_not_decided() -> None:
    """Not a no: it did not search "no register", it was not there yet."""
    begins = NOW - 1_000 * DAY
    for named in (None, "BY"):
        first = question(BY_TRADER, CN, on=begins - DAY, known=begins, register=named)
        before = replace(first, known=begins - 1)
        evidence = sealed().prove(first)
        assert not verify(evidence, first).decision.recognised
        with pytest.raises(NothingRecorded) as refusal:
            verify(replace(evidence, questions=(before,)), before)
        assert (refusal.value.party, refusal.value.begins_at) == ("CN", begins)
    assert f"this ledger's records of CN begin at {show_utc(begins)}" in str(refusal.value)


def test_a_type_that_no_register_searched_has_is_refused_and_theirs_are_named() -> None:
    asked = question(BY_TRADER, CN, certificate_type="AEOS")
    with pytest.raises(UnknownCertificateType) as refusal:
        verify(sealed().prove(asked), asked)
    assert (refusal.value.known, refusal.value.registers) == (("1", "2", "3"), ("BY",))
    assert str(refusal.value) == "no register searched (BY) has a certificate type 'AEOS', only 1, 2, 3"
    nowhere = replace(asked, tin=Tin("UY1"))
    assert not verify(sealed().prove(nowhere), nowhere).decision.recognised


def test_a_past_time_that_the_words_do_not_cover_is_not_decided() -> None:
    asked = question(BY_TRADER, CN, on=NOW - DAY)
    assert verify(sealed().prove(asked), asked).decision.time == NOW - DAY
    changed = crowded().grant(BY_TRADER, BY, 2, status=Status.SUSPENDED, since=NOW - 5, recorded_at=NOW - 5, sequence=2)
    with pytest.raises(HistoryNeeded):
        verify(SealedWorld(changed).prove(asked), asked)


def test_a_keyed_register_is_not_decided_without_its_key() -> None:
    world = crowded()
    world.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    keyed = SealedWorld(world)
    with pytest.raises(KeyNeeded):
        keyed.prove(ASKED)
    with pytest.raises(KeyNeeded) as refusal:
        verify(replace(proof(), header=keyed.header.encode(), nodes=keyed.nodes(all_slots(keyed))))
    assert (refusal.value.register, refusal.value.certificate_type) == (BY, 1)


# ------------------------------------------------------------------ many questions


def test_many_questions_share_one_pool() -> None:
    asked = tuple(question(tin, CN) for tin in (*CROWD[:30], Tin("BY101010101"), BY_TRADER))
    evidence = sealed().prove(*asked)
    proven = verify_recognitions(evidence, asked, TRUST, now=NOW, max_age=300)
    assert [p.question for p in proven] == list(asked)
    assert [p.decision.recognised for p in proven] == [True] * 30 + [False, True]
    assert verify(evidence, ASKED).decision == proven[-1].decision
    alone = sum(len(sealed().prove(one).nodes) for one in asked)
    assert len(evidence.nodes) * 3 < alone


def test_all_questions_of_a_batch_are_answered_or_none_and_without_surplus_nodes() -> None:
    asked = tuple(question(tin, CN) for tin in CROWD[:3])
    evidence = sealed().prove(*asked)
    for others in (asked[:2], asked[::-1], (*asked, ASKED), ()):
        with pytest.raises(OtherQuestion):
            verify_recognitions(evidence, others, TRUST, now=NOW, max_age=300)
    cargo = tuple(dict.fromkeys((*evidence.nodes, *proof().nodes)))
    with pytest.raises(SurplusNodes):
        verify_recognitions(replace(evidence, nodes=cargo), asked, TRUST, now=NOW, max_age=300)
    with pytest.raises(MissingNode):
        verify_recognitions(replace(evidence, nodes=evidence.nodes[:-1]), asked, TRUST, now=NOW, max_age=300)


# ------------------------------------------------------------------ forgeries at large


@settings(max_examples=300)
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_no_altered_byte_ever_proves_another_decision(place: int, flip: int) -> None:
    data = bytearray(EVIDENCE_FORM.encode_cbor(proof()))
    data[place % len(data)] ^= flip
    try:
        proven = verify(EVIDENCE_FORM.decode_cbor(bytes(data)))
    except (Malformed, Unproven):
        return
    assert proven.decision == verify(proof()).decision


FORGERIES: dict[str, Callable[[Any], Any]] = {
    "cut": lambda node: node[:-1],
    "grown": lambda node: node + b"\0",
    "empty": lambda _node: b"",
    "another": lambda _node: b"\xc0",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_no_altered_node_proves_anything(forge: Callable[[bytes], bytes]) -> None:
    for at, node in enumerate(proof().nodes):
        nodes = (*proof().nodes[:at], forge(node), *proof().nodes[at + 1 :])
        with pytest.raises(Unproven):
            verify(replace(proof(), nodes=nodes))


def test_a_prefix_that_stands_for_a_party_leads_to_its_registers() -> None:
    asked = question(Tin("XI123456"), CN)
    assert verify(sealed().prove(asked), asked).registers == ("EU",)
