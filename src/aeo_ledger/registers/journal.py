"""The book as the journal of single acts: each is kept before it is signed and sent, and its grounds are bound once it is proven."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from aeo_ledger.errors.registers import BookUnavailable
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.carry_out import number_of
from aeo_ledger.office.outcome import group_events
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.registers.book_rows import KeptAct
from aeo_ledger.verify import ProvenState, TrustBundle

if TYPE_CHECKING:  # an act without a book needs no database library
    from aeo_ledger.registers.book import Book


class BookJournal:
    """Keeps the acts of an office in its book.

    Args:
        book: The book, open.
        trust: Pins the ledger that the acts are for.
    """

    def __init__(self, book: Book, trust: TrustBundle) -> None:
        self._book, self._trust = book, trust

    def keep(self, acts: Sequence[SignedAct], before: Facts, words: str = "") -> None:
        """Keep acts, signed or not; the log tells of signed ones, if there are words.

        Raises:
            BookUnavailable: the book cannot be written.
        """
        self._settle(acts, before)
        chain, addresses = self._trust.chain_id, contracts_of(self._trust)
        who = {signer for act in acts for signer in act.signers(chain_id=chain, address=addresses[act.contract])}
        kept = {digest: _keep(act, before) for digest, act in zip(self._digests(acts), acts, strict=True)}
        self._book.keep_acts(kept, None, sorted(who), words if who and words else None)

    def note(self, acts: Sequence[SignedAct], after: Facts, words: str) -> None:
        """Note that acts are sealed; what a gateway only claims is not noted.

        The acts are done, whether the book can be written now or not: its next use finds a publication on the ledger.
        """
        if isinstance(after, ProvenState):
            with suppress(BookUnavailable):
                self._book.note_sealed(self._digests(acts), number_of(after))
                self._book.note("sealed", f"{words}; as of block {number_of(after)}")

    def _settle(self, acts: Sequence[SignedAct], before: Facts) -> None:
        """Note earlier acts on the same certificates that the ledger shows, before it moves on: their run was interrupted."""
        entries = {entry for act in acts for entry in group_events(act.values)}
        if entries and isinstance(before, ProvenState):
            known = {digest: kept for digest, kept in self._book.open_acts().items() if entries.issuperset(kept.heads)}
            self._book.note_sealed([d for d, kept in known.items() if kept.is_shown(before)], number_of(before))

    def _digests(self, acts: Sequence[SignedAct]) -> list[bytes]:
        chain, addresses = self._trust.chain_id, contracts_of(self._trust)
        return [act.digest(chain_id=chain, address=addresses[act.contract]) for act in acts]


def _keep(act: SignedAct, before: Facts) -> KeptAct:
    return KeptAct(act=act, heads={entry: before.standing_head(entry) for entry in group_events(act.values)})
