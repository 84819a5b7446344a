"""A whole ledger in one file, proven once and asked for as long as it is fresh enough: for a post without a network."""

from __future__ import annotations

from collections.abc import Iterator

from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.evidence.question import Question
from aeo_ledger.evidence.snapshot import STANDING_ROW, WORD_ROW, Snapshot, rows_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, record_slot
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.recognition import ProvenDecision, answer_from
from aeo_ledger.verify.state import DEFAULT_SKEW_S, ProvenWords, trust_of, verify_age, verify_block, verify_contracts
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TrustBundle
from aeo_ledger.verify.word_table import WordTable, verify_words


class ProvenSnapshot(ProvenWords):
    """Every word that answers rest on as of one sealed block; only `verify_snapshot` makes one.

    It was fresh when it was verified and grows old in memory, so each decision takes the time anew.
    """

    def __init__(
        self,
        sealed: SealedHeader,
        tables: dict[Contract, WordTable],
        snapshot: Snapshot,
        trust: TrustBundle,
        *,
        max_age: int,
        skew: int,
        refuse_stale: bool,
    ) -> None:
        super().__init__(sealed, lambda contract, slot: tables[contract].read(slot), trust)
        self.tables = tables
        self.snapshot = snapshot
        self._max_age, self._skew, self._refuse_stale = max_age, skew, refuse_stale

    def age_s(self, now: int) -> int:
        """Say how old it is, in seconds."""
        return now - self.time

    def is_stale(self, now: int) -> bool:
        """Say whether it is older than was accepted when it was verified: a flag, for whoever does not refuse it."""
        return self.age_s(now) > self._max_age

    def decide(self, question: Question, *, now: int) -> ProvenDecision:
        """Decide a question as of the snapshot's block.

        Args:
            question: The asker's own.
            now: UTC seconds.

        Raises:
            Stale, FromTheFuture, TrustExpired: Now is not when this proves anything.
            Superseded: The time asked about is for the successor of this ledger to answer; earlier ones are answered.
            UnknownParty, UnknownCertificateType: The question names what is not pinned.
            NotYetProvable, HistoryNeeded, KeyNeeded: It needs a later block, the signed history, or a lookup key.
            UnreadableValue, WrongPartyCode: A word that the answer rests on is not as the pinned contracts write it.
        """
        self.demand_fresh(now)
        return answer_from(self, question)

    def demand_fresh(self, now: int) -> None:
        """Refuse a snapshot whose time has passed, or not come; one that is only flagged is never too old.

        Raises:
            Stale, FromTheFuture, TrustExpired: Now is not when this proves anything.
        """
        max_age = self._max_age if self._refuse_stale else now  # no block is older than time
        if not self.is_seam:
            verify_age(self.time, self.trust, now=now, max_age=max_age, skew=self._skew)

    def standings(self) -> Iterator[tuple[bytes, Record]]:
        """Yield each standing that the snapshot gives by its entry of 32 bytes, ascending.

        A look-up also finds one that a writer hid among the nameless words; this does not.

        Raises:
            UnreadableValue: A word there is none that the pinned contracts write.
        """
        for row in rows_of(self.snapshot.standings, STANDING_ROW):
            record = self.record(row[:32])
            if record is None:
                raise UnreadableValue(what="standing", reason="no record")
            yield row[:32], record


def verify_snapshot(
    snapshot: Snapshot,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int,
    skew: int = DEFAULT_SKEW_S,
    refuse_stale: bool = True,
) -> ProvenSnapshot:
    """Prove that a snapshot is the whole storage of both contracts that answers rest on, as of a sealed block.

    What is cheap to refuse is refused before the storage tries are rebuilt: without the validators' seals under the
    header nothing else is looked at.

    Args:
        snapshot: From anybody.
        trust: Pinned by the asker.
        now: UTC seconds.
        max_age: How old the block may be, in seconds, now and at each decision.
        skew: How far it may lie ahead of now, in seconds.
        refuse_stale: False takes a snapshot that is too old, which then says so (`is_stale`). Nothing else changes.

    Raises:
        MalformedHeader: The header is none.
        RepeatedSlot, WrongStorageRoot: The words are not the whole storage.
        SurplusNodes: Nodes are left that the accounts did not need.
        Unproven: In its other leaves, see `verify_state`, which judges header, age and accounts alike.

    Source: DESIGN section 5, "Snapshot".
    """
    sealed = verify_block(snapshot.header, trust, now=now, max_age=max_age if refuse_stale else now, skew=skew)
    pool = NodePool(snapshot.nodes)
    accounts = verify_contracts(pool, sealed, trust_of(sealed, trust))
    pool.refuse_surplus()
    rows = {
        Contract.CONSORTIUM: rows_of(snapshot.consortium, WORD_ROW),
        Contract.REGISTERS: _rows_of_registers(snapshot),
    }
    return ProvenSnapshot(
        sealed,
        {contract: verify_words(contract, accounts[contract], rows[contract]) for contract in WITH_ANSWERS},
        snapshot,
        trust,
        max_age=max_age,
        skew=skew,
        refuse_stale=refuse_stale,
    )


def _rows_of_registers(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield each word of `Registers` under its hashed slot; a standing is two, its head in the slot after its record."""
    yield from rows_of(snapshot.registers, WORD_ROW)
    for row in rows_of(snapshot.standings, STANDING_ROW):
        slot = record_slot(row[:32])
        yield keccak256(slot.to_bytes(32, "big")) + row[32:64]
        yield keccak256((slot + 1).to_bytes(32, "big")) + row[64:]
