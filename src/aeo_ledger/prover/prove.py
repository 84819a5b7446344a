"""Prove: decide a question from the words of a ledger's node, and collect the evidence with which a border system checks the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeAlias

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.history import NO_HISTORY, Histories, SoughtHistories, Subject
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded
from aeo_ledger.errors.verify import AliasOfAnother, AmbiguousAlias, NotYetProvable, TraderUnnamed
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Header, decode_header
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.documents import within
from aeo_ledger.protocol.facts import NotedWords, ReadWord, WordView
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Slot
from aeo_ledger.prover.history import HistoryCollector
from aeo_ledger.verify import TrustBundle, resolve_question
from aeo_ledger.verify.certificate_history import read_place
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.recognition import WITHOUT_KEY, decide_question, refuse_future

Names: TypeAlias = Mapping[AliasCode, Tin]
"""The trader of each alias that the prover knows by name. The ledger shows only the hash of a TIN. Whether a name is right is proven."""

NO_NAMES: Final[Names] = {}

_ANSWERS: Final = (NothingRecorded, AmbiguousAlias, AliasOfAnother, TraderUnnamed)
"""Errors that are answers too, because the words prove them. `HistoryNeeded` is another, unless histories can be added."""

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


def prove(
    question: AnyQuestion,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    with_history: bool = False,
    names: Names = NO_NAMES,
    keys: LookupKeys = NO_KEYS,
) -> Prepared:
    """Decide one question from the node's words as of the newest block, and collect the proof of each word that was read.

    The evidence proves a yes, a no, or that history is needed.

    Args:
        question: The asker's question.
        ledger: The node.
        trust: Names parties and types.
        with_history: Add the signed history if the words alone do not decide. Without it, the evidence proves that history is needed.
        names: Says which trader an alias means.
        keys: The lookup keys at hand, for keyed registers.

    Raises:
        UnknownParty, UnknownCertificateType: the question names a party or type that this ledger does not know.
        KeyNeeded, WrongLookupKey: the register is keyed, and its key is not at hand, or another one.
        FoundingUnknown: the history needs a founder's first authority key, which is not known here.
        Unavailable: the node does not answer.
    """
    newest = _Newest(ledger)
    if with_history:
        answer, view, history = _decide_with_history(question, newest, trust, names, keys)
    else:
        view, history = NotedWords(newest.read), None
        answer = _decide(question, newest, view, trust, names, keys)
    return newest.prepare((question,), (answer,), view, history, names)


def prove_many(
    questions: Sequence[AnyQuestion],
    ledger: Ledger,
    trust: TrustBundle,
    names: Names = NO_NAMES,
    *,
    keys: LookupKeys = NO_KEYS,
    keyless: bool = False,
) -> Prepared:
    """Prove the answers to many questions, as `prove` does for one, without history; an error names the question's index.

    With `keyless`, a question that needs a key that is not at hand has this error as its answer. Otherwise it is raised.
    Each word is read once, and each node is in the pool once, however many answers need it.
    """
    newest = _Newest(ledger)
    view = NotedWords(newest.read)
    answers = []
    for place, question in enumerate(questions):
        with within(f"questions[{place}]"):
            answers.append(_decide_keyless(question, newest, view, trust, names, keys, keyless=keyless))
    return newest.prepare(tuple(questions), tuple(answers), view, names=names)


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
    for entry in entries:
        read_place(entry, view)
    return newest.prepare_past(collector.history(), view, trust)


def prove_past(slots: Iterable[Slot], subjects: Iterable[Subject], ledger: Ledger, trust: TrustBundle) -> Evidence:
    """Make evidence of some words and of the whole histories of some subjects, as of the newest block.

    Raises:
        Unproven: see `verify_history`.
        FoundingUnknown: see `prove`.
        Unavailable: the node does not answer, or an act in the histories cannot be read.
    """
    newest = _Newest(ledger)
    collector, view = HistoryCollector(ledger, newest.block), NotedWords(newest.read)
    for subject in subjects:
        collector.add(subject)
    for contract, slot in slots:
        view.read(contract, slot)
    return newest.prepare_past(collector.history(), view, trust)


class _Newest:
    """A ledger's newest block, for making one evidence; each of its words is read once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.block = ledger, (block := ledger.head())
        self._encoded = ledger.header(block)
        self.header = _decode_header(self._encoded)
        self.read: ReadWord = cache(lambda contract, slot: ledger.word(contract, slot, block))

    def prepare(
        self,
        questions: tuple[AnyQuestion, ...],
        answers: tuple[Decision | Unproven, ...],
        view: NotedWords,
        history: SignedHistory | None = None,
        names: Names = NO_NAMES,
    ) -> Prepared:
        """Fetch the nodes that prove the words that were read, and assemble the evidence."""
        nodes = fetch_nodes(self.ledger, view.words, self.block)
        traders = {
            place: names[question.alias]
            for place, question in enumerate(questions)
            if isinstance(question, AliasQuestion) and question.alias in names
        }
        evidence = Evidence(questions=questions, header=self._encoded, nodes=nodes, history=history, traders=traders)
        return Prepared(evidence=evidence, header=self.header, answers=answers)

    def prepare_past(self, history: SignedHistory, view: NotedWords, trust: TrustBundle) -> Evidence:
        """Assemble the evidence of histories, and of the words that were read."""
        verify_history(history, view, trust)
        return self.prepare((), (), view, history).evidence


def _decide(
    question: AnyQuestion, newest: _Newest, view: WordView, trust: TrustBundle, names: Names, keys: LookupKeys
) -> Decision | Unproven:
    """Decide from the words alone. That history or a later block is needed is an answer too, which the words prove."""
    answer: Decision | Unproven
    try:
        answer = _decide_once(question, newest, view, trust, NO_HISTORY, names, keys)
    except HistoryNeeded as error:
        answer = error
    return _find_too_early(question, newest) or answer


def _decide_keyless(
    question: AnyQuestion,
    newest: _Newest,
    view: WordView,
    trust: TrustBundle,
    names: Names,
    keys: LookupKeys,
    *,
    keyless: bool,
) -> Decision | Unproven:
    try:
        return _decide(question, newest, view, trust, names, keys)
    except WITHOUT_KEY as error:
        if not keyless:
            raise
        return error


def _decide_with_history(
    question: AnyQuestion, newest: _Newest, trust: TrustBundle, names: Names, keys: LookupKeys
) -> tuple[Decision | Unproven, NotedWords, SignedHistory | None]:
    """Decide repeatedly, and add the histories that the decision needs, until it needs no more.

    Returns:
        The answer; the words that the last round read, with each signer's key; and the history, or None if the words alone decide.
    """
    collector = HistoryCollector(newest.ledger, newest.block)
    while True:
        history, view = collector.history(), NotedWords(newest.read)
        seeking = SoughtHistories(verify_history(history, view, trust))
        try:
            decision = _decide_once(question, newest, view, trust, seeking, names, keys)
        except HistoryNeeded:
            if not seeking.missed:
                raise
            for subject in seeking.missed:
                collector.add(subject)
        else:
            told = None if history == SignedHistory() else history
            return _find_too_early(question, newest) or decision, view, told


def _decide_once(
    question: AnyQuestion,
    newest: _Newest,
    view: WordView,
    trust: TrustBundle,
    histories: Histories,
    names: Names,
    keys: LookupKeys,
) -> Decision | Unproven:
    """Decide from the words and histories so far, as a verifier will."""

    def look(asked: AnyQuestion) -> SearchContext:
        return SearchContext(resolve_question(asked, trust, newest.header.timestamp), view, histories)

    named = names.get(question.alias) if isinstance(question, AliasQuestion) else None
    try:
        return decide_question(question, look, named, trust, keys.compared(view.key_check))[1]
    except _ANSWERS as error:
        return error


def _find_too_early(question: AnyQuestion, newest: _Newest) -> Unproven | None:
    """Return an error if the question is about a time after the block, so that no answer can be proven yet."""
    try:
        refuse_future(question, newest.header.timestamp)
    except NotYetProvable as error:
        return error
    return None
