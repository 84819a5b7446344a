"""What an office needs of a ledger: evidence of its words, and someone who relays an act.

A `Desk` is reached in this process (the gateway's own) or over HTTP (`gateway.client`). Nothing that it says goes into an
act as it is: `ProvenDesk` proves it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.party import Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.tables import Slot, Table

Place: TypeAlias = tuple[Table, int]
"""Where a word lies: its table and key."""

ANSWERED_WITHIN_S: Final = 10.0
"""Seconds in which an answer over HTTP is there, whole, unless more are given."""

SEALED_WITHIN_S: Final = 60.0
"""Seconds that a relay waits until an act is sealed."""

MOST_SLOTS: Final = 2_000
"""Words that are proven at once, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A party as the newest block shows it."""

    number: int
    party: Party
    office: Office
    register: Register | None
    """None while it opened none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Records of some entries, and when they were read."""

    block: int
    time: int
    """Of that block, UTC seconds."""
    clock: int
    """What time it was where they were read, UTC seconds: an idle ledger's last block may be half a minute old."""
    records: tuple[Record | None, ...]
    """In the order asked; None for an entry that never was."""


class Desk(Protocol):
    """A ledger as an office meets it."""

    def submit(self, act: SignedAct) -> Sealed:
        """Relay a signed act and wait until it is sealed.

        Raises:
            RefusedByLedger: a contract refuses it; nothing was written.
            Unavailable: it could not be relayed or was not sealed in time.
        """

    def clock(self) -> int:
        """Tell what time it is where acts are relayed, UTC seconds: a claim. The next block is dated no earlier."""

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch what proves some words, at most `MOST_SLOTS`, as of the newest block; unchecked."""

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a pinned checkpoint's block to the newest one; unchecked."""
