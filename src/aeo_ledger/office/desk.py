"""What an office needs from a ledger: evidence of its words, and a relay for acts.

A `Desk` is in this process (the gateway's own) or behind HTTP (`gateway.client`). Nothing that it says goes into an act
unchecked: `ProvenDesk` proves it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.party import Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.card import Card
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.tables import Slot, Table

Place: TypeAlias = tuple[Table, int]
"""Where a word lies: its table and key."""

ANSWERED_WITHIN_S: Final = 10.0
"""Seconds in which a whole answer must arrive over HTTP, unless the caller allows more."""

SEALED_WITHIN_S: Final = 60.0
"""Seconds for which a relay waits for an act to be sealed."""

MOST_SLOTS: Final = 2_000
"""Most words in one proof."""

MOST_HISTORIES: Final = 16
"""Most certificates whose histories are told at once."""

MOST_SUBJECTS: Final = 64
"""Most subjects whose histories are in one proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A party as the newest block shows it."""

    number: int
    party: Party
    office: Office
    register: Register | None
    """None until the party opens one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Records of some entries, and when they were read."""

    block: int
    time: int
    """Time of that block, UTC seconds."""
    clock: int
    """The reader's clock, UTC seconds: the last block of an idle ledger may be half a minute old."""
    records: tuple[Record | None, ...]
    """In the order asked; None for an entry without a record."""


class Witness(Protocol):
    """Gives evidence of words and of histories, as of the newest block. It is not checked here."""

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch evidence of at most `MOST_SLOTS` words."""

    def prove_past(self, slots: Sequence[Slot], subjects: Sequence[Subject]) -> Evidence:
        """Fetch the same, and with it every signed act on at most `MOST_SUBJECTS` subjects."""

    def history(self, entries: Sequence[bytes]) -> Evidence:
        """Fetch every signed event of at most `MOST_HISTORIES` standings, by their entries (32 bytes each)."""


class Desk(Protocol):
    """A ledger as an office uses it; nothing that it says is proven."""

    def submit(self, act: SignedAct) -> Sealed:
        """Relay a signed act and wait until it is sealed.

        Raises:
            RefusedByLedger: a contract refuses it; the ledger is unchanged.
            Unavailable: it could not be relayed or was not sealed in time.
        """

    def complete_replacement(self, party: int) -> Sealed:
        """Complete the replacement of a party's authority, by the party's number, and wait until it is sealed.

        Raises:
            RefusedByLedger, Unavailable: as `submit` does.
        """

    def keys(self, party: int) -> Sequence[bytes]:
        """List the addresses (20 bytes) that serve or served a party, by the party's number. It is a claim."""

    def card(self, party: str) -> Card:
        """Fetch a party's card, by its code; it is not checked here.

        Raises:
            CardNotHeld: it has none of this party.
        """

    def clock(self) -> int:
        """Read the relay's clock, UTC seconds. It is a claim. The next block is dated no earlier."""

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch evidence of at most `MOST_SLOTS` words, as of the newest block; it is not checked here."""

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a pinned checkpoint's block to the newest block; they are not checked here."""

    def snapshot(self) -> Snapshot:
        """Fetch every word that answers need, as of the newest block; it is not checked here."""
