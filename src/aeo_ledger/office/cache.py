"""A border system's cache: proven answers are kept until news say that they may have changed, or until they are too old.

News only shorten the life of an answer. So nobody who invents or hides news can make an answer say anything else: invented ones cost a question,
and hidden ones let an answer live for `max_age`, as if there were no news.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import Final, Protocol

from aeo_ledger.customs.inquiry import EntryOf
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.verify import UnknownParty
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.evidence.news import About, Cursor, Gap, Heard, NewsItem
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.office.desk import Witness
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import (
    ProvenDecision,
    TrustBundle,
    find_other_question,
    verify_other_form,
    verify_recognition,
    verify_state,
)

_TYPES: Final = 16
"""Certificate types that a register may have."""
_ABOUT_ENTRIES: Final = frozenset({About.STANDING, About.WITHHOLDING})
_MOST: Final = 1 << 16
"""Answers that are kept at most, about a kilobyte each; before one more, all are forgotten."""
_PAUSE_S: Final = 1.0
"""Seconds before a stream that broke off is opened again."""


class Gateway(Witness, Protocol):
    """Who is asked and heard; a gateway's client is one. Nothing that it says is believed."""

    def evidence(self, question: AnyQuestion) -> Evidence:
        """Fetch the evidence for a question; it is not checked here."""

    def evidence_of_many(self, questions: Sequence[AnyQuestion]) -> Evidence:
        """Fetch one evidence for several questions; it is not checked here."""

    def listen(self, recogniser: str, *, since: Cursor | None = None) -> Iterator[Heard]:
        """Hear what may change the answers to a recogniser, until the stream breaks off."""


class BorderCache:
    """Proven answers of a border system. Any thread may ask while another one follows the news.

    Args:
        gateway: Who is asked.
        trust: Pinned by the border system.
        clock: Returns UTC seconds.
        max_age: Oldest block of an answer that counts, in seconds.
        keys: The border system's lookup keys, for keyed registers. With them, the gateway is not told about whom it is asked.
    """

    def __init__(
        self,
        gateway: Gateway,
        trust: TrustBundle,
        *,
        clock: Callable[[], int],
        max_age: int,
        keys: LookupKeys = NO_KEYS,
    ) -> None:
        self._gateway, self._trust, self._clock, self._max_age, self._keys = gateway, trust, clock, max_age, keys
        self._answers: dict[AnyQuestion, ProvenDecision] = {}
        self._by: defaultdict[Hashable, set[AnyQuestion]] = defaultdict(set)
        """Questions by what their answers depend on: entries, and registers whose entries cannot be derived here."""
        self._forgotten = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.fault: AeoLedgerError | None = None
        """Why no news are heard now; None while they are."""

    def ask(self, question: AnyQuestion) -> ProvenDecision:
        """Return the answer that is kept, or ask and prove it.

        Raises:
            Unproven, Refused, Unavailable, Malformed: see `verify_recognition`, `verify_other_form` and the gateway.
        """
        now = self._clock()
        with self._lock:
            kept, forgotten = self._answers.get(question), self._forgotten
        if kept is not None and now - kept.block_time <= self._max_age and now < self._trust.expires_at:
            return kept
        evidence, proven = self._prove(question, now)
        depends = self._depends_on(evidence, proven, now)
        with self._lock:
            if forgotten == self._forgotten:  # else it may be older than the news that came meanwhile
                if len(self._answers) >= _MOST:
                    self._answers.clear()
                    self._by.clear()
                self._answers[question] = proven
                for one in depends:
                    self._by[one].add(question)
        return proven

    def _prove(self, question: AnyQuestion, now: int) -> tuple[Evidence, ProvenDecision]:
        """Ask and prove; where a no needs it, ask about the trader's other form too."""

        def prove(*asked: AnyQuestion) -> tuple[Evidence, ProvenDecision]:
            evidence = self._fetch(asked)
            return evidence, verify_recognition(
                evidence, question, self._trust, now=now, max_age=self._max_age, keys=self._keys
            )

        evidence, proven = prove(question)
        if (other := find_other_question(proven)) is not None:
            evidence, proven = prove(question, other)
        verify_other_form(evidence, proven, self._trust, keys=self._keys)
        return evidence, proven

    def _fetch(self, questions: Sequence[AnyQuestion]) -> Evidence:
        if self._keys is NO_KEYS:
            return (
                self._gateway.evidence_of_many(questions) if len(questions) > 1 else self._gateway.evidence(*questions)
            )
        return gather_evidence(
            questions, self._gateway, self._trust, keys=self._keys, clock=self._clock, max_age=self._max_age
        )

    def hear(self, heard: Heard) -> None:
        """Forget the answers that news may have changed: those about one trader, or all."""
        if isinstance(heard, NewsItem) and heard.about in _ABOUT_ENTRIES and heard.entry is not None:
            self._forget(heard.entry, heard.register)
        elif isinstance(heard, NewsItem | Gap):
            self._forget_all()

    def follow(self, recogniser: str) -> None:
        """Hear the news of a recogniser until `stop`. While the stream is broken, answers live no longer than `max_age`, and `fault` says why.

        A stream that is refused is opened again too: a token that does not count today may count tomorrow, and nobody looks at a thread.

        Raises:
            UnknownParty: The trust bundle does not name the recogniser.
        """
        if recogniser not in self._trust.by_code:
            raise UnknownParty(code=recogniser, known=tuple(self._trust.by_code))
        since: Cursor | None = None
        while not self._stopped.is_set():
            try:
                for heard in self._gateway.listen(recogniser, since=since):
                    if since is None:  # what was asked before may be older than the first news
                        self._forget_all()
                    self.hear(heard)
                    since, self.fault = heard.at, None
                    if self._stopped.is_set():
                        return
            except AeoLedgerError as fault:
                self.fault = fault
                self._stopped.wait(_PAUSE_S)

    def stop(self) -> None:
        """Let `follow` end with the next thing that it hears, or when the gateway's client is closed."""
        self._stopped.set()

    def _depends_on(self, evidence: Evidence, proven: ProvenDecision, now: int) -> list[Hashable]:
        """List the entries on which an answer depends; for a register whose entries need keys that are not here, the register's number."""
        state = verify_state(evidence, self._trust, now=now, max_age=self._max_age)
        depends: list[Hashable] = []
        for code in proven.registers:
            number = self._trust.by_code[code].number
            register = state.register(number)
            if proven.trader is None or register is None:
                depends.append(number)
                continue
            depends += _derive_entries(number, register.mode, entries_of(proven.trader, self._keys.key)) or [number]
        return depends

    def _forget(self, *what: Hashable) -> None:
        with self._lock:
            self._forgotten += 1
            for one in what:
                for question in self._by.pop(one, ()):
                    self._answers.pop(question, None)

    def _forget_all(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._answers.clear()
            self._by.clear()


def _derive_entries(register: int, mode: RegisterMode, entry_of: EntryOf) -> list[bytes]:
    """Derive a trader's entries in a register, by its number; no answer depends on a type whose key was not needed to prove it."""
    found = []
    for kind in range(_TYPES):
        with suppress(KeyNeeded):
            found.append(entry_of(register, mode, kind))
    return found
