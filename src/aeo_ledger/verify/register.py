"""The answer to a question about a register: does this party recognise its certificates, whoever holds them?"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.decision import Decision, decide_register
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import RegisterQuestion
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import refuse_strange_type, resolve_question
from aeo_ledger.verify.recognition import refuse_future
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, verify_state
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenRegister:
    """A decision about a register that the evidence proves. Only `verify_register` makes one."""

    question: RegisterQuestion
    """The asker's own question."""
    decision: Decision
    """Its standing, if it is a yes, is nobody's: it stands for a certificate against which there is nothing."""
    sealed: SealedHeader
    """The block that proves it."""


def verify_register(
    evidence: Evidence,
    question: RegisterQuestion,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> ProvenRegister:
    """Prove the answer to a question about a register. The arguments are those of `verify_recognition`.

    The evidence is that of words (`aeo-ledger/state-evidence/1`), or of words and histories for a past time: which words are read
    follows from the question alone.

    Raises:
        MalformedHeader, UnknownParty, UnknownCertificateType: The input is malformed or unknown.
        NotYetProvable, HistoryNeeded: The question needs a later block, or the signed history.
        Superseded: The successor of this ledger answers about this time.
        SurplusNodes: The evidence holds nodes that are not needed.
        Unproven: In the leaves of `verify_state` and `verify_history`.
    """
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)
    refuse_future(question, state.time)
    state.refuse_superseded(question.on)
    histories = NO_HISTORY if evidence.history is None else verify_history(evidence.history, state, state.trust)
    decision = decide_about(question, state, state.trust, state.time, histories)
    state.pool.refuse_surplus()
    return ProvenRegister(question=question, decision=decision, sealed=state.sealed)


def decide_about(
    question: RegisterQuestion, words: WordView, trust: TrustBundle, block_time: int, histories: Histories
) -> Decision:
    """Decide a question about a register over the words of a block (its time in UTC seconds). Prover and verifier do this alike.

    Raises:
        UnknownParty, UnknownCertificateType, HistoryNeeded: As `verify_register` does.
    """
    decision = decide_register(SearchContext(resolve_question(question, trust, block_time), words, histories))
    refuse_strange_type(question, decision.registers, trust)
    return decision
