"""The answer to a border system's question: proven, or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Final

from aeo_ledger.customs.decision import Decision, decide_from
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Reason
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded
from aeo_ledger.errors.protocol import KeyNeeded, WrongLookupKey
from aeo_ledger.errors.verify import AliasOfAnother, AmbiguousAlias, NotYetProvable, OtherQuestion, TraderUnnamed
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import CIRCUMSTANCES, AnyQuestion, Circumstances, Question
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.lookup_keys import NO_KEYS, KeyOf, LookupKeys
from aeo_ledger.verify.aliases import find_trader
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import refuse_strange_type, resolve_question
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenState, ProvenWords, verify_state
from aeo_ledger.verify.trust import TrustBundle

MAX_SEARCH_CONTEXTS: Final = 1_024
"""Most search contexts that are kept. All questions that differ only in the trader share one."""

WITHOUT_KEY: Final = (KeyNeeded, WrongLookupKey)
"""Errors of a question about a keyed register for which the right lookup key is not at hand."""

LEFT_OPEN: Final = (HistoryNeeded, NothingRecorded, *WITHOUT_KEY, AmbiguousAlias, AliasOfAnother, TraderUnnamed)
"""Errors of one question among many: what is proven about the others stays proven."""

_ALL_BUT_TRADER: Final = attrgetter(*CIRCUMSTANCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenDecision:
    """A decision that the evidence proves. Only `verify_recognition` and related functions make one."""

    question: AnyQuestion
    """The asker's own question."""
    trader: Tin | None
    """The trader decided about: the question's, or the one that its alias means. None if nobody is bound to the alias."""
    decision: Decision
    registers: tuple[str, ...]
    """Codes of the registers searched."""
    issuer: str | None
    """Code of the party that issued the deciding certificate of a yes."""
    block_number: int
    block_hash: bytes
    """On-chain hash, 32 bytes."""
    block_time: int
    """Time of the block that proves it, UTC seconds."""
    sealers: tuple[bytes, ...]
    """Validators that sealed the block, 20 bytes each."""
    chain_id: int
    """Chain id as pinned; the predecessor's if its seam proved the answer."""
    sealed: SealedHeader
    """The header that proves it. Later answers from the same block can reuse it."""


def verify_recognition(
    evidence: Evidence,
    question: AnyQuestion,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
    keys: LookupKeys = NO_KEYS,
) -> ProvenDecision:
    """Prove the answer to one question. Where the trader may have another registration, `verify_other_form` completes a no.

    Args:
        evidence: From any source.
        question: The asker's own, not the copy in the evidence.
        trust: Bundle pinned by the asker.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.
        sealed: A header proven before (`ProvenDecision.sealed`). Many answers share one, and its seals are most of the cost.
        keys: The asker's lookup keys, for keyed registers.

    Raises:
        MalformedHeader, UnknownParty, UnknownCertificateType: The input is malformed or unknown.
        OtherQuestion: The evidence was made for another question.
        NotYetProvable, HistoryNeeded, KeyNeeded: The question needs a later block, the signed history, or a lookup key.
        WrongLookupKey: A lookup key is not the register's: with it every trader would seem absent.
        Superseded: The successor of this ledger answers about this time. This ledger answers about earlier times.
        AmbiguousAlias, TraderUnnamed, AliasOfAnother: See `find_trader`, for a question about an alias.
        HistoryIncomplete and the other errors of `verify_history`: The signed history is not the recorded one.
        SurplusNodes: The evidence, made for this question alone, holds nodes that are not needed.
        Unproven: In its other leaves, see `verify_state`: the evidence does not prove the answer.

    Source: DESIGN section 5. Comments in the code give its step numbers.
    """
    if question not in evidence.questions:
        raise OtherQuestion(asked=str(question))
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew, sealed=sealed)  # 1. to 3.
    named = evidence.traders.get(evidence.questions.index(question)) if evidence.traders else None
    answer = answer_from(state, question, _prove_histories(evidence, state), named, keys)
    if len(evidence.questions) == 1:
        state.pool.refuse_surplus()
    return answer


def verify_recognitions(
    evidence: Evidence,
    questions: Sequence[AnyQuestion],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    keys: LookupKeys = NO_KEYS,
) -> tuple[ProvenDecision, ...]:
    """Prove the answers to many questions from one evidence. Its header and shared nodes are checked once.

    Raises the errors of `verify_recognition`. The questions must be those of the evidence, in the same order. If one answer is not
    proven, all are refused.
    """
    state, histories = _prove_batch(evidence, questions, trust, now=now, max_age=max_age, skew=skew)
    named = evidence.traders.get
    answers = tuple(answer_from(state, question, histories, named(at), keys) for at, question in enumerate(questions))
    state.pool.refuse_surplus()
    return answers


def verify_each(
    evidence: Evidence,
    questions: Sequence[AnyQuestion],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    keys: LookupKeys = NO_KEYS,
) -> tuple[ProvenDecision | Unproven, ...]:
    """Prove the answers to many questions, where some may stay open.

    A question that stays open has one of `LEFT_OPEN` in its place: the words prove that they do not decide it. It is neither a yes
    nor a no. Raises all other errors of `verify_recognitions`. Where a lookup key is not at hand, nobody can tell whether a node is
    surplus: the prover may have had the key.
    """
    state, histories = _prove_batch(evidence, questions, trust, now=now, max_age=max_age, skew=skew)
    answers: list[ProvenDecision | Unproven] = []
    for place, question in enumerate(questions):
        try:
            answers.append(answer_from(state, question, histories, evidence.traders.get(place), keys))
        except LEFT_OPEN as error:
            answers.append(error)
    if not any(isinstance(answer, WITHOUT_KEY) for answer in answers):
        state.pool.refuse_surplus()
    return tuple(answers)


def _prove_batch(
    evidence: Evidence, questions: Sequence[AnyQuestion], trust: TrustBundle, *, now: int, max_age: int, skew: int
) -> tuple[ProvenState, Histories]:
    if tuple(questions) != evidence.questions:
        raise OtherQuestion(asked=f"the {len(questions)} asked")
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)  # 1. to 3.
    return state, _prove_histories(evidence, state)


def answer_from(
    state: ProvenWords,
    question: AnyQuestion,
    histories: Histories = NO_HISTORY,
    named: Tin | None = None,
    keys: LookupKeys = NO_KEYS,
) -> ProvenDecision:
    """Decide one question over proven words. `named` is the TIN that the question's alias is said to mean, if it has one.

    Raises the errors of `verify_recognition` from its fourth step on.
    """
    # 4. to 6.: the decision reads the words it needs, at slots that follow from the question; each read proves the word
    trader, decision = decide_question(
        question, partial(_search_context, state, histories), named, state.trust, keys.compared(state.key_check)
    )
    return _prove_answer(state, question, trader, decision)


def decide_question(
    question: AnyQuestion,
    look: Callable[[AnyQuestion], SearchContext],
    named: Tin | None,
    trust: TrustBundle,
    key_of: KeyOf,
) -> tuple[Tin | None, Decision]:
    """Decide one question. Prover and verifier both decide by this, and so read the same words in the same order.

    Args:
        question: The question.
        look: Finds or makes the context of a question. An alias is looked up first, and then the trader that it means.
        named: The TIN that the question's alias is said to mean, if it has one.
        trust: Names the parties.
        key_of: Gives the lookup keys of keyed registers.

    Returns:
        The trader decided about, None if nobody is bound to the alias; and the decision.
    """
    asked = question
    if not isinstance(asked, Question):
        context = look(asked)
        trader = find_trader(context, asked.alias, named, trust, key_of)
        if trader is None:
            return None, _decide_nobody(context)
        asked = asked.about(trader)
    decision = decide_from(look(asked), entries_of(asked.tin, key_of))
    refuse_strange_type(asked, decision.registers, trust)
    return asked.tin, decision


def _decide_nobody(context: SearchContext) -> Decision:
    """Decide a question whose alias is bound to nobody: there is no trader to recognise."""
    reasons = (Reason.NO_TRADER_UNDER_ALIAS,)
    return Decision(recognised=False, time=context.time, known=context.inquiry.known, reasons=reasons, registers=())


def _prove_answer(state: ProvenWords, question: AnyQuestion, trader: Tin | None, decision: Decision) -> ProvenDecision:
    standing = decision.standing
    return ProvenDecision(
        question=question,
        trader=trader,
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


def _search_context(state: ProvenWords, histories: Histories, question: AnyQuestion) -> SearchContext:
    """Find or make the context that all questions share if they differ only in the trader. An alias has no prefix of a TIN."""
    shape = question.tin.prefix if isinstance(question, Question) else "", _ALL_BUT_TRADER(question)
    context = state.search_contexts.get(shape)
    if context is None:
        refuse_future(question, state.time)
        state.refuse_superseded(question.on)
        context = SearchContext(resolve_question(question, state.trust, state.time), state, histories)
        if len(state.search_contexts) == MAX_SEARCH_CONTEXTS:
            state.search_contexts.clear()
        state.search_contexts[shape] = context
    return context


def refuse_future(question: Circumstances, block_time: int) -> None:
    """Refuse a question about a time after the block's own (UTC seconds), which the block cannot know.

    Raises:
        NotYetProvable: The time is after the block's.
    """
    for time in (question.on, question.known):
        if time is not None and time > block_time:
            raise NotYetProvable(time=time, block_time=block_time)


def _prove_histories(evidence: Evidence, state: ProvenWords) -> Histories:
    if evidence.history is None:
        return NO_HISTORY
    return verify_history(evidence.history, state, state.trust)
