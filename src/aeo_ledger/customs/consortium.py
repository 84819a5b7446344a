"""The consortium as the ledger records it, and the checks that every act begins with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from aeo_ledger.customs.acts import NOBODY, Signed, Succession
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.party import Key, Office, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.primitives.hashes import keccak256

LARGEST_PARTY_COUNT: Final = 0xFF
LARGEST_LANE_COUNT: Final = 7
LARGEST_WITHHELD_COUNT: Final = 0xFFFF_FFFF
"""Where the counts of changes of parties and lanes, and of a pair's withholdings, stop."""
NO_HEAD: Final = bytes(32)
"""The head of an empty history."""
NETWORK: Final = 0
"""Number of the network as a subject of resolutions, and key of its history."""
LONGEST_DEADLINE: Final = 366 * 86_400
"""Longest time to a message's deadline, seconds."""
END_OF_TIME: Final = 1 << 32
"""UTC seconds. No word can hold this time or a later one."""
LAPSE: Final = 30 * 86_400
"""Seconds after which a ready replacement lapses."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A resolution to replace an authority. It waits until its delay has passed."""

    key: bytes
    """The new authority, 20 bytes."""
    ready_at: int
    """UTC seconds. From then on anyone may complete it."""
    suspended_until: int = 0
    """If it began while the party was suspended, the end of that suspension in UTC seconds; otherwise 0."""
    objected: bool = False

    @property
    def lapses_at(self) -> int:
        """UTC seconds. From then on it cannot be completed."""
        return self.ready_at + LAPSE

    def holds(self, time: int) -> bool:
        """Tell whether it keeps its party suspended: it began under a suspension and has not lapsed."""
        return self.suspended_until != 0 and time < self.lapses_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A node that seals blocks, and the party that runs it."""

    node: bytes
    party: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The parties whose authorities signed, and how many keys of each."""

    keys: Mapping[int, int]
    """Number of keys, by party."""

    def reaches(self, number: int, party: Party) -> bool:
        """Tell whether enough keys of a party's authority signed to reach its threshold."""
        return self.keys.get(number, 0) >= party.authority_threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Consortium:
    """All that the constitution records. Each act makes a new value that shares what it did not change."""

    parties: Mapping[int, Party]
    keys: Mapping[bytes, Key]
    validators: tuple[Validator, ...]
    minimum_validators: int
    replacement_delay: int
    """Seconds."""
    chain_id: int
    """EIP-155 chain id. A successor must have another one."""
    offices: Mapping[int, Office] = field(default_factory=dict)
    registers: Mapping[int, Register] = field(default_factory=dict)
    key_checks: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """By register and type."""
    cards: Mapping[int, int] = field(default_factory=dict)
    certificates: Mapping[int, int] = field(default_factory=dict)
    replacements: Mapping[int, Replacement] = field(default_factory=dict)
    epoch_ends: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """When an epoch of a party's keys ended, UTC seconds, by party and epoch."""
    pairs: Mapping[tuple[int, int], Pair] = field(default_factory=dict)
    lanes: Mapping[tuple[int, int, int], Lane] = field(default_factory=dict)
    texts: Mapping[tuple[int, int, int], bytes] = field(default_factory=dict)
    """Hash of the text under which a lane was concluded."""
    withholdings: Mapping[tuple[int, bytes], Withholding] = field(default_factory=dict)
    party_heads: Mapping[int, bytes] = field(default_factory=dict)
    """Heads of histories, by party. `NETWORK` is the network's."""
    pair_heads: Mapping[tuple[int, int], bytes] = field(default_factory=dict)
    network_resolutions: int = 0
    validator_resolutions: int = 0
    """Numbers of the last resolutions, on the network and on validators."""
    validators_changed_in: int = 0
    """Block number; 0 if never."""
    succession: Succession | None = None

    def office(self, number: int) -> Office:
        """Look up the counters of a party."""
        return self.offices.get(number, Office())

    def superseded(self, time: int) -> bool:
        """Tell whether the date has come from which another ledger supersedes this one."""
        return self.succession is not None and time >= self.succession.effective


def without_item(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    """Copy a mapping without one item."""
    return {other: value for other, value in mapping.items() if other != key}


def with_item(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """Copy a mapping with one item set."""
    return {**mapping, key: value}


def extend_head(head: bytes, event_hash: bytes, time: int) -> bytes:
    """Chain an event into a history: keccak256 of head, event hash and block time, 32 bytes each."""
    return keccak256(head + event_hash + time.to_bytes(32, "big"))


def extend_party_head(consortium: Consortium, number: int, event_hash: bytes, time: int) -> Consortium:
    """Chain an act into a party's history, or the network's."""
    head = extend_head(consortium.party_heads.get(number, NO_HEAD), event_hash, time)
    return replace(consortium, party_heads=with_item(consortium.party_heads, number, head))


def require_in_time(deadline: int, time: int) -> None:
    """Refuse a message after its deadline, a deadline more than a year ahead, and any message after the end of time."""
    if deadline < time:
        refuse(Refusal.TOO_LATE)
    if deadline > time + LONGEST_DEADLINE:
        refuse(Refusal.TOO_FAR)
    if time >= END_OF_TIME:
        refuse(Refusal.END_OF_TIME)


def require_party(consortium: Consortium, number: int) -> Party:
    """Find a party by its number, or refuse."""
    party = consortium.parties.get(number)
    if party is None:
        refuse(Refusal.NO_SUCH_PARTY)
    return party


def require_standing(consortium: Consortium, number: int, *, favours: bool, time: int) -> Party:
    """Find a party that may act: it is not expelled. To favour, it is also not suspended and the ledger not superseded."""
    party = require_party(consortium, number)
    state = party.state_at(time)
    if state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_EXPELLED)
    if favours and state is PartyState.SUSPENDED:
        refuse(Refusal.PARTY_SUSPENDED)
    if favours and consortium.superseded(time):
        refuse(Refusal.SUPERSEDED)
    return party


def require_operating(consortium: Consortium, number: int, *, favours: bool, time: int) -> Party:
    """Find a party whose operators may act: it may act itself and, to favour, it is not frozen."""
    party = require_standing(consortium, number, favours=favours, time=time)
    if favours and party.frozen:
        refuse(Refusal.PARTY_FROZEN)
    return party


def is_gone(consortium: Consortium, issuer: int, register: int, time: int) -> bool:
    """Tell whether an issuer is expelled, or no longer belongs to the register's union."""
    party = require_party(consortium, issuer)
    return party.state is PartyState.EXPELLED or (issuer != register and not party.belongs_to(register, time))


def serves(consortium: Consortium, address: bytes, party: int, role: KeyRole) -> bool:
    """Tell whether an address serves a party as authority key or operator now: not retired, and in the party's epoch."""
    key, known = consortium.keys.get(address), consortium.parties.get(party)
    if key is None or known is None:
        return False
    return (key.party, key.role, key.retired_at, key.epoch) == (party, role, 0, known.epoch)


def operates(consortium: Consortium, address: bytes, party: int) -> bool:
    """Tell whether an address is an operator of a party now."""
    return serves(consortium, address, party, KeyRole.OPERATOR)


def find_party_of_authority(consortium: Consortium, address: bytes) -> int:
    """Find the party that has this address as an authority key now, or refuse."""
    key = consortium.keys.get(address)
    if key is None or not serves(consortium, address, key.party, KeyRole.AUTHORITY):
        refuse(Refusal.SURPLUS_SIGNATURE)
    return key.party


def tally(consortium: Consortium, signers: Iterable[bytes]) -> Tally:
    """Count the keys that signed, by party. Refuse a signer that is not an authority key."""
    return Tally(keys=Counter(find_party_of_authority(consortium, signer) for signer in signers))


def ascending(signers: Iterable[bytes]) -> Iterator[bytes]:
    """Read the signers one by one. Refuse unless they ascend, so that nobody signs twice."""
    previous = b""
    for signer in signers:
        if signer <= previous:
            refuse(Refusal.NOT_ASCENDING)
        yield signer
        previous = signer


def list_signers(signed: Signed) -> list[bytes]:
    """Read all signers. Refuse unless they ascend."""
    return list(ascending(signed.signers))


def require_operators(consortium: Consortium, number: int, signers: list[bytes]) -> None:
    """Refuse unless the party's operators signed, as many as its threshold says, and nobody else."""
    if not all(operates(consortium, signer, number) for signer in signers):
        refuse(Refusal.SURPLUS_SIGNATURE)
    if len(signers) < require_party(consortium, number).threshold:
        refuse(Refusal.TOO_FEW_SIGNATURES)


def require_authority(consortium: Consortium, number: int, signers: list[bytes]) -> None:
    """Refuse unless the party's authority signed, with as many keys as its threshold says, and nobody else."""
    counted = tally(consortium, signers)
    if set(counted.keys) - {number}:
        refuse(Refusal.SURPLUS_SIGNATURE)
    if not counted.reaches(number, consortium.parties[number]):
        refuse(Refusal.TOO_FEW_SIGNATURES)


def without_cosigner(signers: list[bytes], cosigner: bytes | None) -> list[bytes]:
    """Remove a new key that must sign too. Refuse if it did not sign."""
    if cosigner is not None and cosigner not in signers:
        refuse(Refusal.TOO_FEW_SIGNATURES)
    return [signer for signer in signers if signer != cosigner]


def require_unused(consortium: Consortium, address: bytes) -> None:
    """Refuse an address that serves or has served, and the zero address, which signs nothing."""
    if address in consortium.keys or address == NOBODY:
        refuse(Refusal.KEY_ALREADY_USED)
