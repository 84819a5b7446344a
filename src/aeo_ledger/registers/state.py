"""One register as a sealed block has it: what plans, exports and worklists start from.

It comes from one proven snapshot, not from a proof for each certificate. So it is quick, and what is not in it does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from aeo_ledger.customs.arrangement import Lane, Register
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import LIVING
from aeo_ledger.office.pseudonyms import EntryIn, entries_in
from aeo_ledger.signing.lookup_file import NOTHING_HELD, HeldKeys
from aeo_ledger.verify import ProvenSnapshot


@dataclass(frozen=True)
class RegisterState:
    """The standings of one register, and what decides about them, at one proven block.

    A gateway can hide a standing among the unnamed words of a snapshot. `record` finds it there, `records` does not list it. So whoever
    knows an entry, from a file or a book, must look it up.
    """

    words: ProvenSnapshot
    """Every word of the ledger at that block."""
    register: int
    """Number of the register's party."""
    keys: HeldKeys = NOTHING_HELD
    """Those of the register, if it is keyed."""
    former: tuple[int, ...] = ()
    """Numbers of the parties that could read what is sealed now, and are not to: see `find_former`. While there is one, nothing is sealed."""

    @cached_property
    def entry_of(self) -> EntryIn:
        """The function that derives the entry of a trader under a type; raises `KeyNeeded` and `WrongLookupKey`."""
        return entries_in(self.words, self.register, self.keys.lookup)

    @property
    def block(self) -> int:
        """Number of the block."""
        return self.words.sealed.header.number

    @property
    def block_hash(self) -> bytes:
        """Hash of the block, 32 bytes."""
        return self.words.sealed.hash

    @property
    def time(self) -> int:
        """Time of the block, UTC seconds."""
        return self.words.time

    @property
    def opened(self) -> Register | None:
        """The register's word: its mode and its types in use; None until its party opens it."""
        return self.words.register(self.register)

    @cached_property
    def records(self) -> Mapping[bytes, Record]:
        """The record of each entry (32 bytes) of the register, ascending.

        Raises:
            UnreadableValue: The pinned contracts do not write such a word.
        """
        return {entry: record for entry, record in self.words.standings() if register_of(entry) == self.register}

    def living(self, issuer: int) -> list[bytes]:
        """List the entries (32 bytes) of living certificates of an issuer, by its number, ascending."""
        return [entry for entry, one in self.records.items() if one.status in LIVING and one.issuer == issuer]

    def record(self, entry: bytes) -> Record | None:
        """Look up the record of an entry (32 bytes); None if there is proven to be none.

        Raises:
            UnreadableValue: The pinned contracts do not write such a word.
        """
        return self.records.get(entry) or self.words.record(entry)

    def standing_head(self, entry: bytes) -> bytes:
        """Look up the head of an entry's history, 32 bytes; zero if it has none."""
        return self.words.standing_head(entry)

    def lanes(self, recogniser: int) -> Iterator[Lane]:
        """Yield the lanes under which a recogniser, by number, recognises this register; the last act decides about each."""
        for number in range(self.words.pair(recogniser, self.register).lanes):
            lane = self.words.lane(recogniser, self.register, number)
            if lane is not None:
                yield lane

    def withheld(self, recogniser: int, entry: bytes) -> bool:
        """Tell whether a recogniser, by number, withholds its benefits from an entry (32 bytes)."""
        withholding = self.words.withholding(recogniser, entry)
        return withholding is not None and withholding.withheld
