"""Many questions, one header, one pool of nodes: each answer is the same alone or together, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Reason, Status
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.verify import MissingNode, OtherQuestion, SurplusNodes
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Question
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import recognition, seals, trie, verify_each, verify_recognition, verify_recognitions
from support.sealed_world import BY, CN, DAY, EU, NOW, PL, CustomsFacts, SealedWorld, entry_of, question, trust

TINS = [Tin(f"BY{n}") for n in range(200_000_000, 200_000_300)]
TRUST = trust()
pytestmark = pytest.mark.usefixtures("each_node_reader")


@cache
def sealed() -> SealedWorld:
    world = CustomsFacts().recognise(CN, BY).recognise(EU, BY)
    for at, tin in enumerate(TINS[:250]):
        world.grant(tin, BY, at % 3, status=Status.REVOKED if at % 7 == 0 else Status.ACTIVE)
    return SealedWorld(world)


@cache
def asked() -> tuple[Question, ...]:
    return tuple(
        question(tin, CN if at % 2 else PL, direction=Direction.EXPORT if at % 11 == 0 else Direction.IMPORT)
        for at, tin in enumerate(TINS[200:])
    )


@cache
def batch() -> Evidence:
    return sealed().prove(*asked())


def together(evidence: Evidence, questions: tuple[Question, ...]) -> Any:
    return verify_recognitions(evidence, questions, TRUST, now=NOW, max_age=300)


def alone(evidence: Evidence, one: Question) -> Any:
    return verify_recognition(evidence, one, TRUST, now=NOW, max_age=300)


def test_each_answer_is_the_same_together_alone_and_from_evidence_of_its_own() -> None:
    answers = together(batch(), asked())
    assert len({answer.decision.reasons for answer in answers}) > 3
    for one, answer in zip(asked(), answers, strict=True):
        assert alone(batch(), one) == answer
        assert alone(sealed().prove(one), one) == answer


def test_the_order_of_the_questions_changes_nothing_but_the_order_of_the_answers() -> None:
    order = list(range(len(asked())))
    Random(5).shuffle(order)  # noqa: S311
    shuffled = tuple(asked()[at] for at in order)
    answers = together(batch(), asked())
    assert together(replace(batch(), questions=shuffled), shuffled) == tuple(answers[at] for at in order)


def test_one_question_asked_twice_is_answered_twice() -> None:
    one = asked()[3]
    first, second = together(sealed().prove(one, one), (one, one))
    assert first == second


def test_nodes_are_shared_hashed_once_and_seals_recovered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: Counter[bytes] = Counter()
    recovered: Counter[bytes] = Counter()

    def counted(data: bytes) -> bytes:
        hashed[data] += 1
        return keccak256(data)

    def counted_recovery(digest: bytes, r: int, s: int, recovery_id: int) -> bytes:
        recovered[r.to_bytes(32, "big")] += 1
        return recover_address(digest, r, s, recovery_id)

    monkeypatch.setattr(trie, "keccak256", counted)
    monkeypatch.setattr(seals, "recover_address", counted_recovery)
    together(batch(), asked())
    assert hashed == Counter(dict.fromkeys(batch().nodes, 1))
    assert set(recovered.values()) == {1}
    assert len(recovered) == 3


def test_a_batch_takes_a_fraction_of_the_bytes_of_its_answers_alone() -> None:
    evidence = batch()
    apart = sum(len(EVIDENCE_FORM.encode_cbor(sealed().prove(one))) for one in asked())
    assert len(EVIDENCE_FORM.encode_cbor(evidence)) * 5 < apart
    assert len(set(evidence.nodes)) == len(evidence.nodes)
    assert together(EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence)), asked()) == together(
        evidence, asked()
    )


def test_one_answer_that_is_not_proven_refuses_all_and_spoils_no_other_alone() -> None:
    last = sealed().prove(asked()[-1]).nodes[-1]
    assert sum(last in sealed().prove(one).nodes for one in asked()) == 1
    poorer = replace(batch(), nodes=tuple(node for node in batch().nodes if node != last))
    with pytest.raises(MissingNode):
        together(poorer, asked())
    with pytest.raises(MissingNode):
        alone(poorer, asked()[-1])
    assert alone(poorer, asked()[0]) == alone(batch(), asked()[0])


def test_a_batch_answers_its_own_questions_only() -> None:
    for others in ((), asked()[1:], (*asked(), asked()[0]), (asked()[1], asked()[0], *asked()[2:])):
        with pytest.raises(OtherQuestion):
            together(batch(), others)
    with pytest.raises(OtherQuestion):
        alone(batch(), question(TINS[0], CN))
    with pytest.raises(SurplusNodes):
        together(replace(batch(), nodes=(*batch().nodes, b"cargo")), asked())
    with pytest.raises(SurplusNodes):  # an answer dropped, its nodes kept
        together(replace(batch(), questions=asked()[:-1]), asked()[:-1])


def test_more_search_contexts_than_are_kept_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = together(batch(), asked())
    monkeypatch.setattr(recognition, "MAX_SEARCH_CONTEXTS", 1)
    assert together(batch(), asked()) == expected


# ------------------------------------------------------------------ some may stay open


def each(evidence: Evidence, questions: tuple[Question, ...]) -> Any:
    return verify_each(evidence, questions, TRUST, now=NOW, max_age=300)


def test_where_nothing_stays_open_each_answer_is_that_of_the_batch() -> None:
    assert each(batch(), asked()) == together(batch(), asked())


def test_a_question_that_stays_open_has_its_error_in_its_place_and_the_others_their_answers() -> None:
    """A certificate suspended since: today is decided, and yesterday only its history tells."""
    world = CustomsFacts().recognise(CN, BY).grant(TINS[0], BY).grant(TINS[1], BY)
    world.grant(TINS[1], BY, status=Status.SUSPENDED, since=NOW - 5, recorded_at=NOW - 5, sequence=2)
    today, yesterday = question(TINS[1], CN), question(TINS[1], CN, on=NOW - DAY)
    questions = (question(TINS[0], CN), yesterday, today)
    evidence = SealedWorld(world).prove(*questions)
    yes, is_open, no = each(evidence, questions)
    assert (yes, no) == (alone(evidence, questions[0]), alone(evidence, today))
    assert (yes.decision.recognised, no.decision.reasons) == (True, (Reason.SUSPENDED,))
    assert isinstance(is_open, HistoryNeeded)
    assert is_open.facts() == {"time": NOW - DAY, "what": f"standing 0x{entry_of(TINS[1], BY).hex()}"}
    with pytest.raises(HistoryNeeded):
        together(evidence, questions)


def test_what_is_wrong_with_the_evidence_of_a_batch_leaves_nothing_open() -> None:
    with pytest.raises(OtherQuestion):
        each(batch(), asked()[1:])
    with pytest.raises(MissingNode):
        each(replace(batch(), nodes=batch().nodes[:-1]), asked())
    with pytest.raises(SurplusNodes):
        each(replace(batch(), nodes=(*batch().nodes, b"cargo")), asked())
