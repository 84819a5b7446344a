"""What the answers along a route say together, and which questions many need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Reason, Role
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import OtherFormKnown, OtherFormUnasked, OtherQuestion
from aeo_ledger.evidence import Question
from aeo_ledger.office.corridor import Corridor, Standing, read_route, sum_up_passage
from aeo_ledger.office.many import MOST_QUESTIONS, complete, decide_each, list_needed, prove_each
from aeo_ledger.verify import ProvenDecision
from support.sealed_world import BY, BY_TRADER, CN, DE, EU, NOW, CustomsFacts, SealedWorld, question, trust
from support.snapshots import seal_snapshot, verify

YES = Decision(
    recognised=True, time=NOW, benefits=(Benefit.FEWER_DOCUMENT_CHECKS, Benefit.FASTER_RELEASE), registers=(BY,)
)
LESS = replace(YES, benefits=(Benefit.FASTER_RELEASE,))
NO = Decision(recognised=False, time=NOW, reasons=(Reason.NO_ARRANGEMENT,), registers=(BY,))
ABSENT = replace(NO, reasons=(Reason.NO_CERTIFICATE,))
OPEN = HistoryNeeded(time=NOW, what="party 1")
ROUTE = Corridor(tin=BY_TRADER, role=Role.EXPORTER, route=("BY", "KZ", "TR", "CN"))
XI, GB = Tin("XI123456789000"), Tin("GB123456789000")


def test_a_route_knows_who_is_at_home_who_is_asked_and_who_is_not_here() -> None:
    stages = ROUTE.stages(trust())
    assert [(stage.standing, stage.direction) for stage in stages] == [
        (Standing.HOME, Direction.EXPORT),
        (Standing.ASKED, Direction.TRANSIT),
        (Standing.STRANGER, Direction.TRANSIT),
        (Standing.ASKED, Direction.IMPORT),
    ]
    assert [stage.question for stage in stages] == [
        None,
        question(BY_TRADER, 7, direction=Direction.TRANSIT),
        None,
        question(BY_TRADER, CN),
    ]
    one_way = replace(ROUTE, direction=Direction.TRANSIT).stages(trust())
    assert {stage.direction for stage in one_way} == {Direction.TRANSIT}


@pytest.mark.parametrize(
    ("route", "answers", "unbroken", "breaks", "still_open", "reaches"),
    [
        ("BY,KZ,CN", (YES, LESS), True, (), (), ("BY", "KZ", "CN")),
        ("BY,KZ,CN", (NO, YES), False, ("KZ",), (), ("BY",)),
        ("BY,KZ,CN", (YES, NO), False, ("CN",), (), ("BY", "KZ")),
        ("BY,KZ,CN", (NO, NO), False, ("KZ", "CN"), (), ("BY",)),
        ("BY,KZ,CN", (OPEN, YES), None, (), ("KZ",), ("BY",)),
        ("BY,KZ,CN", (OPEN, NO), False, ("CN",), ("KZ",), ("BY",)),
        ("BY,TR,CN", (YES,), None, (), ("TR",), ("BY",)),
        ("TR,AZ", (), None, (), ("TR", "AZ"), ()),
    ],
)
def test_a_passage_breaks_where_a_no_is_proven_and_is_open_where_nothing_is(
    route: str,
    answers: tuple[Decision | Unproven, ...],
    unbroken: bool | None,
    breaks: tuple[str, ...],
    still_open: tuple[str, ...],
    reaches: tuple[str, ...],
) -> None:
    stages = replace(ROUTE, route=read_route(route)).stages(trust())
    asked = [stage.question for stage in stages if stage.question is not None]
    by_question = dict(zip(asked, answers, strict=True))
    passage = sum_up_passage(stages, by_question.__getitem__)
    assert (passage.unbroken, passage.breaks_at, passage.open_at) == (unbroken, breaks, still_open)
    assert passage.reaches == reaches


def test_benefits_are_those_that_all_grant() -> None:
    stages = replace(ROUTE, route=("KZ", "CN", "EU")).stages(trust())
    given = iter([YES, LESS, NO])
    assert sum_up_passage(stages, lambda _: next(given)).benefits == (Benefit.FASTER_RELEASE,)


@pytest.mark.parametrize("text", ["", "CN", "CN,CN", "CN,,KZ", "cn,KZ", "CN;KZ", ",".join(["CN"] * 60), "СN,KZ"])  # noqa: RUF001
def test_a_route_has_two_different_codes_at_least(text: str) -> None:
    with pytest.raises(MalformedText):
        read_route(text)


# ---- many ----


def test_each_question_is_needed_once_and_two_registrations_both() -> None:
    one, two = question(BY_TRADER, CN), question(XI, CN, certificate_type="3", register="EU")
    assert list_needed([one, two, one]) == (one, two, question(GB, CN))
    many = [question(Tin(f"BY{number}"), CN) for number in range(100_000_000, 100_000_001 + MOST_QUESTIONS)]
    assert len(list_needed(many[:-1])) == MOST_QUESTIONS
    for wrong in ([], many, [*many[: MOST_QUESTIONS - 1], question(XI, CN)]):
        with pytest.raises(MalformedText):
            list_needed(wrong)


@pytest.mark.parametrize(
    ("decisions", "found"),
    [
        ({XI: YES}, YES),
        ({XI: NO}, NO),
        ({XI: ABSENT, GB: ABSENT}, ABSENT),
        ({XI: ABSENT, GB: YES}, OtherFormKnown),
        ({XI: ABSENT, GB: NO}, OtherFormKnown),
        ({XI: ABSENT, GB: OPEN}, HistoryNeeded),
        ({XI: ABSENT}, OtherFormUnasked),
        ({XI: OPEN, GB: YES}, HistoryNeeded),
        ({GB: YES}, OtherQuestion),
    ],
)
def test_a_no_is_one_only_if_the_other_registration_is_absent_too(
    decisions: dict[Tin, Decision | Unproven], found: Decision | type[Unproven]
) -> None:
    answer = complete(question(XI, CN), {question(tin, CN): answer for tin, answer in decisions.items()})
    assert answer == found if isinstance(found, Decision) else type(answer) is found


def test_evidence_and_snapshot_prove_the_same_answers() -> None:
    pinned = trust(prefixes={"XI": DE, "GB": BY})
    facts = CustomsFacts().recognise(CN, BY).recognise(CN, EU).grant(BY_TRADER, BY)
    asked: list[Question] = [question(BY_TRADER, CN), question(XI, CN), question(BY_TRADER, CN, on=NOW - 2)]
    there = SealedWorld(facts)
    proven = prove_each(there.prove(*list_needed(asked), trust=pinned), asked, pinned, now=NOW, max_age=300)
    decided = decide_each(verify(seal_snapshot(facts), pinned), asked, now=NOW)
    for answers in (proven, decided):
        found = [answers[one] for one in asked]
        assert all(isinstance(answer, ProvenDecision) for answer in found)
        assert [answer.decision.recognised for answer in found if isinstance(answer, ProvenDecision)] == [
            True,
            False,
            True,
        ]


def test_evidence_that_answers_some_leaves_the_others_open_and_a_stranger_s_is_refused() -> None:
    facts = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY)
    one, two = question(BY_TRADER, CN), question(BY_TRADER, 7)
    evidence = SealedWorld(facts).prove(one)
    answers = prove_each(evidence, [one, two], trust(), now=NOW, max_age=300)
    assert isinstance(answers[one], ProvenDecision)
    assert isinstance(answers[two], OtherQuestion)
    with pytest.raises(OtherQuestion):
        prove_each(evidence, [two], trust(), now=NOW, max_age=300)
