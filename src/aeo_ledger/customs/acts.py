"""The acts that administrations sign, as a customs lawyer reads them; `protocol.messages` has the same members as bytes.

Parties, lanes and resolutions are named by number, addresses are 20 bytes, times are UTC seconds and bit sets as in `vocabulary`. An act
may hold anything that can be signed: whether it is allowed is for the rules to say, not for its type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Capacity, LaneActKind, PartyActKind, PartyKind, ResolutionAct

NOBODY = bytes(20)
"""The zero address: no key is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was signed and by whom."""

    hash: bytes
    """Event hash of the act, 32 bytes, which goes into histories."""
    signers: Iterable[bytes]
    """Addresses in the order of the signatures; read once, and only as far as the rules get, so it may recover as it goes."""
    parts: tuple[bytes, ...] = ()
    """Event hashes of a publication's events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What an admission says of the new party."""

    code: str
    kind: PartyKind
    seat: bool
    keeps_register: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What two thirds of the seats decide."""

    number: int
    """One more than the last resolution's."""
    deadline: int
    act: ResolutionAct
    party: int = 0
    """The party concerned; 0 only to supersede the ledger."""
    key: bytes = NOBODY
    """New authority, node, or the succeeding contract."""
    detail: Candidate | bytes = bytes(32)
    """To admit the candidate, to supersede the code hash; 32 bytes that are neither are kept as they are."""
    amount: int = 0
    """To suspend the end (exclusive), to supersede the chain id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAct:
    """What a party decides alone, by its authority."""

    party: int
    serial: int
    deadline: int
    act: PartyActKind
    certificate_type: int = 0
    key: bytes = NOBODY
    detail: Register | int = 0
    """A threshold, key, fingerprint, union, register word or check value; a number that is no register word is kept as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Keys of a register, sealed for one recipient; emitted and not stored."""

    register: int
    serial: int
    deadline: int
    recipient: int
    epoch: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """One lane as an arrangement wants it."""

    recogniser: int
    register: int
    lane: int
    serial: int
    types: int
    roles: int
    directions: int
    benefits: int
    in_force_from: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """An arrangement, or more of its pairs."""

    deadline: int
    arrangement: str
    """Its name."""
    text: bytes
    """Hash of the text signed, 32 bytes."""
    signatories: frozenset[int]
    recognitions: tuple[Recognition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Conclusion):
    """Lanes of an arrangement as they shall be from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAct:
    """What one side does to a lane alone."""

    party: int
    recogniser: int
    register: int
    lane: int
    serial: int
    deadline: int
    act: LaneActKind
    until: int = 0
    """When it ends; 0 unless it is ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdingAct:
    """Benefits that a recogniser refuses to one entry, or grants again."""

    recogniser: int
    serial: int
    deadline: int
    entry: bytes
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """A signed change of one standing."""

    entry: bytes
    """Register (2 bytes), type (1), holder (29)."""
    record: Record
    """The whole new record, recorded at 0."""
    document: bytes
    """Salted commitment to the certificate document, 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A batch of status events of one register: all or nothing."""

    register: int
    issuer: int
    former: int
    capacity: Capacity
    deadline: int
    events: tuple[StatusEvent, ...]
    details: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasBinding:
    """One trader bound to an alias, or cleared from it."""

    recogniser: int
    serial: int
    deadline: int
    alias_hash: bytes
    binding: int
    certificate_type: int
    entry: bytes
    """32 zero bytes to clear the binding."""
