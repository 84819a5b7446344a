"""The prover decides once, as the verifier does; it reads each word once, and proves exactly the words that it read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Reason, Role
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.protocol import KeyNeeded, WrongLookupKey
from aeo_ledger.errors.verify import NotYetProvable, UnknownCertificateType, UnknownParty
from aeo_ledger.evidence import Question, RegisterQuestion
from aeo_ledger.ledger.port import Ledger, Proof
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.prove import Prepared, prove, prove_many, prove_register
from aeo_ledger.verify import ProvenDecision, verify_each, verify_recognition, verify_recognitions, verify_register
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    KZ,
    NOW,
    CustomsFacts,
    SealedWorld,
    lookup_keys,
    question,
    trust,
)

KZ_TRADER = Tin("KZ123456789012")
YES, NO = question(BY_TRADER, CN), question(BY_TRADER, CN, direction=Direction.EXPORT)


class Node:
    """A node that serves a simulated world, and counts its requests."""

    def __init__(self, world: CustomsFacts) -> None:
        self.world = SealedWorld(world)
        self.reads, self.proven = Counter[tuple[Contract, int]](), Counter[tuple[Contract, int]]()

    def head(self) -> int:
        return self.world.header.number

    def header(self, block: int) -> bytes:
        assert block == self.head()
        return self.world.header.encode()

    def word(self, contract: Contract, slot: int, block: int) -> int:
        assert block == self.head()
        self.reads[contract, slot] += 1
        return self.world.read(contract, slot)

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:
        assert block == self.head()
        self.proven.update((contract, slot) for slot in slots)
        return Proof(account_nodes=(), storage_nodes=self.world.nodes([(contract, slot) for slot in slots]))

    def asked(self, *questions: Question, keys: LookupKeys = NO_KEYS) -> Prepared:
        if len(questions) == 1:
            return prove(questions[0], cast("Ledger", self), trust(), keys=keys)
        return prove_many(questions, cast("Ledger", self), trust(), keys=keys)


def world() -> CustomsFacts:
    return CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY)


@pytest.mark.parametrize("asked", [YES, NO], ids=["yes", "no"])
def test_an_answer_is_what_its_evidence_proves(asked: Question) -> None:
    found = Node(world()).asked(asked)
    proven = verify_recognition(found.evidence, asked, trust(), now=NOW, max_age=300)
    assert found.answers == (proven.decision,)
    assert found.header.hash() == proven.block_hash


def test_so_are_many() -> None:
    found = Node(world()).asked(YES, NO, YES)
    proven = verify_recognitions(found.evidence, (YES, NO, YES), trust(), now=NOW, max_age=300)
    assert found.answers == tuple(one.decision for one in proven)
    assert [cast("Decision", answer).recognised for answer in found.answers] == [True, False, True]


@pytest.mark.parametrize("asked", [(YES,), (NO,), (YES, NO, YES)])
def test_each_word_is_read_once_and_proven_once(asked: tuple[Question, ...]) -> None:
    node = Node(world())
    node.asked(*asked)
    assert set(node.reads.values()) == {1}
    assert node.proven == node.reads


def test_that_no_answer_can_be_proven_is_an_answer_too_and_its_words_are_proven() -> None:
    changed = world()
    changed.records = {
        key: replace(record, sequence=2, recorded_at=NOW - DAY) for key, record in changed.records.items()
    }
    past, future = replace(YES, on=NOW - 2 * DAY), replace(YES, on=NOW + 1)
    for asked, error in ((past, HistoryNeeded), (future, NotYetProvable)):
        found = Node(changed).asked(asked)
        assert [type(answer) for answer in found.answers] == [error]
        with pytest.raises(error) as refusal:
            verify_recognition(found.evidence, asked, trust(), now=NOW, max_age=300)
        assert str(refusal.value) == str(found.answers[0])


def test_a_prover_with_the_keys_answers_about_a_keyed_register() -> None:
    keyed = CustomsFacts().keyed(KZ).recognise(CN, KZ).grant(KZ_TRADER, KZ, 2).recognise(CN, BY).grant(BY_TRADER, BY)
    asked, keys = question(KZ_TRADER, CN), lookup_keys(KZ)
    found = Node(keyed).asked(asked, keys=keys)
    proven = verify_recognition(found.evidence, asked, trust(), now=NOW, max_age=300, keys=keys)
    assert found.answers == (proven.decision,)
    assert proven.decision.recognised
    many = Node(keyed).asked(YES, asked, keys=keys)
    assert [cast("Decision", answer).recognised for answer in many.answers] == [True, True]
    assert len(verify_recognitions(many.evidence, (YES, asked), trust(), now=NOW, max_age=300, keys=keys)) == 2


def test_a_prover_without_the_right_key_refuses_or_leaves_the_question_open() -> None:
    keyed = CustomsFacts().keyed(KZ).recognise(CN, KZ).grant(KZ_TRADER, KZ, 2).recognise(CN, BY).grant(BY_TRADER, BY)
    asked = question(KZ_TRADER, CN)
    for keys, error in ((NO_KEYS, KeyNeeded), (lookup_keys(KZ, secret=bytes(32)), WrongLookupKey)):
        with pytest.raises(error):
            Node(keyed).asked(asked, keys=keys)
        found = Node(keyed).asked(YES, asked, keys=keys)
        assert [type(answer) for answer in found.answers] == [Decision, error]
        answers = verify_each(found.evidence, (YES, asked), trust(), now=NOW, max_age=300, keys=keys)
        assert [type(answer) for answer in answers] == [ProvenDecision, error]


def test_a_question_that_cannot_be_put_is_refused() -> None:
    with pytest.raises(UnknownParty):
        Node(world()).asked(replace(YES, recogniser="ZZ"))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"recogniser": "ZZ"}, UnknownParty),
        ({"register": "ZZ"}, UnknownParty),
        ({"certificate_type": "ADVANCED"}, UnknownCertificateType),
        ({"on": NOW + 1}, NotYetProvable),
    ],
    ids=["party", "register", "a type that the register has not", "a time to come"],
)
def test_among_many_it_has_a_problem_and_costs_the_others_nothing(
    changed: Mapping[str, Any], error: type[Exception]
) -> None:
    """Words that only the question with the problem needs are not in the evidence: a verifier would refuse them."""
    stranger = replace(question(KZ_TRADER, CN), **changed)
    found = Node(world()).asked(YES, stranger, NO)
    assert {place: (type(problem), problem.place) for place, problem in found.problems.items()} == {
        1: (error, "questions[1]")
    }
    assert found.evidence.questions == (YES, NO)
    proven = verify_recognitions(found.evidence, (YES, NO), trust(), now=NOW, max_age=300)
    assert found.answers == tuple(one.decision for one in proven)
    assert found.evidence == Node(world()).asked(YES, NO).evidence


def test_if_no_question_can_be_put_there_are_only_problems() -> None:
    found = Node(world()).asked(*[replace(YES, recogniser="ZZ")] * 2)
    assert (found.answers, found.evidence.questions, list(found.problems)) == ((), (), [0, 1])


REGISTER = RegisterQuestion(
    recogniser="CN", register="BY", direction=Direction.IMPORT, role=Role.EXPORTER, certificate_type="3"
)


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, ()),
        ({"direction": Direction.EXPORT}, (Reason.DIRECTION,)),
        ({"role": Role.CARRIER}, (Reason.ROLE,)),
        ({"certificate_type": None}, ()),
        ({"recogniser": "KZ"}, (Reason.NO_ARRANGEMENT,)),
        ({"register": "DE"}, (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)),
    ],
    ids=["yes", "direction", "role", "any type", "nobody's", "no register"],
)
def test_a_question_about_a_register_is_answered_by_what_its_evidence_proves(
    changed: Mapping[str, Any], reasons: tuple[Reason, ...]
) -> None:
    asked, node = replace(REGISTER, **changed), Node(world())
    found = prove_register(asked, cast("Ledger", node), trust())
    proven = verify_register(found.evidence, asked, trust(), now=NOW, max_age=300)
    assert found.answers == (proven.decision,)
    assert (proven.decision.recognised, proven.decision.reasons) == (not reasons, reasons)
    assert set(node.reads.values()) == {1}
    assert node.proven == node.reads
