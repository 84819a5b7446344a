"""A trader may be registered as `XI` and as `GB`: no certificate under one of them is a no only if there is none under the other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Reason, Status
from aeo_ledger.errors.verify import MissingNode, OtherFormKnown, OtherFormUnasked
from aeo_ledger.evidence import AnyQuestion, Evidence, Question
from aeo_ledger.verify import (
    ProvenDecision,
    demand_absent,
    find_other_question,
    verify_other_form,
    verify_recognition,
)
from aeo_ledger.verify.other_form import ask_other_form
from support.sealed_world import BY, BY_TRADER, CN, DE, EU, NOW, CustomsFacts, SealedWorld, ask_alias, question, trust
from support.snapshots import seal_snapshot, verify

XI, GB = Tin("XI123456789000"), Tin("GB123456789000")
TRUST = trust(prefixes={"XI": DE, "GB": BY})
"""The two registrations are in two registers: XI's in the EU's, GB's in one that stands for the United Kingdom's."""
AS_XI, AS_GB = question(XI, CN), question(GB, CN)


def world() -> CustomsFacts:
    return CustomsFacts().recognise(CN, EU).recognise(CN, BY)


@cache
def empty() -> SealedWorld:
    return SealedWorld(world())


def prove(
    there: SealedWorld, asked: AnyQuestion, *beside: AnyQuestion, now: int = NOW
) -> tuple[Evidence, ProvenDecision]:
    """Prove a question, and others with it in one evidence."""
    evidence = there.prove(asked, *beside, trust=TRUST)
    return evidence, verify_recognition(evidence, asked, TRUST, now=now)


@pytest.mark.parametrize(("asked", "other"), [(AS_XI, AS_GB), (AS_GB, AS_XI)])
def test_no_certificate_under_either_is_a_proven_no(asked: Question, other: Question) -> None:
    evidence, proven = prove(empty(), asked, other)
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE,)
    assert find_other_question(proven) == other
    assert verify_other_form(evidence, proven, TRUST) == other.tin


@pytest.mark.parametrize("altered", [{}, {"status": Status.REVOKED}], ids=["active", "revoked"])
@pytest.mark.parametrize(("asked", "other", "register"), [(AS_XI, AS_GB, BY), (AS_GB, AS_XI, EU)])
def test_a_certificate_under_the_other_leaves_the_answer_open(
    asked: Question, other: Question, register: int, altered: dict[str, Status]
) -> None:
    evidence, proven = prove(SealedWorld(world().grant(other.tin, register, **altered)), asked, other)
    with pytest.raises(OtherFormKnown) as refusal:
        verify_other_form(evidence, proven, TRUST)
    assert refusal.value.facts() == {"asked": asked.tin.text, "other": other.tin.text}


@pytest.mark.parametrize(
    "beside",
    [(), (question(BY_TRADER, CN),), (question(GB, EU),), (replace(AS_GB, known=NOW),)],
    ids=["nothing", "another trader", "another recogniser", "another time"],
)
def test_evidence_that_does_not_answer_about_the_other_leaves_the_answer_open(beside: tuple[Question, ...]) -> None:
    evidence, proven = prove(empty(), AS_XI, *beside)
    with pytest.raises(OtherFormUnasked) as refusal:
        verify_other_form(evidence, proven, TRUST)
    assert refusal.value.facts() == {"asked": XI.text, "other": GB.text}


def test_a_claim_to_have_asked_about_the_other_proves_nothing_by_itself() -> None:
    evidence, proven = prove(empty(), AS_XI)
    claimed = replace(evidence, questions=(AS_XI, AS_GB))
    with pytest.raises(MissingNode):
        verify_other_form(claimed, proven, TRUST)


def test_the_other_is_asked_with_all_circumstances_but_in_all_registers_and_types() -> None:
    """A register and a type of the one registration say nothing about the other."""
    asked = replace(AS_XI, register="EU", certificate_type="AEOS", on=NOW - 5, known=NOW)
    _, proven = prove(empty(), asked)
    assert find_other_question(proven) == replace(AS_GB, on=NOW - 5, known=NOW)


def test_the_age_of_evidence_is_judged_once_with_the_answer() -> None:
    evidence, proven = prove(empty(), AS_XI, AS_GB, now=NOW + 200)
    assert verify_other_form(evidence, proven, TRUST) == GB


def test_a_number_without_another_form_has_no_second_question() -> None:
    evidence, proven = prove(empty(), question(BY_TRADER, CN))
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE,)
    assert find_other_question(proven) is None
    assert verify_other_form(evidence, proven, TRUST) is None


def test_a_yes_has_no_second_question() -> None:
    evidence, proven = prove(SealedWorld(world().grant(XI, EU)), AS_XI)
    assert proven.decision.recognised
    assert verify_other_form(evidence, proven, TRUST) is None


def test_a_no_for_another_reason_has_no_second_question() -> None:
    """The certificate is found, and the no is about it."""
    evidence, proven = prove(SealedWorld(world().grant(XI, EU, status=Status.SUSPENDED)), AS_XI)
    assert proven.decision.reasons[0] is Reason.SUSPENDED
    assert verify_other_form(evidence, proven, TRUST) is None


def test_an_alias_has_no_second_question() -> None:
    """It is bound to one of the two by its recogniser."""
    evidence, proven = prove(empty(), ask_alias(AliasCode(kind=AliasKind.MID, code="GBABC123LON"), CN))
    assert proven.decision.reasons == (Reason.NO_TRADER_UNDER_ALIAS,)
    assert verify_other_form(evidence, proven, TRUST) is None


@pytest.mark.parametrize(("asked", "other", "register"), [(AS_XI, AS_GB, BY), (AS_GB, AS_XI, EU)])
def test_a_snapshot_decides_both_questions_itself(asked: Question, other: Question, register: int) -> None:
    without, there = (
        verify(seal_snapshot(facts), trusted=TRUST) for facts in (world(), world().grant(other.tin, register))
    )
    proven = without.decide(asked, now=NOW)
    assert find_other_question(proven) == other
    assert demand_absent(without.decide(other, now=NOW), proven) == other.tin
    with pytest.raises(OtherFormKnown) as refusal:
        demand_absent(there.decide(other, now=NOW), there.decide(asked, now=NOW))
    assert refusal.value.facts() == {"asked": asked.tin.text, "other": other.tin.text}


def test_a_question_about_an_alias_or_about_a_trader_with_one_registration_has_no_other() -> None:
    assert ask_other_form(ask_alias(AliasCode(AliasKind.DUNS, "123456789"), CN)) is None
    assert ask_other_form(question(BY_TRADER, CN)) is None
    asked = ask_other_form(AS_XI)
    assert asked is not None
    assert asked.tin == GB
