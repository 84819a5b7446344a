"""Many questions at once: which must be asked, and what one evidence proves about each. No question costs the answers to the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from aeo_ledger.customs.decision import Decision
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import OtherFormKnown, OtherFormUnasked, OtherQuestion
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import ProvenDecision, ProvenSnapshot, TrustBundle, verify_each
from aeo_ledger.verify.other_form import ask_other_form, is_absent
from aeo_ledger.verify.recognition import LEFT_OPEN

MOST_QUESTIONS: Final = 1_000
"""Most questions that a gateway answers at once."""

Answer: TypeAlias = ProvenDecision | Unproven
"""What is proven about one question; an error is neither a yes nor a no."""


def list_needed(questions: Iterable[AnyQuestion]) -> tuple[AnyQuestion, ...]:
    """List what must be asked to answer questions: each once, and about a trader that may have two registrations, both.

    Raises:
        MalformedText: There is no question, or there are more than a gateway answers.
    """
    needed: dict[AnyQuestion, None] = {}
    for question in questions:
        other = ask_other_form(question)
        needed |= dict.fromkeys([question] if other is None else [question, other])
    if not 1 <= len(needed) <= MOST_QUESTIONS:
        raise MalformedText("questions", f"{len(needed):,}", f"1 to {MOST_QUESTIONS:,} at once: ask in parts")
    return tuple(needed)


def prove_each(
    evidence: Evidence,
    questions: Iterable[AnyQuestion],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int,
    keys: LookupKeys = NO_KEYS,
) -> dict[AnyQuestion, Answer]:
    """Prove the answer to each question from one evidence, which may answer only some of them.

    Args:
        evidence: From any source.
        questions: The asker's own.
        trust: Bundle pinned by the asker.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        keys: The asker's lookup keys, for keyed registers.

    Raises:
        OtherQuestion: The evidence answers a question that nobody asked.
        Unproven: In the leaves of `verify_each`: the evidence proves nothing at all.
    """
    asked = tuple(questions)
    needed = set(list_needed(asked))
    stranger = next((question for question in evidence.questions if question not in needed), None)
    if stranger is not None:
        raise OtherQuestion(asked=f"the {len(needed)} asked")
    proven = verify_each(evidence, evidence.questions, trust, now=now, max_age=max_age, keys=keys)
    return _complete_all(asked, dict(zip(evidence.questions, proven, strict=True)))


def decide_each(
    snapshot: ProvenSnapshot, questions: Iterable[AnyQuestion], *, now: int, keys: LookupKeys = NO_KEYS
) -> dict[AnyQuestion, Answer]:
    """Decide each question over a proven snapshot, as `prove_each` does from evidence."""
    asked, answers = tuple(questions), dict[AnyQuestion, Answer]()
    for question in list_needed(asked):
        try:
            answers[question] = snapshot.decide(question, now=now, keys=keys)
        except LEFT_OPEN as error:
            answers[question] = error
    return _complete_all(asked, answers)


def _complete_all(asked: Iterable[AnyQuestion], answers: Mapping[AnyQuestion, Answer]) -> dict[AnyQuestion, Answer]:
    decisions = {
        question: found if isinstance(found, Unproven) else found.decision for question, found in answers.items()
    }
    completed = {question: complete(question, decisions) for question in asked}
    return {
        question: found if isinstance(found, Unproven) else answers[question] for question, found in completed.items()
    }


def complete(question: AnyQuestion, decisions: Mapping[AnyQuestion, Decision | Unproven]) -> Decision | Unproven:
    """Find the decision of a question among others. A no is one only if the trader has no certificate as its other registration either."""
    found = decisions.get(question)
    if found is None:
        return OtherQuestion(asked=str(question))
    other = ask_other_form(question)
    if other is None or isinstance(found, Unproven) or not is_absent(found):
        return found
    twin = decisions.get(other)
    if twin is None:
        return OtherFormUnasked(asked=question.whom, other=other.whom)
    if not isinstance(twin, Unproven) and not is_absent(twin):
        return OtherFormKnown(asked=question.whom, other=other.whom)
    return twin if isinstance(twin, Unproven) else found
