"""Prove: decide a question from the words of a ledger's node, and collect the evidence with which a border system checks the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from aeo_ledger.customs.decision import Decision, decide
from aeo_ledger.customs.history import NO_HISTORY, Histories, HistoryTable, PairHistory, PartyHistory, StandingHistory
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded
from aeo_ledger.errors.verify import NotYetProvable
from aeo_ledger.evidence import Evidence, Header, Question, decode_header
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.documents import within
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import NotedWords, ReadWord, WordView
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.prover.history import HistoryCollector, Subject
from aeo_ledger.verify import TrustBundle, resolve_question
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import refuse_strange_type
from aeo_ledger.verify.recognition import refuse_future

_decode_header = lru_cache(maxsize=8)(decode_header)
"""Many answers have the same header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Evidence, and the answers that it should prove. The answers are not verified: they follow from the node's words."""

    evidence: Evidence
    header: Header
    """The evidence's header, decoded."""
    answers: tuple[Decision | Unproven, ...]
    """For each question, in order: the decision, or why the evidence proves none."""


def prove(question: Question, ledger: Ledger, trust: TrustBundle, *, with_history: bool = False) -> Prepared:
    """Decide one question from the node's words as of the newest block, and collect the proof of each word that was read.

    The evidence proves a yes, a no, or that history is needed.

    Args:
        question: The asker's question.
        ledger: The node.
        trust: Names parties and types.
        with_history: Add the signed history if the words alone do not decide. Without it, the evidence proves that history is needed.

    Raises:
        UnknownParty, UnknownCertificateType: the question names a party or type that this ledger does not know.
        KeyNeeded: the register is keyed.
        FoundingUnknown: the history needs a founder's first authority key, which is not known here.
        Unavailable: the node does not answer.
    """
    newest = _Newest(ledger)
    if with_history:
        answer, view, history = _decide_with_history(question, newest, trust)
    else:
        view, history = NotedWords(newest.read), None
        answer = _decide(question, newest, view, trust)
    return newest.prepare((question,), (answer,), view, history)


def prove_many(questions: Sequence[Question], ledger: Ledger, trust: TrustBundle) -> Prepared:
    """Prove the answers to many questions, as `prove` does for one, without history; an error names the question's index.

    Each word is read once, and each node is in the pool once, however many answers need it.
    """
    newest = _Newest(ledger)
    view = NotedWords(newest.read)
    answers = []
    for place, question in enumerate(questions):
        with within(f"questions[{place}]"):
            answers.append(_decide(question, newest, view, trust))
    return newest.prepare(tuple(questions), tuple(answers), view)


def fetch_nodes(ledger: Ledger, words: Iterable[tuple[Contract, int]], block: int) -> tuple[bytes, ...]:
    """Fetch the nodes that prove both accounts and some words, each once."""
    nodes: dict[bytes, None] = {}
    asked = list(words)
    for contract in WITH_ANSWERS:
        proof = ledger.prove(contract, [slot for place, slot in asked if place is contract], block)
        nodes |= dict.fromkeys((*proof.account_nodes, *proof.storage_nodes))
    return tuple(nodes)


def prove_standings(entries: Sequence[bytes], ledger: Ledger, trust: TrustBundle) -> Evidence:
    """Make evidence of the whole history of some standings, by their entries of 32 bytes, as of the newest block.

    It contains the histories of their issuers, so that the verifier can check thresholds.

    Raises:
        Unproven: see `verify_history`.
        FoundingUnknown: see `prove`.
        Unavailable: the node does not answer, or an act in the history cannot be read.
    """
    newest = _Newest(ledger)
    collector = HistoryCollector(ledger, newest.block)
    for entry in dict.fromkeys(entries):
        collector.add_standing(entry)
    published = collector.history().publications
    for number in {party: None for act in published for party in (act.issuer, act.former) if party}:
        collector.add_party(number)
    view = NotedWords(newest.read)
    verify_history(collector.history(), view, trust)
    return newest.prepare((), (), view, collector.history()).evidence


class _Newest:
    """A ledger's newest block, for making one evidence; each of its words is read once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.block = ledger, (block := ledger.head())
        self._encoded = ledger.header(block)
        self.header = _decode_header(self._encoded)
        self.read: ReadWord = cache(lambda contract, slot: ledger.word(contract, slot, block))

    def prepare(
        self,
        questions: tuple[Question, ...],
        answers: tuple[Decision | Unproven, ...],
        view: NotedWords,
        history: SignedHistory | None = None,
    ) -> Prepared:
        """Fetch the nodes that prove the words that were read, and assemble the evidence."""
        nodes = fetch_nodes(self.ledger, view.words, self.block)
        evidence = Evidence(questions=questions, header=self._encoded, nodes=nodes, history=history)
        return Prepared(evidence=evidence, header=self.header, answers=answers)


def _decide(question: Question, newest: _Newest, view: WordView, trust: TrustBundle) -> Decision | Unproven:
    """Decide from the words alone. That history or a later block is needed is an answer too, which the words prove."""
    answer: Decision | Unproven
    try:
        inquiry = resolve_question(question, trust, newest.header.timestamp)
        answer = _decide_once(question, inquiry, view, trust, NO_HISTORY)
    except HistoryNeeded as error:
        answer = error
    return _find_too_early(question, newest) or answer


def _decide_with_history(
    question: Question, newest: _Newest, trust: TrustBundle
) -> tuple[Decision | Unproven, NotedWords, SignedHistory | None]:
    """Decide repeatedly, and add the histories that the decision needs, until it needs no more.

    Returns:
        The answer; the words that the last round read, with each signer's key; and the history, or None if the words alone decide.
    """
    inquiry = resolve_question(question, trust, newest.header.timestamp)
    collector = HistoryCollector(newest.ledger, newest.block)
    while True:
        history, view = collector.history(), NotedWords(newest.read)
        seeking = _Seeking(verify_history(history, view, trust))
        try:
            decision = _decide_once(question, inquiry, view, trust, seeking)
        except HistoryNeeded:
            if not seeking.missed:
                raise
            for subject in seeking.missed:
                collector.add(subject)
        else:
            told = None if history == SignedHistory() else history
            return _find_too_early(question, newest) or decision, view, told


def _decide_once(
    question: Question, inquiry: Inquiry, view: WordView, trust: TrustBundle, histories: Histories
) -> Decision | Unproven:
    """Decide from the words and histories so far. That the ledger recorded nothing for a time is an answer too, which the words prove."""
    try:
        decision = decide(inquiry, view, entries_of(question.tin), histories)
    except NothingRecorded as error:
        return error
    refuse_strange_type(question, decision.registers, trust)
    return decision


def _find_too_early(question: Question, newest: _Newest) -> Unproven | None:
    """Return an error if the question is about a time after the block, so that no answer can be proven yet."""
    try:
        refuse_future(question, newest.header.timestamp)
    except NotYetProvable as error:
        return error
    return None


class _Seeking:
    """The collected histories; it records which others were asked for."""

    def __init__(self, found: HistoryTable) -> None:
        self._found = found
        self.missed: dict[Subject, None] = {}

    def standing(self, entry: bytes) -> StandingHistory | None:
        return self._found.standing(entry) or self.missed.setdefault(entry)

    def party(self, number: int) -> PartyHistory | None:
        return self._found.party(number) or self.missed.setdefault(number)

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        return self._found.pair(recogniser, register) or self.missed.setdefault((recogniser, register))
