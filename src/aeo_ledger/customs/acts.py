"""The acts that administrations sign, as a customs lawyer reads them; `protocol.messages` has the same members as bytes.

Parties, lanes and resolutions are named by number, addresses are 20 bytes, times are UTC seconds and bit sets as in `vocabulary`. An act
may hold anything that can be signed: whether it is allowed is for the rules to say, not for its type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Capacity,
    LaneActKind,
    PartyActKind,
    PartyKind,
    ReplacementActKind,
    ResolutionAct,
)

NOBODY = bytes(20)
"""The zero address: no key is named."""

NO_GROUNDS = bytes(32)
"""No reasoned decision is named. Where one is, `grounds` is its salted hash, 32 bytes."""


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

    party: int = 0
    """The party concerned; 0 only for what concerns the network."""
    number: int
    """One more than that of the last resolution on the same subject: a party, the validators, the network."""
    deadline: int
    act: ResolutionAct
    key: bytes = NOBODY
    """New authority, or node."""
    detail: Candidate | bytes = bytes(32)
    """To admit the candidate, to replace a validator the old node; 32 bytes that are neither are kept as they are."""
    amount: int = 0
    """To suspend the end (exclusive)."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The ledger that two thirds of the seats name to supersede this one, and from when on."""

    number: int
    """One more than that of the last resolution on the network."""
    deadline: int
    effective: int
    """UTC seconds: from then on this ledger answers only earlier times."""
    chain: int
    """EIP-155 chain id of the successor."""
    consortium: bytes
    governance: bytes
    registers: bytes
    """Addresses of its contracts, 20 bytes each."""
    consortium_code: bytes
    governance_code: bytes
    registers_code: bytes
    """keccak256 of their runtime codes, 32 bytes each."""
    grounds: bytes = NO_GROUNDS


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
    """An old key, threshold, hash, union, member, register word or check value; a number that is no register word is kept as it is."""
    effective: int = 0
    """When a membership ends, UTC seconds; 0 is at once."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementAct:
    """What is said against a pending replacement of an authority."""

    party: int
    key: bytes
    """The new authority that waits."""
    deadline: int
    act: ReplacementActKind
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """That an operator stops its own party's publications, but for restricting ones."""

    party: int
    lifts: int
    """How often a freeze was lifted so far: an old freeze does not work again."""
    deadline: int
    grounds: bytes = NO_GROUNDS


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
    amendment: int
    """One more than that of the pair's last conclusion or amendment."""
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
    """What these pairs call it."""
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
    generation: int
    number: int
    """To suspend or resume one more than the recogniser's last; to end that of the pair's last amendment, which it leaves."""
    deadline: int
    act: LaneActKind
    until: int = 0
    """When it ends; 0 unless it is ended."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdingAct:
    """Benefits that a recogniser refuses to one entry, or grants again."""

    recogniser: int
    serial: int
    deadline: int
    entry: bytes
    withheld: bool
    grounds: bytes = NO_GROUNDS


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
    grounds: bytes = NO_GROUNDS
