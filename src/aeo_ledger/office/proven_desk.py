"""A desk that trusts no gateway: every word that an act depends on is proven to its signer, like a border system's answer.

Offices take their facts only from here, as `Facts` that only `facts` makes. They are proven under the pinned bundle. If the
signer allows it, they may be claimed, and are marked so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from aeo_ledger.errors import AeoLedgerError, Unproven
from aeo_ledger.errors.verify import HeaderBreaksRule, StrangerSealed, TooFewSeals
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.office.desk import Desk
from aeo_ledger.office.pseudonyms import EntryIn, entries_in, slots_of_pseudonyms
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Slot, Table, slot_of
from aeo_ledger.signing.lookup_file import NOTHING_HELD
from aeo_ledger.verify import ProvenSnapshot, SealedHeader, TrustBundle, verify_update
from aeo_ledger.verify.claims import ClaimedState, read_claims
from aeo_ledger.verify.envelopes import ProvenEnvelopes, verify_envelopes
from aeo_ledger.verify.facts import verify_all_facts, verify_facts
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, ProvenState
from aeo_ledger.wording.words import ENGLISH, Words

Facts: TypeAlias = ProvenState | ClaimedState
"""Words of one block. An act that depends on a `ClaimedState` says so wherever it is shown."""

Approve: TypeAlias = Callable[[Sequence[str]], None]
"""Called with an act in words before it is signed; raises an error to stop the signing."""


class Journal(Protocol):
    """What an office keeps of its own acts: each before it is signed and again before it is sent, and then that it is sealed."""

    def keep(self, acts: Sequence[SignedAct], before: Facts, words: str = "") -> None:
        """Keep acts with the signatures that they have; raises an error to stop the signing or the sending.

        Args:
            acts: The acts.
            before: The words that they depend on.
            words: What they do, in words, for whoever reads the journal; empty before they are signed here.
        """

    def note(self, acts: Sequence[SignedAct], after: Facts, words: str) -> None:
        """Note that acts are sealed, as these words show."""


class _NoJournal:
    """Keeps nothing: the office keeps no book."""

    def keep(self, acts: Sequence[SignedAct], before: Facts, words: str = "") -> None:
        """Do nothing."""

    def note(self, acts: Sequence[SignedAct], after: Facts, words: str) -> None:
        """Do nothing."""


class _Proven(Protocol):
    """Something that is proven under a block."""

    @property
    def sealed(self) -> SealedHeader:
        """The block."""


W = TypeVar("W", bound=_Proven)

_OTHER_VALIDATORS: Final = (HeaderBreaksRule, StrangerSealed, TooFewSeals)
"""Raised for a header that other validators sealed."""

PROVEN_WITHIN_S: Final = 15.0
"""Seconds in which a gateway must prove that an act is sealed, after it said so."""


def without_asking(told: Sequence[str]) -> None:
    """Approve an act without asking: for programs whose acts somebody approved elsewhere."""


class ProvenDesk:
    """A ledger as an office uses it, proven.

    Args:
        desk: Fetches evidence and relays acts; nothing that it says is trusted.
        trust: The bundle that the signer pinned.
        approve: Called with every act in words before it is signed.
        clock: UTC seconds.
        allow_unproven: Go on with the desk's claims if they cannot be proven.
        max_age: The greatest age of the block under which facts are proven, in seconds.
        proven_within_s: Seconds to wait for the proof that an act is sealed.
        words: The signer's language.
    """

    def __init__(
        self,
        desk: Desk,
        trust: TrustBundle,
        *,
        approve: Approve,
        clock: Callable[[], float] = time.time,
        allow_unproven: bool = False,
        max_age: int = DEFAULT_MAX_AGE_S,
        proven_within_s: float = PROVEN_WITHIN_S,
        words: Words = ENGLISH,
    ) -> None:
        self.relay, self.trust, self.approve, self.words = desk, trust, approve, words
        self.proven_within_s = proven_within_s
        self.has_relayed = False
        """Whether an act was handed to the relay. It may then be sealed, even if an error follows here."""
        self.journal: Journal = _NoJournal()
        """Where the office keeps its acts."""
        self.keys = NOTHING_HELD
        """The keys of keyed registers that the office holds."""
        self._clock, self._allow_unproven, self._max_age = clock, allow_unproven, max_age
        self._sealed: SealedHeader | None = None

    def now(self) -> int:
        """Read the clock: UTC seconds."""
        return int(self._clock())

    def facts(self, slots: Iterable[Slot]) -> Facts:
        """Prove words as of the newest block, at most `MOST_SLOTS`; reading any other word raises `MissingNode`.

        Raises:
            Unproven: any leaf of it that `verify_facts` raises: they are not proven.
            WrongPartyCode: A party among them has another code than the one pinned for its number.
            SurplusNodes: The evidence contains more than was asked.
            Superseded: Another ledger supersedes this one.
            Unavailable: there is no evidence.
        """
        needed = dict.fromkeys(slots)
        facts = self._judge(self.relay.prove_words(tuple(needed)))
        for contract, slot in needed:
            facts.read(contract, slot)
        for number in self.trust.by_number:
            if slot_of(Table.PARTY, number) in needed:
                facts.party(number)
        facts.pool.refuse_surplus()
        return facts

    def entries(self, register: int) -> EntryIn:
        """Make the function that derives entries in a register, by its number, with the keys that the office holds.

        Raises:
            Unproven, Unavailable: as `facts` does. The function raises `KeyNeeded` and `WrongLookupKey`.
        """
        return entries_in(self.facts(slots_of_pseudonyms(register)), register, self.keys.lookup)

    def all_facts(self) -> ProvenSnapshot:
        """Prove every word as of the newest block, for acts on a whole register. Claims are never taken here.

        Raises:
            Unproven: any leaf of it that `verify_all_facts` raises: the words are not proven, or are not all.
            WrongPartyCode: A party has another code than the one pinned for its number.
            Superseded: Another ledger supersedes this one.
            Unavailable: there is no snapshot.
        """
        snapshot = self.relay.snapshot()
        facts = self._prove(verify_all_facts, snapshot)
        for number in self.trust.by_number:
            facts.party(number)
        return facts

    def envelopes(self, evidence: Evidence, register: int) -> ProvenEnvelopes:
        """Prove every envelope that a register sent, by its number, with evidence from anybody. Claims are never taken here.

        Raises:
            Unproven: any leaf of it that `verify_envelopes` raises.
        """

        def verify(found: Evidence, trust: TrustBundle, **more: Any) -> ProvenEnvelopes:
            return verify_envelopes(found, register, trust, **more)

        return self._prove(verify, evidence)

    def _judge(self, evidence: Evidence) -> Facts:
        try:
            return self._prove(verify_facts, evidence)
        except Unproven:
            if not self._allow_unproven:
                raise
            return read_claims(evidence, self.trust)

    def _prove(self, verify: Callable[..., W], found: Evidence | Snapshot) -> W:
        def once() -> W:
            return verify(found, self.trust, now=self.now(), max_age=self._max_age, sealed=self._sealed)

        try:
            words = once()
        except (
            _OTHER_VALIDATORS
        ):  # the validators may have changed since the bundle was pinned: follow the changes by proof
            if not self._follow_validators():
                raise
            words = once()
        self._sealed = words.sealed
        return words

    def _follow_validators(self) -> bool:
        """Move the bundle to the newest block by proof, for this desk only; say whether the validators changed."""
        former = self.trust.validators
        with suppress(AeoLedgerError):
            update = self.relay.trust_update(self.trust.checkpoint.number)
            self.trust = verify_update(update, self.trust, now=self.now(), max_age=self._max_age).trust
        return self.trust.validators != former
