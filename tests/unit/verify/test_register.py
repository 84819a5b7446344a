"""A question about a register: it is decided like one about a trader against whom there is nothing, and its evidence is as strict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.history import NO_HISTORY
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, Reason, RegisterMode, Role
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.verify import (
    MissingNode,
    NotYetProvable,
    Stale,
    Superseded,
    SurplusNodes,
    UnknownCertificateType,
    UnknownParty,
)
from aeo_ledger.evidence import Evidence, RegisterQuestion
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.verify import verify_recognition, verify_register
from aeo_ledger.verify.register import decide_about
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    DE,
    EAEU,
    EU,
    NOW,
    CustomsFacts,
    SealedWorld,
    lane,
    members_of,
    party,
    question,
    trust,
)

ASKED = RegisterQuestion(
    recogniser="CN", register="BY", direction=Direction.IMPORT, role=Role.EXPORTER, certificate_type="3"
)


def world() -> CustomsFacts:
    return CustomsFacts().recognise(CN, BY)


def prove(facts: CustomsFacts, asked: RegisterQuestion = ASKED) -> Evidence:
    there, pinned = SealedWorld(facts), trust()
    view = NotedWords(there.read)
    decide_about(asked, view, pinned, there.header.timestamp, NO_HISTORY)
    return Evidence(questions=(), header=there.header.encode(), nodes=there.nodes(view.words))


def decide(facts: CustomsFacts, asked: RegisterQuestion = ASKED) -> Decision:
    return verify_register(prove(facts, asked), asked, trust(), now=NOW, max_age=300).decision


def test_a_register_is_recognised_without_anybody_s_certificate() -> None:
    decision = decide(world())
    assert (decision.recognised, decision.reasons, decision.registers) == (True, (), (BY,))
    assert [found.lane.arrangement for found in decision.lanes] == ["CN-BY"]


def test_it_grants_what_a_trader_gets_against_whom_there_is_nothing() -> None:
    facts = world().grant(BY_TRADER, BY, 2)
    asked = question(BY_TRADER, CN, certificate_type="3")
    one = verify_recognition(SealedWorld(facts).prove(asked), asked, trust(), now=NOW, max_age=300)
    assert decide(facts).benefits == one.decision.benefits != ()


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        ({"types": 0b11}, (Reason.TYPE_OUT_OF_SCOPE,)),
        ({"roles": 1 << Role.CARRIER}, (Reason.ROLE,)),
        ({"directions": 1 << Direction.EXPORT}, (Reason.DIRECTION,)),
        ({"in_force_from": 0}, (Reason.ARRANGEMENT_NOT_IN_FORCE,)),
        ({"in_force_from": NOW + 1}, (Reason.ARRANGEMENT_NOT_IN_FORCE,)),
        ({"until": NOW}, (Reason.ARRANGEMENT_ENDED,)),
        ({"state": LaneState.SUSPENDED}, (Reason.ARRANGEMENT_SUSPENDED,)),
        ({"until": NOW, "state": LaneState.SUSPENDED}, (Reason.ARRANGEMENT_ENDED, Reason.ARRANGEMENT_SUSPENDED)),
    ],
)
def test_a_lane_refuses_it_for_its_own_reasons(made: Mapping[str, Any], reasons: tuple[Reason, ...]) -> None:
    assert decide(CustomsFacts().recognise(CN, BY, lane(**made))).reasons == reasons


def test_a_lane_of_a_union_counts_for_its_member() -> None:
    facts = CustomsFacts().recognise(EAEU, EU)
    for recogniser, yes in (("BY", True), ("CN", False)):
        asked = replace(ASKED, recogniser=recogniser, register="EU", certificate_type="AEOS")
        assert decide(facts, asked).recognised is yes


@pytest.mark.parametrize("number", [CN, BY])
def test_an_expelled_party_is_gone(number: int) -> None:
    facts = world()
    facts.parties[number] = party(number, state=PartyState.EXPELLED)
    assert Reason.PARTY_GONE in decide(facts).reasons


def test_a_register_that_was_given_up_is_gone() -> None:
    facts = world()
    facts.parties[BY] = party(BY, keeps_register=False)
    assert decide(facts).reasons == (Reason.PARTY_GONE,)


def test_a_register_that_was_never_opened_has_nothing_to_recognise() -> None:
    facts = CustomsFacts().recognise(CN, DE)
    asked = replace(ASKED, register="DE", certificate_type=None)
    assert decide(facts, asked).reasons == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)


def test_what_is_withheld_from_one_trader_is_not_withheld_from_the_register() -> None:
    assert decide(world().withhold(CN, BY_TRADER, BY, 2)).recognised


def test_a_keyed_register_needs_no_key() -> None:
    facts = world()
    facts.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    assert decide(facts).recognised
    assert decide(facts, replace(ASKED, recogniser="KZ")).reasons == (Reason.NO_ARRANGEMENT,)


def test_a_past_time_that_the_words_do_not_show_needs_history() -> None:
    asked = replace(ASKED, on=NOW - 10 * DAY)
    assert decide(world(), asked).recognised
    changed = CustomsFacts().recognise(CN, BY, lane(changes=1, changed_at=NOW - DAY))
    there = SealedWorld(changed)
    view = NotedWords(there.read)
    with pytest.raises(HistoryNeeded):
        decide_about(asked, view, trust(), NOW, NO_HISTORY)
    evidence = Evidence(questions=(), header=there.header.encode(), nodes=there.nodes(view.words))
    with pytest.raises(HistoryNeeded):
        verify_register(evidence, asked, trust(), now=NOW, max_age=300)


def test_a_member_that_left_its_union_is_judged_for_the_time() -> None:
    facts = CustomsFacts().recognise(EAEU, EU)
    facts.parties[BY] = party(BY, memberships=members_of(), changes=1, changed_at=NOW - DAY)
    asked = replace(ASKED, recogniser="BY", register="EU", certificate_type="AEOS")
    assert decide(facts, asked).reasons == (Reason.NO_ARRANGEMENT,)


# ---- forgeries ----


@pytest.mark.parametrize(
    "other",
    [
        {"recogniser": "KZ"},
        {"register": "KZ"},
        {"register": "EU", "certificate_type": "AEOS"},
    ],
)
def test_evidence_of_other_words_proves_nothing(other: Mapping[str, Any]) -> None:
    with pytest.raises(MissingNode):
        verify_register(prove(world()), replace(ASKED, **other), trust(), now=NOW, max_age=300)


def test_evidence_about_another_direction_is_the_same_words_and_another_answer() -> None:
    asked = replace(ASKED, direction=Direction.EXPORT)
    proven = verify_register(prove(world()), asked, trust(), now=NOW, max_age=300)
    assert (proven.question, proven.decision.reasons) == (asked, (Reason.DIRECTION,))


def test_a_missing_node_and_a_surplus_one_are_refused() -> None:
    evidence = prove(world())
    for place in range(len(evidence.nodes)):
        fewer = evidence.nodes[:place] + evidence.nodes[place + 1 :]
        with pytest.raises(MissingNode):
            verify_register(replace(evidence, nodes=fewer), ASKED, trust(), now=NOW, max_age=300)
    there = SealedWorld(world())
    more = set(prove(world(), replace(ASKED, recogniser="KZ")).nodes) - set(evidence.nodes)
    assert more
    assert there.header.encode() == evidence.header
    with pytest.raises(SurplusNodes):
        verify_register(replace(evidence, nodes=(*evidence.nodes, *more)), ASKED, trust(), now=NOW, max_age=300)


def test_a_time_to_come_an_old_block_and_a_superseded_ledger_prove_nothing() -> None:
    evidence = prove(world())
    with pytest.raises(NotYetProvable):
        verify_register(evidence, replace(ASKED, on=NOW + 1), trust(), now=NOW, max_age=300)
    with pytest.raises(Stale):
        verify_register(evidence, ASKED, trust(), now=NOW + 301, max_age=300)
    with pytest.raises(Superseded):
        verify_register(prove(world().supersede(NOW - DAY)), ASKED, trust(), now=NOW, max_age=300)
    past = replace(ASKED, on=NOW - 2 * DAY)
    superseded = prove(world().supersede(NOW - DAY), past)
    assert verify_register(superseded, past, trust(), now=NOW, max_age=300).decision.recognised


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"recogniser": "ZZ"}, UnknownParty),
        ({"register": "ZZ"}, UnknownParty),
        ({"certificate_type": "9"}, UnknownCertificateType),
        ({"certificate_type": "ADVANCED"}, UnknownCertificateType),
    ],
)
def test_who_and_what_is_not_pinned_is_malformed(changed: Mapping[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        verify_register(prove(world()), replace(ASKED, **changed), trust(), now=NOW, max_age=300)


def test_a_question_is_told_without_a_trader() -> None:
    assert str(ASKED) == "certificates for CN, import as exporter, type 3, register BY"
