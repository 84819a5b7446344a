"""Prove: decide a question from the words of a ledger's node, and collect the evidence with which a border system checks the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.history import NO_HISTORY, SoughtHistories, Subject
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Malformed, Refused, Unproven
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded
from aeo_ledger.errors.verify import AliasOfAnother, AmbiguousAlias, NotYetProvable, TraderUnnamed
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Header, Question, RegisterQuestion, decode_header
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.evidence.question import CIRCUMSTANCES
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.documents import within
from aeo_ledger.protocol.facts import NotedWords, ReadWord
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Slot
from aeo_ledger.prover.history import HistoryCollector
from aeo_ledger.prover.indexed import make_or_mend
from aeo_ledger.verify import ProvenEvent, TrustBundle, resolve_question
from aeo_ledger.verify.certificate_history import list_events, read_place
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.recognition import WITHOUT_KEY, decide_question, refuse_future
from aeo_ledger.verify.register import decide_about

Names: TypeAlias = Mapping[AliasCode, Tin]
"""The trader of each alias that the prover knows by name. The ledger shows only the hash of a TIN. Whether a name is right is proven."""

NO_NAMES: Final[Names] = {}

Problem: TypeAlias = Malformed | Refused | NotYetProvable
"""Why a question cannot be put."""

T = TypeVar("T")

_ANSWERS: Final = (AmbiguousAlias, AliasOfAnother, TraderUnnamed)
"""Errors about a trader that are answers too, because the words prove them."""

_ALL_BUT_TRADER: Final = attrgetter(*CIRCUMSTANCES)

_decode_header = lru_cache(maxsize=8)(decode_header)
"""Many answers have the same header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Evidence, and the answers that it should prove. The answers are not verified: they follow from the node's words."""

    evidence: Evidence
    header: Header
    """The evidence's header, decoded."""
    answers: tuple[Decision | Unproven, ...]
    """For each question of the evidence, in order: the decision, or why the evidence proves none."""
    problems: Mapping[int, Problem] = field(default_factory=dict)
    """Why some of many questions could not be put, by their places among those that were asked. They are not in the evidence."""


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
        HistoryNeeded: not even the history tells.
        FoundingUnknown: the history needs a founder's first authority key, which is not known here.
        Unavailable: the node does not answer.
    """
    newest = _Newest(ledger)
    answer, view, history = _settle(
        lambda this: this.answer(question), newest, trust, names, keys, with_history=with_history
    )
    if with_history and isinstance(answer, HistoryNeeded):
        raise answer
    return newest.prepare((question,), (_find_too_early(question, newest) or answer,), view, history, names)


def prove_many(
    questions: Sequence[AnyQuestion],
    ledger: Ledger,
    trust: TrustBundle,
    names: Names = NO_NAMES,
    *,
    keys: LookupKeys = NO_KEYS,
    with_history: bool = False,
) -> Prepared:
    """Prove the answers to many questions, as `prove` does for one. No question costs the answers to the others.

    A question that cannot be put has a problem, and the evidence does not contain it. A question that needs a key that is not
    at hand has this error as its answer. Each word is read once, each node is in the pool once, and each signed act once in the history,
    however many answers need them.

    Raises:
        FoundingUnknown, Unavailable: as `prove` does.
    """
    newest = _Newest(ledger)
    problems: dict[int, Problem] = {}

    def decide(this: _Round) -> dict[int, Decision | Unproven]:
        answers = {}
        for place, question in enumerate(questions):
            if place in problems:
                continue
            try:
                with within(f"questions[{place}]"):
                    refuse_future(question, newest.header.timestamp)
                    answers[place] = this.answer(question)
            except WITHOUT_KEY as error:
                answers[place] = error
            except (Malformed, Refused, NotYetProvable) as error:
                problems[place] = error
        return answers

    known = -1
    while known < len(problems):  # what was read for a question that has a problem must not be in the evidence
        known = len(problems)
        answers, view, history = _settle(decide, newest, trust, names, keys, with_history=with_history)
    asked = tuple(questions[place] for place in answers)
    return replace(newest.prepare(asked, tuple(answers.values()), view, history, names), problems=problems)


def prove_register(
    question: RegisterQuestion, ledger: Ledger, trust: TrustBundle, *, with_history: bool = False
) -> Prepared:
    """Decide a question about a register, and collect the proof of each word that was read; see `prove`, also for what it raises."""
    newest = _Newest(ledger)
    answer, view, history = _settle(
        lambda this: this.answer_about(question), newest, trust, NO_NAMES, NO_KEYS, with_history=with_history
    )
    if with_history and isinstance(answer, HistoryNeeded):
        raise answer
    return newest.prepare((), (_find_too_early(question, newest) or answer,), view, history)


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
    return prove_certificates(entries, ledger, trust)[0]


def prove_certificates(
    entries: Sequence[bytes], ledger: Ledger, trust: TrustBundle
) -> tuple[Evidence, dict[bytes, tuple[ProvenEvent, ...]]]:
    """Make the evidence of `prove_standings`, which also says what it raises; return it with the events that it proves, by entry."""
    return make_or_mend(ledger, lambda source: _prove_certificates(entries, source, trust))


def _prove_certificates(
    entries: Sequence[bytes], ledger: Ledger, trust: TrustBundle
) -> tuple[Evidence, dict[bytes, tuple[ProvenEvent, ...]]]:
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
    history = collector.history()
    events = list_events(history, verify_history(history, view, trust), entries, trust)
    return newest.prepare((), (), view, history).evidence, events


def prove_past(slots: Iterable[Slot], subjects: Iterable[Subject], ledger: Ledger, trust: TrustBundle) -> Evidence:
    """Make evidence of some words and of the whole histories of some subjects, as of the newest block.

    Raises:
        Unproven: see `verify_history`.
        FoundingUnknown: see `prove`.
        Unavailable: the node does not answer, or an act in the histories cannot be read.
    """
    asked, wanted = list(slots), list(subjects)

    def make(source: Ledger) -> Evidence:
        newest = _Newest(source)
        collector, view = HistoryCollector(source, newest.block), NotedWords(newest.read)
        for subject in wanted:
            collector.add(subject)
        for contract, slot in asked:
            view.read(contract, slot)
        return newest.prepare_past(collector.history(), view, trust)

    return make_or_mend(ledger, make)


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


class _Round:
    """The decisions of some questions over the words and histories so far, as a verifier will take them."""

    def __init__(
        self, newest: _Newest, trust: TrustBundle, names: Names, keys: LookupKeys, history: SignedHistory | None
    ) -> None:
        self.view = NotedWords(newest.read)
        self.needed: dict[Subject, None] = {}
        """Histories that were not there, and may decide what the words did not."""
        self._seeking = None if history is None else SoughtHistories(verify_history(history, self.view, trust))
        self._trust, self._names, self._time = trust, names, newest.header.timestamp
        self._key_of = keys.compared(self.view.key_check)
        self._contexts: dict[tuple[object, ...], SearchContext] = {}

    def answer(self, question: AnyQuestion) -> Decision | Unproven:
        """Decide a question."""
        return self._note_needed(lambda: self._decide(question))

    def answer_about(self, question: RegisterQuestion) -> Decision | Unproven:
        """Decide a question about a register."""
        histories = self._seeking or NO_HISTORY
        return self._note_needed(lambda: decide_about(question, self.view, self._trust, self._time, histories))

    def _note_needed(self, decide: Callable[[], Decision | Unproven]) -> Decision | Unproven:
        """Decide. That nothing was recorded by then, or that history is needed, is an answer too, which the words prove."""
        if self._seeking is not None:
            self._seeking.missed.clear()
        try:
            return decide()
        except NothingRecorded as error:
            return error
        except HistoryNeeded as error:
            if self._seeking is not None:
                self.needed |= self._seeking.missed
            return error

    def _decide(self, question: AnyQuestion) -> Decision | Unproven:
        named = self._names.get(question.alias) if isinstance(question, AliasQuestion) else None
        try:
            return decide_question(question, self._look, named, self._trust, self._key_of)[1]
        except _ANSWERS as error:
            return error

    def _look(self, question: AnyQuestion) -> SearchContext:
        """Find or make the context of all questions that differ only in the trader. An alias has no prefix of a TIN.

        Where histories are sought, each question has its own context, so that it asks for each history that it needs.
        """
        shape = question.tin.prefix if isinstance(question, Question) else "", _ALL_BUT_TRADER(question)
        context = self._contexts.get(shape)
        if context is None:
            inquiry = resolve_question(question, self._trust, self._time)
            context = SearchContext(inquiry, self.view, self._seeking or NO_HISTORY)
            if self._seeking is None:
                self._contexts[shape] = context
        return context


def _settle(
    decide: Callable[[_Round], T],
    newest: _Newest,
    trust: TrustBundle,
    names: Names,
    keys: LookupKeys,
    *,
    with_history: bool,
) -> tuple[T, NotedWords, SignedHistory | None]:
    """Decide repeatedly, and add the histories that the decisions need, until they need no more.

    Returns:
        What was decided; the words that the last round read, with each signer's key; and the history, or None if the words alone decide.
    """
    if not with_history:
        this = _Round(newest, trust, names, keys, None)
        return decide(this), this.view, None

    def settle(source: Ledger) -> tuple[T, NotedWords, SignedHistory | None]:
        collector = HistoryCollector(source, newest.block)
        while True:
            history = collector.history()
            this = _Round(newest, trust, names, keys, history)
            found = decide(this)
            if not this.needed:
                return found, this.view, None if history == SignedHistory() else history
            for subject in this.needed:
                collector.add(subject)

    return make_or_mend(newest.ledger, settle)


def _find_too_early(question: AnyQuestion | RegisterQuestion, newest: _Newest) -> Unproven | None:
    """Return an error if the question is about a time after the block, so that no answer can be proven yet."""
    try:
        refuse_future(question, newest.header.timestamp)
    except NotYetProvable as error:
        return error
    return None
