"""What an office needs of a ledger: facts to prepare an act on, and someone who relays it.

A `Desk` is reached in this process (the gateway's own) or over HTTP (`gateway.client`). What it says is never trusted with a decision: an
act prepared on wrong facts is refused by the contract, and answers about traders are proven by `verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aeo_ledger.customs.arrangement import Pair, Register
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import PartyState
from aeo_ledger.protocol.acts import SignedAct


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A party as the newest block shows it."""

    number: int
    party: Party
    authority: bytes
    """20 bytes."""
    register: Register | None
    """None while it opened none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Records of some entries, and when they were read."""

    block: int
    time: int
    """Of that block, UTC seconds."""
    records: tuple[Record | None, ...]
    """In the order asked; None for an entry that never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An act that is in a block."""

    transaction: str
    block: int
    block_hash: str
    gas_used: int


class Desk(Protocol):
    """A ledger as an office meets it."""

    def submit(self, act: SignedAct) -> Receipt:
        """Relay a signed act and wait until it is sealed.

        Raises:
            RefusedByLedger: a contract refuses it; nothing was written.
            Unavailable: it could not be relayed or was not sealed in time.
        """

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry (32 bytes each, at most 1,000)."""

    def pair(self, recogniser: int, register: int) -> Pair:
        """Read a pair's word."""


def member_by_code(members: Sequence[Member], code: str) -> Member | None:
    """Find a party that is not expelled by its code."""
    found = [m for m in members if m.party.code == code and m.party.state is not PartyState.EXPELLED]
    return found[-1] if found else None
