"""Ask about a trader without naming it: the asker decides, and a gateway is asked only for the words that the decision reads.

A gateway that is asked a question learns the TIN, and may not have the lookup key of a keyed register. Here it learns slots of storage,
which are hashes. The slot of a standing follows from the trader's pseudonym: in a keyed register it says nothing to whoever lacks the key.
In an open register it follows from the TIN, and whoever tries all numbers of a country finds it. So such a slot is asked for only after it
was proven that the register is open. A gateway cannot make an asker believe so.

It goes in rounds, because a word tells which others are needed. A word that is not known yet counts as absent, so that one round asks
for all that do not depend on each other: four or five rounds for most questions. What counts in the end is one evidence of one block, with
all the words and no others. It is checked like any other evidence: nothing that was concluded on the way is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from aeo_ledger.customs.history import NO_HISTORY, SoughtHistories, Subject
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.office import TooManyWords
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.office.desk import MOST_SLOTS, MOST_SUBJECTS, Witness
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.lookup_keys import LookupKey, LookupKeys
from aeo_ledger.protocol.tables import Contract, Slot, Table, slot_of
from aeo_ledger.verify import ProvenState, TrustBundle, resolve_question, verify_history, verify_state
from aeo_ledger.verify.recognition import decide_question
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S

NOBODY: Final[Mapping[int, Tin]] = MappingProxyType({})


def gather_evidence(
    questions: Sequence[AnyQuestion],
    witness: Witness,
    trust: TrustBundle,
    *,
    keys: LookupKeys,
    clock: Callable[[], int],
    max_age: int = DEFAULT_MAX_AGE_S,
    named: Mapping[int, Tin] = NOBODY,
    with_history: bool = False,
) -> Evidence:
    """Gather the evidence for some questions, without telling anybody about whom they are.

    Args:
        questions: The asker's own.
        witness: Whom to ask.
        trust: Bundle pinned by the asker.
        keys: The asker's lookup keys, for keyed registers.
        clock: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        named: For questions about an alias, by place: the TIN that it means, if the asker knows it.
        with_history: Add the signed history if the words alone do not decide.

    Returns:
        Evidence for the questions, still to be verified. If a key is missing or wrong, the verifier says so.

    Raises:
        UnknownParty, UnknownCertificateType: A question names something that is not pinned.
        TooManyWords: The questions need more words than can be asked for at once.
        Unproven: In the leaves of `verify_state` and `verify_history`: what came proves nothing.
        Unavailable: There is no answer.
    """
    slots = dict.fromkeys(_first_slots(questions, trust, clock()))
    subjects: dict[Subject, None] = {}
    while True:
        for what, found, limit in (("words", slots, MOST_SLOTS), ("histories", subjects, MOST_SUBJECTS)):
            if len(found) > limit:
                raise TooManyWords(found=len(found), what=what, limit=limit)
        asked = tuple(slots)
        evidence = witness.prove_past(asked, tuple(subjects)) if subjects else witness.prove_words(asked)
        state = verify_state(evidence, trust, now=clock(), max_age=max_age)
        missing, histories = _read(questions, named, state, frozenset(slots), evidence.history, keys)
        more = histories.keys() - subjects.keys() if with_history and not missing else set[Subject]()
        if not missing and not more:
            return _finish(evidence, state, questions, named)
        slots |= missing
        subjects |= {subject: None for subject in histories if subject in more}


def _read(
    questions: Iterable[AnyQuestion],
    named: Mapping[int, Tin],
    state: ProvenState,
    asked: frozenset[Slot],
    history: SignedHistory | None,
    keys: LookupKeys,
) -> tuple[dict[Slot, None], dict[Subject, None]]:
    """Decide every question as far as the words go.

    Returns:
        The words that were missing, and the subjects whose history would decide what the words do not.
    """
    missing: dict[Slot, None] = {}
    needed: dict[Subject, None] = {}
    table = NO_HISTORY if history is None else verify_history(history, state, state.trust)

    def read(contract: Contract, slot: int) -> int:
        if (contract, slot) in asked:
            return state.read(contract, slot)
        missing[contract, slot] = None
        return 0

    view = WordView(read)
    view.successor()

    def key_of(register: int, certificate_type: int) -> LookupKey:
        key = keys.key(register, certificate_type)
        view.key_check(register, certificate_type)  # so that it is proven; the verifier compares it
        return key

    for place, question in enumerate(questions):
        sought = SoughtHistories(table)

        def look(asked: AnyQuestion, sought: SoughtHistories = sought) -> SearchContext:
            return SearchContext(resolve_question(asked, state.trust, state.time), view, sought)

        try:
            decide_question(question, look, named.get(place), state.trust, key_of)
        except HistoryNeeded:
            needed |= sought.missed
        except AeoLedgerError:
            continue  # it may be wrong because a word is missing; if it is right, the verifier says so
    return missing, needed


def _first_slots(questions: Iterable[AnyQuestion], trust: TrustBundle, now: int) -> list[Slot]:
    """List the words with which every search begins."""
    inquiries = [resolve_question(question, trust, now) for question in questions]
    parties = {number for inquiry in inquiries for number in (inquiry.recogniser, inquiry.party) if number is not None}
    return [slot_of(Table.SUCCESSION, 0), *(slot_of(Table.PARTY, number) for number in sorted(parties))]


def _finish(
    evidence: Evidence, state: ProvenState, questions: Sequence[AnyQuestion], named: Mapping[int, Tin]
) -> Evidence:
    """Make the evidence one for the questions: without the nodes of words that were asked for and turned out not to be needed."""
    unused = state.pool.unused()
    nodes = tuple(node for node in evidence.nodes if keccak256(node) not in unused)
    return replace(evidence, questions=tuple(questions), nodes=nodes, traders=dict(named))
