"""Who must sign an act: one row for each message. What is missing, whose key is wrong and what a rehearsal assumes follow from it.

An act has sides. A side is a party with the role of its keys, several parties that must all sign, or a share of the seats. Some acts
also need the new key that they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from aeo_ledger.customs.autonomy import COSIGNED as COSIGNED_BY_PARTY
from aeo_ledger.customs.governance import COSIGNED as COSIGNED_BY_SEATS
from aeo_ledger.customs.governance import ON_VALIDATORS, quorum
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import Capacity, KeyRole, PartyActKind, PartyState, ReplacementActKind
from aeo_ledger.office.footing import numbers_in, slots_of_parties
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.protocol.act_file import Lack
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Slot, Table, slot_of


class Share(Enum):
    """How many parties of a side must sign."""

    ALL = auto()
    TWO_THIRDS = auto()
    """Two thirds of the seats, rounded up; suspended seats count and cannot sign."""
    THIRD = auto()
    """A third of the seats that may sign, rounded up, without the party concerned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of an act: whose keys must sign."""

    role: KeyRole
    parties: tuple[int, ...] = ()
    """Numbers of the parties; empty for the seats."""
    share: Share = Share.ALL
    without: int = 0
    """Number of a party whose seat may not sign."""
    alone: bool = False
    """Whether exactly one key signs, however many the party's threshold says."""
    instead: Side | None = None
    """A side that may sign in place of this one."""

    @property
    def of_seats(self) -> bool:
        """Tell whether this side is a share of the seats."""
        return not self.parties

    def admits(self, key: Key, party: Party, time: int) -> bool:
        """Tell whether a key of a party may sign for this side at a time, UTC seconds."""
        if key.role is not self.role or key.party == self.without:
            return False
        return may_vote(party, time) if self.of_seats else key.party in self.parties

    def keys_of(self, party: Party) -> int:
        """Say how many keys of a party must sign."""
        if self.alone:
            return 1
        return party.threshold if self.role is KeyRole.OPERATOR else party.authority_threshold


def may_vote(party: Party, time: int) -> bool:
    """Tell whether a party has a seat that may vote at a time, UTC seconds."""
    return party.seat and party.state_at(time) is PartyState.ACTIVE


def list_sides(act: SignedAct) -> tuple[Side, ...]:
    """List the sides of an act."""
    return _SIDES[act.name](act.values)


def find_cosigner(act: SignedAct) -> bytes:
    """Find the new key that must sign an act too, 20 bytes; empty if there is none."""
    values: Any = act.values
    cosigned = {"PartyAct": COSIGNED_BY_PARTY, "Resolution": COSIGNED_BY_SEATS}.get(act.name, frozenset())
    return values["key"] if values.get("act") in cosigned else b""


def _authority(*parties: int, **more: Any) -> Side:
    return Side(role=KeyRole.AUTHORITY, parties=parties, **more)


def _operators(party: int, **more: Any) -> Side:
    return Side(role=KeyRole.OPERATOR, parties=(party,), **more)


def _party_act(values: Mapping[str, Any]) -> tuple[Side, ...]:
    union = [values["detail"]] if values["act"] == PartyActKind.JOIN_UNION else []
    return (_authority(values["party"], *union),)


def _replacement_act(values: Mapping[str, Any]) -> tuple[Side, ...]:
    if values["act"] == ReplacementActKind.OBJECT:
        return (_authority(values["party"], alone=True),)
    return (_authority(share=Share.THIRD, without=values["party"]),)


def _publication(values: Mapping[str, Any]) -> tuple[Side, ...]:
    own, union = _operators(values["issuer"]), _authority(values["register"])
    return {
        Capacity.AUTHORITY: (_authority(values["issuer"]),),
        Capacity.UNION: (union,),
        Capacity.TRANSFER: (own, _operators(values["former"], instead=union)),
    }.get(values["capacity"], (own,))


def _seats(_: Mapping[str, Any]) -> tuple[Side, ...]:
    return (_authority(share=Share.TWO_THIRDS),)


def _signatories(values: Mapping[str, Any]) -> tuple[Side, ...]:
    return (_authority(*numbers_in(values["signatories"])),)


_SIDES: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[Side, ...]]]] = {
    "Publication": _publication,
    "Withholding": lambda values: (_operators(values["recogniser"]),),
    "AliasBinding": lambda values: (_operators(values["recogniser"]),),
    "Envelope": lambda values: (_operators(values["register"]),),
    "Freeze": lambda values: (_operators(values["party"], alone=True),),
    "LaneAct": lambda values: (_authority(values["party"]),),
    "Conclusion": _signatories,
    "Amendment": _signatories,
    "PartyAct": _party_act,
    "ReplacementAct": _replacement_act,
    "Resolution": _seats,
    "Succession": _seats,
}
"""The sides of each kind of signed message."""


def slots_of_sides(act: SignedAct, desk: ProvenDesk) -> list[Slot]:
    """List the words that say who must sign, and the validators if the act changes them.

    How many parties and validators there are is proven first: no act names them.
    """
    sides = list_sides(act)
    numbers = {number for side in sides for one in (side, side.instead) if one for number in one.parties}
    if not any(side.of_seats for side in sides):
        return slots_of_parties(sorted(numbers))
    counts = desk.facts([slot_of(Table.GOVERNANCE, 0), slot_of(Table.VALIDATOR, 0)])
    slots = slots_of_parties(range(1, GOVERNANCE["parties"].of(counts.word(Table.GOVERNANCE, 0)) + 1))
    if act.name == "Resolution" and act.values["act"] in ON_VALIDATORS:
        seated = counts.word(Table.VALIDATOR, 0)
        slots += [slot_of(Table.VALIDATOR, place) for place in range(seated + 1)]
    return slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Who has signed an act, and who is missing."""

    lacks: tuple[Lack, ...]
    """What is missing, side by side; empty if the act is complete."""
    half: frozenset[int]
    """Numbers of the seats of which some keys signed, but too few. The ledger refuses their signatures as surplus."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of the parties that have yet to sign, and the address of a new key that has yet to sign."""
        return tuple(dict.fromkeys(who for lack in self.lacks for who in lack.of))


def take_poll(act: SignedAct, signers: Iterable[bytes], facts: Facts, *, time: int) -> Poll:
    """Count who has signed.

    Args:
        act: What they signed.
        signers: Their addresses, 20 bytes each; none of a wrong key (see `find_wrong_key`).
        facts: The words of `slots_of_sides(act, desk)`, and of the signers' keys.
        time: UTC seconds.
    """
    known, lacks, half = list(signers), list[Lack](), set[int]()
    for side in choose_sides(act, known, facts):
        parties = find_parties(side, facts, time=time)
        counted = Counter(key.party for signer in known if (key := facts.key(signer)) and key.role is side.role)
        lacking = {n: party for n, party in parties.items() if counted[n] < side.keys_of(party)}
        enough = _enough(side, facts, len(parties), time=time)
        still = enough - (len(parties) - len(lacking))
        if still > 0:
            codes = tuple(party.code for party in lacking.values())
            lacks.append(Lack(enough=still, of=codes, role=side.role.name.lower()))
        if side.of_seats:
            half |= {number for number in lacking if counted[number]}
    cosigner = find_cosigner(act)
    if cosigner and cosigner not in known:
        lacks.append(Lack(enough=1, of=(f"0x{cosigner.hex()}",), role="new key"))
    return Poll(lacks=tuple(lacks), half=frozenset(half))


def choose_sides(act: SignedAct, signers: Iterable[bytes], facts: Facts) -> list[Side]:
    """List the sides that sign: a side that may sign in place of another does so once one of its keys has signed."""
    keys = [key for signer in signers if (key := facts.key(signer)) is not None]

    def signs(side: Side) -> bool:
        return any(key.role is side.role and key.party in side.parties for key in keys)

    return [side.instead if side.instead and signs(side.instead) else side for side in list_sides(act)]


def find_parties(side: Side, facts: Facts, *, time: int) -> dict[int, Party]:
    """Find the parties of a side that may sign, by number."""
    numbers = side.parties or range(1, GOVERNANCE["parties"].of(facts.word(Table.GOVERNANCE, 0)) + 1)
    found = {number: party for number in numbers if (party := facts.party(number)) is not None}
    if not side.of_seats:
        return found
    return {number: party for number, party in found.items() if number != side.without and may_vote(party, time)}


def _enough(side: Side, facts: Facts, able: int, *, time: int) -> int:
    """Say how many parties of a side must sign, of so many that are able to."""
    if side.share is Share.ALL:
        return able
    if side.share is Share.THIRD:
        return max(1, -(-able // 3))
    every = range(1, GOVERNANCE["parties"].of(facts.word(Table.GOVERNANCE, 0)) + 1)
    parties = (facts.party(number) for number in every)
    return max(
        1, quorum(sum(p is not None and p.seat and p.state_at(time) is not PartyState.EXPELLED for p in parties))
    )
