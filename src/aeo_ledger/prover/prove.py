"""Prove: gather from a ledger's node what lets a border system check the answer to its question itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.history import HistoryTable, PairHistory, PartyHistory, StandingHistory
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.evidence import Evidence, Question, decode_header
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.documents import within
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import ReadWord, WordView, find_words
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.prover.history import HistoryCollector, Subject
from aeo_ledger.verify import TrustBundle, resolve_question
from aeo_ledger.verify.history import verify_history


def prove(question: Question, ledger: Ledger, trust: TrustBundle, *, with_history: bool = False) -> Evidence:
    """Make the evidence for one question as of the newest block.

    The decision is taken once over the node's words, unproven, to learn which of them a proof needs; the same nodes prove a yes, a no and
    that history is needed. Nothing here vouches for the answer.

    Args:
        question: The asker's.
        ledger: The node.
        trust: Names parties and types.
        with_history: Add the signed history of what the words alone do not tell; without it they prove that it is needed.

    Raises:
        UnknownParty, UnknownCertificateType: the question names what this ledger does not know.
        KeyNeeded: the register is keyed.
        FoundingUnknown: history needs to know with which key a founder began, and nobody said.
        Unavailable: the node does not answer.
    """
    block = ledger.head()
    header = ledger.header(block)
    inquiry = resolve_question(question, trust, decode_header(header).timestamp)
    history, words = None, dict[tuple[Contract, int], int]()
    if with_history:
        history, words = _find_history(inquiry, question, ledger, block, trust)
    else:
        words = find_words(inquiry, lambda contract, slot: ledger.word(contract, slot, block), entries_of(question.tin))
    return Evidence(questions=(question,), header=header, nodes=fetch_nodes(ledger, words, block), history=history)


def prove_many(questions: Sequence[Question], ledger: Ledger, trust: TrustBundle) -> tuple[Evidence, ReadWord]:
    """Make one evidence for many questions as of the newest block, without history; raises as `prove` does, and tells the question's place.

    Each word is read once, and each node stands in the pool once, however many answers need it.

    Returns:
        The evidence, and what reads a word at a slot as of its block without asking the node again.
    """
    block = ledger.head()
    header = ledger.header(block)
    time = decode_header(header).timestamp
    read = cache(lambda contract, slot: ledger.word(contract, slot, block))
    words: dict[tuple[Contract, int], int] = {}
    for place, question in enumerate(questions):
        with within(f"questions[{place}]"):
            words |= find_words(resolve_question(question, trust, time), read, entries_of(question.tin))
    return Evidence(questions=tuple(questions), header=header, nodes=fetch_nodes(ledger, words, block)), read


def fetch_nodes(ledger: Ledger, words: Iterable[tuple[Contract, int]], block: int) -> tuple[bytes, ...]:
    """Fetch the nodes that prove both accounts and some words, each once."""
    nodes: dict[bytes, None] = {}
    asked = list(words)
    for contract in WITH_ANSWERS:
        proof = ledger.prove(contract, [slot for place, slot in asked if place is contract], block)
        nodes |= dict.fromkeys((*proof.account_nodes, *proof.storage_nodes))
    return tuple(nodes)


class _Seeking:
    """Histories that note which were asked for in vain."""

    def __init__(self, found: HistoryTable) -> None:
        self._found = found
        self.missed: dict[Subject, None] = {}

    def standing(self, entry: bytes) -> StandingHistory | None:
        return self._found.standing(entry) or self.missed.setdefault(entry)

    def party(self, number: int) -> PartyHistory | None:
        return self._found.party(number) or self.missed.setdefault(number)

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        return self._found.pair(recogniser, register) or self.missed.setdefault((recogniser, register))


def _find_history(
    inquiry: Inquiry, question: Question, ledger: Ledger, block: int, trust: TrustBundle
) -> tuple[SignedHistory | None, dict[tuple[Contract, int], int]]:
    """Take the decision again and again, adding the histories that it asks for, until it needs no more.

    Returns:
        The history, or None if the words alone tell; and every word that the last round read, that of each signer's
        key included: a verifier will read the same ones.
    """
    read: dict[tuple[Contract, int], int] = {}
    collector = HistoryCollector(ledger, block)
    while True:
        history, needed = collector.history(), dict[tuple[Contract, int], int]()

        def note(contract: Contract, slot: int) -> int:
            if (contract, slot) not in read:
                read[contract, slot] = ledger.word(contract, slot, block)
            needed[contract, slot] = read[contract, slot]  # noqa: B023 (used up before the next round)
            return read[contract, slot]

        view = WordView(note)
        view.successor()
        seeking = _Seeking(verify_history(history, view, trust))
        try:
            decide(inquiry, view, entries_of(question.tin), seeking)
        except HistoryNeeded:
            if not seeking.missed:
                raise
            for subject in seeking.missed:
                collector.add(subject)
        else:
            return (history if history != SignedHistory() else None), needed


def prove_standings(entries: Sequence[bytes], ledger: Ledger, trust: TrustBundle) -> Evidence:
    """Make the evidence of the whole history of some standings, by their entries of 32 bytes, as of the newest block.

    The histories of their issuers come along, so that thresholds are checked too.

    Raises:
        Unproven: see `verify_history`.
        FoundingUnknown: see `prove`.
        Unavailable: the node does not answer, or an act in it cannot be read.
    """
    block = ledger.head()
    collector, needed = HistoryCollector(ledger, block), dict[tuple[Contract, int], int]()

    def note(contract: Contract, slot: int) -> int:
        needed[contract, slot] = word = ledger.word(contract, slot, block)
        return word

    for entry in dict.fromkeys(entries):
        collector.add_standing(entry)
    published = collector.history().publications
    for number in {party: None for act in published for party in (act.issuer, act.former) if party}:
        collector.add_party(number)
    view = WordView(note)
    view.successor()
    verify_history(collector.history(), view, trust)
    nodes = fetch_nodes(ledger, needed, block)
    return Evidence(questions=(), header=ledger.header(block), nodes=nodes, history=collector.history())
