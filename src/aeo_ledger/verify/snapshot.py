"""A whole ledger in one file, proven once and used while it is fresh enough: for a post without a network."""

from __future__ import annotations

from collections.abc import Iterator

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.verify import BelowCheckpoint, SnapshotBelowCheckpoint
from aeo_ledger.evidence.question import AnyQuestion
from aeo_ledger.evidence.snapshot import STANDING_ROW, WORD_ROW, Snapshot, rows_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, record_slot
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.recognition import ProvenDecision, answer_from
from aeo_ledger.verify.state import DEFAULT_SKEW_S, ProvenWords, trust_of, verify_age, verify_block, verify_contracts
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TrustBundle
from aeo_ledger.verify.word_table import WordTable, verify_words


class ProvenSnapshot(ProvenWords):
    """Every word that answers need at one sealed block. Only `verify_snapshot` makes one.

    It was fresh when it was verified, but ages in memory, so each decision checks the time again.
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
        """Tell its age in seconds."""
        return now - self.time

    def is_stale(self, now: int) -> bool:
        """Tell whether it is older than the accepted age: for callers that accept old snapshots with a flag."""
        return self.age_s(now) > self._max_age

    def decide(
        self, question: AnyQuestion, *, now: int, named: Tin | None = None, keys: LookupKeys = NO_KEYS
    ) -> ProvenDecision:
        """Decide a question at the snapshot's block.

        Args:
            question: The asker's own.
            now: UTC seconds.
            named: For a question about an alias: the TIN that it is said to mean, from any source.
            keys: The asker's lookup keys, for keyed registers.

        Raises:
            Stale, FromTheFuture, TrustExpired: It proves nothing at this time.
            Superseded: The successor of this ledger answers about this time. This ledger answers about earlier times.
            UnknownParty, UnknownCertificateType: The question names something that is not pinned.
            NotYetProvable, HistoryNeeded, KeyNeeded: The question needs a later block, the signed history, or a lookup key.
            WrongLookupKey: A lookup key is not the register's: with it every trader would seem absent.
            AmbiguousAlias, TraderUnnamed, AliasOfAnother: See `find_trader`.
            UnreadableValue, WrongPartyCode: A word behind the answer is not one that the pinned contracts write.
        """
        self.demand_fresh(now)
        return answer_from(self, question, named=named, keys=keys)

    def demand_fresh(self, now: int) -> None:
        """Refuse a snapshot that is too old or from the future. If old ones are only flagged, age is not refused.

        Raises:
            Stale, FromTheFuture, TrustExpired: It proves nothing at this time.
        """
        max_age = self._max_age if self._refuse_stale else now  # no block is older than time zero
        if not self.is_seam:
            verify_age(self.time, self.trust, now=now, max_age=max_age, skew=self._skew)

    def standings(self) -> Iterator[tuple[bytes, Record]]:
        """Yield each standing in the snapshot's own section by its entry (32 bytes), ascending.

        A writer can hide a standing among the words of `registers`. A look-up finds it there; this method does not.

        Raises:
            UnreadableValue: The pinned contracts do not write such a word.
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
    sealed: SealedHeader | None = None,
) -> ProvenSnapshot:
    """Prove that a snapshot holds the whole storage, at a sealed block, of both contracts that answers need.

    Cheap checks come before the storage tries are rebuilt. If the validators' seals under the header are missing, nothing else is
    read.

    Args:
        snapshot: From any source.
        trust: Bundle pinned by the asker.
        now: UTC seconds.
        max_age: Oldest accepted age of the block, in seconds, now and at each decision.
        skew: How far the block may be ahead of now, in seconds.
        refuse_stale: If false, a snapshot that is too old is accepted, and `is_stale` tells so. Nothing else changes.
        sealed: A header proven before. Its seals are not checked again if the snapshot has the very same header.

    Raises:
        MalformedHeader: The header is malformed.
        SnapshotBelowCheckpoint: The block is older than the pinned checkpoint.
        RepeatedSlot, WrongStorageRoot: The words are not the whole storage.
        SurplusNodes: The snapshot holds nodes that the accounts do not need.
        Unproven: In its other leaves, see `verify_state`, which judges header, age and accounts in the same way.

    Source: DESIGN section 5, "Snapshot".
    """
    oldest = max_age if refuse_stale else now
    try:
        proven = verify_block(snapshot.header, trust, now=now, max_age=oldest, skew=skew, known=sealed)
    except BelowCheckpoint as error:
        raise SnapshotBelowCheckpoint(**error.facts()) from error
    pool = NodePool(snapshot.nodes)
    accounts = verify_contracts(pool, proven, trust_of(proven, trust))
    pool.refuse_surplus()
    rows = {
        Contract.CONSORTIUM: rows_of(snapshot.consortium, WORD_ROW),
        Contract.REGISTERS: _rows_of_registers(snapshot),
    }
    return ProvenSnapshot(
        proven,
        {contract: verify_words(contract, accounts[contract], rows[contract]) for contract in WITH_ANSWERS},
        snapshot,
        trust,
        max_age=max_age,
        skew=skew,
        refuse_stale=refuse_stale,
    )


def _rows_of_registers(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield each word of `Registers` under its hashed slot. A standing has two: its record, and its head in the next slot."""
    yield from rows_of(snapshot.registers, WORD_ROW)
    for row in rows_of(snapshot.standings, STANDING_ROW):
        slot = record_slot(row[:32])
        yield keccak256(slot.to_bytes(32, "big")) + row[32:64]
        yield keccak256((slot + 1).to_bytes(32, "big")) + row[64:]
