"""The acts that administrations sign, as a customs lawyer reads them. `protocol.messages` has the same members as bytes.

Numbers name parties, lanes and resolutions. Addresses have 20 bytes, times are UTC seconds, bit sets are as in
`vocabulary`. An act may hold anything that can be signed. The rules, not the types, decide what is allowed.
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
"""The zero address: names no key."""

NO_GROUNDS = bytes(32)
"""Names no reasoned decision. `grounds` is otherwise the salted hash of one, 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was signed, and who signed."""

    hash: bytes
    """Event hash of the act, 32 bytes. It enters the histories."""
    signers: Iterable[bytes]
    """Addresses in the order of the signatures. Read once, and only as far as the rules need: it may recover them lazily."""
    parts: tuple[bytes, ...] = ()
    """Event hashes of a publication's events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The new party, as its admission describes it."""

    code: str
    kind: PartyKind
    seat: bool
    keeps_register: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A decision of two thirds of the seats."""

    party: int = 0
    """Number of the party concerned; 0 if the act concerns the network."""
    number: int
    """The number after the last resolution on the same subject. A subject is a party, the validators or the network."""
    deadline: int
    act: ResolutionAct
    key: bytes = NOBODY
    """New authority or node."""
    detail: Candidate | bytes = bytes(32)
    """Admission: the candidate. Replacement of a validator: the old node. Any other 32 bytes are kept unchanged."""
    amount: int = 0
    """Suspension: its end (exclusive)."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The ledger that supersedes this one, named by two thirds of the seats, with the date."""

    number: int
    """The number after the last resolution on the network."""
    deadline: int
    effective: int
    """UTC seconds. From then on this ledger answers only about earlier times."""
    chain: int
    """EIP-155 chain id of the successor."""
    consortium: bytes
    governance: bytes
    registers: bytes
    """Addresses of the successor's contracts, 20 bytes each."""
    consortium_code: bytes
    governance_code: bytes
    registers_code: bytes
    """keccak256 of their runtime codes, 32 bytes each."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAct:
    """An act that a party decides alone, through its authority."""

    party: int
    serial: int
    deadline: int
    act: PartyActKind
    certificate_type: int = 0
    key: bytes = NOBODY
    detail: Register | int = 0
    """An old key, threshold, hash, union, member, register word or check value. A number that is not a register word is kept unchanged."""
    effective: int = 0
    """When a membership ends, UTC seconds; 0 means at once."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementAct:
    """An act against a pending replacement of an authority."""

    party: int
    key: bytes
    """The new authority that is pending."""
    deadline: int
    act: ReplacementActKind
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """An operator stops its own party's publications, except those that restrict."""

    party: int
    lifts: int
    """How many times a freeze was lifted before. This stops an old freeze from working again."""
    deadline: int
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Keys of a register, sealed for one recipient. The ledger emits it and does not store it."""

    register: int
    serial: int
    deadline: int
    recipient: int
    epoch: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """One lane, as an arrangement defines it."""

    recogniser: int
    register: int
    lane: int
    amendment: int
    """The number after the pair's last conclusion or amendment."""
    types: int
    roles: int
    directions: int
    benefits: int
    in_force_from: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """An arrangement, or further pairs of one."""

    deadline: int
    arrangement: str
    """Name of the arrangement for these pairs."""
    text: bytes
    """Hash of the signed text, 32 bytes."""
    signatories: frozenset[int]
    recognitions: tuple[Recognition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Conclusion):
    """Lanes of an arrangement with their new scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAct:
    """An act of one side alone on a lane."""

    party: int
    recogniser: int
    register: int
    lane: int
    generation: int
    number: int
    """To suspend or resume: the number after the recogniser's last such act. To end: the number of the pair's last amendment."""
    deadline: int
    act: LaneActKind
    until: int = 0
    """When the lane ends; 0 if the act does not end it."""
    grounds: bytes = NO_GROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdingAct:
    """A recogniser refuses benefits to one entry, or grants them again."""

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
    """The whole new record; its recording time is 0."""
    document: bytes
    """Salted commitment to the certificate document, 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A batch of status events of one register. All are accepted, or none."""

    register: int
    issuer: int
    former: int
    capacity: Capacity
    deadline: int
    events: tuple[StatusEvent, ...]
    details: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasBinding:
    """Binds one trader to an alias, or clears the binding."""

    recogniser: int
    serial: int
    deadline: int
    alias_hash: bytes
    binding: int
    certificate_type: int
    entry: bytes
    """32 zero bytes clear the binding."""
    grounds: bytes = NO_GROUNDS
