"""The consortium as the ledger keeps it, and who may act in it: the questions that every act asks first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from aeo_ledger.customs.acts import Signed
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.primitives.hashes import keccak256

LARGEST_COUNT: Final = 0xFFFF
"""Where counts of changes stop."""
NO_HEAD: Final = bytes(32)
"""The head of an empty history."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A resolution to replace a lost authority that waits for its delay to pass."""

    key: bytes
    """The new authority, 20 bytes."""
    ready_at: int
    """From when anyone may complete it, UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A node that seals blocks, and the party that runs it."""

    node: bytes
    party: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The ledger that supersedes this one."""

    contract: bytes
    superseded_at: int
    code_hash: bytes
    chain_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consortium:
    """All that the constitution records. An act makes a new one; what it did not touch is shared."""

    parties: Mapping[int, Party]
    authorities: Mapping[int, bytes]
    keys: Mapping[bytes, Key]
    validators: tuple[Validator, ...]
    minimum_validators: int
    replacement_delay: int
    """Seconds."""
    registers: Mapping[int, Register] = field(default_factory=dict)
    key_checks: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """By register and type."""
    disclosure_keys: Mapping[int, int] = field(default_factory=dict)
    certificates: Mapping[int, int] = field(default_factory=dict)
    replacements: Mapping[int, Replacement] = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], Pair] = field(default_factory=dict)
    lanes: Mapping[tuple[int, int, int], Lane] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """Hash of an arrangement's text, by its name."""
    withholdings: Mapping[tuple[int, bytes], Withholding] = field(default_factory=dict)
    party_heads: Mapping[int, bytes] = field(default_factory=dict)
    pair_heads: Mapping[tuple[int, int], bytes] = field(default_factory=dict)
    resolutions: int = 0
    """Number of the last one."""
    validators_changed_in: int = 0
    """Block number; 0 if never."""
    succession: Succession | None = None


def with_item(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """Copy a mapping with one item set."""
    return {**mapping, key: value}


def extend_head(head: bytes, event_hash: bytes, time: int) -> bytes:
    """Chain an event into a history: keccak256 of head, event hash and block time, 32 bytes each."""
    return keccak256(head + event_hash + time.to_bytes(32, "big"))


def require_party(consortium: Consortium, number: int) -> Party:
    """Find a party by its number, or refuse."""
    party = consortium.parties.get(number)
    if party is None:
        refuse(Refusal.NO_SUCH_PARTY)
    return party


def require_standing(consortium: Consortium, number: int, *, favours: bool, time: int) -> Party:
    """Find a party that may act: not expelled and, to favour, neither suspended nor on a superseded ledger."""
    party = require_party(consortium, number)
    state = party.state_at(time)
    if state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_EXPELLED)
    if favours and state is PartyState.SUSPENDED:
        refuse(Refusal.PARTY_SUSPENDED)
    if favours and consortium.succession:
        refuse(Refusal.SUPERSEDED)
    return party


def is_gone(consortium: Consortium, issuer: int, register: int) -> bool:
    """Say whether an issuer is expelled, or no longer of the register's union."""
    party = require_party(consortium, issuer)
    return party.state is PartyState.EXPELLED or (issuer != register and not party.belongs_to(register))


def operates(consortium: Consortium, address: bytes, party: int) -> bool:
    """Say whether an address is an operator of a party now."""
    key = consortium.keys.get(address)
    return key is not None and (key.party, key.role, key.retired_at) == (party, KeyRole.OPERATOR, 0)


def find_party_of_authority(consortium: Consortium, address: bytes) -> int:
    """Find the party whose authority an address is now; 0 if none."""
    return next((number for number, authority in consortium.authorities.items() if authority == address), 0)


def ascending(signers: Iterable[bytes]) -> Iterator[bytes]:
    """Read signers one by one, each after the one before: so nobody signs twice."""
    previous = b""
    for signer in signers:
        if signer <= previous:
            refuse(Refusal.NOT_ASCENDING)
        yield signer
        previous = signer


def list_signers(signed: Signed) -> list[bytes]:
    """Read all signers, ascending."""
    return list(ascending(signed.signers))


def require_operators(consortium: Consortium, number: int, signers: list[bytes]) -> None:
    """Refuse unless as many operators of the party signed as its threshold says, and nobody else."""
    if not all(operates(consortium, signer, number) for signer in signers):
        refuse(Refusal.SURPLUS_SIGNATURE)
    if len(signers) < require_party(consortium, number).threshold:
        refuse(Refusal.TOO_FEW_SIGNATURES)


def require_authority(consortium: Consortium, number: int, signers: list[bytes]) -> None:
    """Refuse unless the party's authority signed, alone."""
    if not signers:
        refuse(Refusal.TOO_FEW_SIGNATURES)
    if signers != [consortium.authorities.get(number)]:
        refuse(Refusal.SURPLUS_SIGNATURE)


def require_unused(consortium: Consortium, address: bytes) -> None:
    """Refuse an address that already serves, or has served."""
    if address in consortium.keys:
        refuse(Refusal.KEY_ALREADY_USED)


def count_seats(consortium: Consortium, time: int) -> tuple[int, int]:
    """Count the seats of parties not expelled, and those of them that may vote now."""
    states = [party.state_at(time) for party in consortium.parties.values() if party.seat]
    return sum(state is not PartyState.EXPELLED for state in states), states.count(PartyState.ACTIVE)


def quorum(seats: int) -> int:
    """Derive how many seats carry a resolution: two thirds, rounded up."""
    return -(-2 * seats // 3)
