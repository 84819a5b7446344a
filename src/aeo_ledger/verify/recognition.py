"""The answer to a border system's question: proven, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from aeo_ledger.customs.decision import Decision, decide_from
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.errors.verify import NotYetProvable, OtherQuestion
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import Question
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import refuse_strange_type, resolve_question
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenWords, verify_state
from aeo_ledger.verify.trust import TrustBundle

MAX_SEARCH_CONTEXTS: Final = 1_024
"""Most kinds of questions whose parties, registers and lanes are kept judged for the next of their kind."""

_ALL_BUT_TIN: Final = attrgetter(*(field.name for field in fields(Question) if field.name != "tin"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenDecision:
    """A decision that the evidence proves; only `verify_recognition` and its kin make one."""

    question: Question
    """The asker's own."""
    decision: Decision
    registers: tuple[str, ...]
    """Codes of the registers searched."""
    issuer: str | None
    """Code of who issued the certificate that decided a yes."""
    block_number: int
    block_hash: bytes
    """On-chain hash, 32 bytes."""
    block_time: int
    """As of when it is proven, UTC seconds."""
    sealers: tuple[bytes, ...]
    """Validators that sealed the block, 20 bytes each."""
    chain_id: int
    """As pinned; of the predecessor, if it was its seam that proved."""
    sealed: SealedHeader
    """The header that proves it, for answers to come from the same block."""


def verify_recognition(
    evidence: Evidence,
    question: Question,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
) -> ProvenDecision:
    """Prove the answer to one question.

    Args:
        evidence: From anybody.
        question: The asker's own, not the one that the evidence repeats.
        trust: Pinned by the asker.
        now: UTC seconds.
        max_age: How old the evidence may be, in seconds.
        skew: How far it may lie ahead of now, in seconds.
        sealed: A header proven before (`ProvenDecision.sealed`): many answers share one, and its seals are most of the cost.

    Raises:
        MalformedHeader, UnknownParty, UnknownCertificateType: The input is not one.
        OtherQuestion: The evidence was made for another question.
        NotYetProvable, HistoryNeeded, KeyNeeded: The question needs a later block, the signed history, or a lookup key.
        Superseded: The time asked about is for the successor of this ledger to answer; earlier ones are answered.
        HistoryIncomplete and the other errors of `verify_history`: The signed history is not the one recorded.
        SurplusNodes: The evidence, made for this question alone, brings nodes that nothing needed.
        Unproven: In its other leaves, see `verify_state`: what is shown is not proven.

    Source: DESIGN section 5, whose step numbers the code walks.
    """
    if question not in evidence.questions:
        raise OtherQuestion(asked=str(question))
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew, sealed=sealed)  # 1. to 3.
    answer = answer_from(state, question, _prove_histories(evidence, state))
    if len(evidence.questions) == 1:
        state.pool.refuse_surplus()
    return answer


def verify_recognitions(
    evidence: Evidence,
    questions: Sequence[Question],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> tuple[ProvenDecision, ...]:
    """Prove the answers to many questions from one evidence, whose header and shared nodes are checked once.

    Raises as `verify_recognition` does; the questions must be those of the evidence, in its order, and one that is not
    proven refuses all.
    """
    if tuple(questions) != evidence.questions:
        raise OtherQuestion(asked=f"the {len(questions)} asked")
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)  # 1. to 3.
    histories = _prove_histories(evidence, state)
    answers = tuple(answer_from(state, question, histories) for question in questions)
    state.pool.refuse_surplus()
    return answers


def answer_from(state: ProvenWords, question: Question, histories: Histories = NO_HISTORY) -> ProvenDecision:
    """Decide one question over proven words; raises as `verify_recognition` does from its fourth step on."""
    # 4. to 6.: the decision asks for the words it needs, at slots that follow from the question; reading proves each
    decision = decide_from(_search_context(state, question, histories), entries_of(question.tin))
    refuse_strange_type(question, decision.registers, state.trust)
    standing = decision.standing
    return ProvenDecision(
        question=question,
        decision=decision,
        registers=tuple(state.code(number) for number in decision.registers),
        issuer=None if standing is None else state.code(standing.record.issuer),
        block_number=state.sealed.header.number,
        block_hash=state.sealed.hash,
        block_time=state.time,
        sealers=state.sealed.sealers,
        chain_id=state.trust.chain_id,
        sealed=state.sealed,
    )


def _search_context(state: ProvenWords, question: Question, histories: Histories) -> SearchContext:
    """Find or take the context of all questions that differ in nothing but the trader."""
    shape = question.tin.prefix, _ALL_BUT_TIN(question)
    context = state.search_contexts.get(shape)
    if context is None:
        refuse_future(question, state.time)
        state.refuse_superseded(question.on)
        context = SearchContext(resolve_question(question, state.trust, state.time), state, histories)
        if len(state.search_contexts) == MAX_SEARCH_CONTEXTS:
            state.search_contexts.clear()
        state.search_contexts[shape] = context
    return context


def refuse_future(question: Question, block_time: int) -> None:
    """Refuse a question about what the block cannot know: a time after its own (UTC seconds).

    Raises:
        NotYetProvable: It is one.
    """
    for time in (question.on, question.known):
        if time is not None and time > block_time:
            raise NotYetProvable(time=time, block_time=block_time)


def _prove_histories(evidence: Evidence, state: ProvenWords) -> Histories:
    if evidence.history is None:
        return NO_HISTORY
    return verify_history(evidence.history, state, state.trust)
