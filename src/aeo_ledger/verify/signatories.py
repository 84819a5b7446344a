"""Who signed a recorded act, and whether they were entitled to sign when it was recorded.

An address serves one party in one role for ever, and its word on the ledger says from when to when. A completed replacement ends
an *epoch* of its party's keys at once, except nodes. So today's words prove whether a signer counted for a party at a time.
These rules are checked for every act:

- signatures: each has a low s and recovers for the chain and contract that recorded the act; signers ascend, so none counts twice;
- publications: operators of the issuer. For `RESTORE`: the issuer's authority. For a restriction in the capacity of a union: the
  authority of the register's party. For a `TRANSFER`: operators of the new issuer, with operators of the old one or the authority
  of the register's party;
- acts of a party: its authority, and the new key or the union's authority where the act needs them. Acts of a union on a member:
  the union's authority. Envelopes: operators. A freeze: exactly one operator;
- resolutions and successions: authorities, and the new key where the act needs it. Objecting to a replacement: exactly one key of
  the party's authority. Stopping it: authorities of other parties;
- conclusions and amendments: exactly the authorities of the parties that they name. Acts on a lane: the authority of the acting
  party. Withholdings and bindings of aliases: the recogniser's operators;
- number of keys: as many of each authority and of operators as the threshold said at that time, if the party's history is
  available; otherwise at least one. With that history two more rules hold: a vote comes from a party with a seat that is not
  suspended, and a union restricts beyond `SUSPEND` only a party that is gone.

A standing's head covers its events and their times, but not the publications that held them. Signatures cover these. So keys that
were entitled at that time can sign another publication with the same event. It says the same.

The rest is left to the chain's execution, for which two thirds of its validators vouch: that two thirds (or a third) of the seats
voted; which unions may sign for a register; and every rule above about parties whose history is not available.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from aeo_ledger.customs.autonomy import COSIGNED as PARTY_COSIGNED
from aeo_ledger.customs.governance import COSIGNED as RESOLUTION_COSIGNED
from aeo_ledger.customs.history import PartyHistory
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.status_events import BY_CAPACITY, RESTRICTING, SUSPENDING
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    KeyRole,
    LaneActKind,
    PartyActKind,
    PartyState,
    ReplacementActKind,
    name_number,
)
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.errors.verify import EventOfAnother, EventUndersigned, SignerNotEntitled, UnreadableEventSignature
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import digest_of_hash, struct_hash_of_parts
from aeo_ledger.verify.trust import TrustBundle

_PUBLISHED: Final = ("register", "issuer", "former", "capacity", "deadline")


def hash_publication(publication: RecordedPublication) -> bytes:
    """Compute a publication's struct hash, 32 bytes, from its events' hashes."""
    hashed = {"events": keccak256(b"".join(publication.events)), "details": publication.details}
    return struct_hash_of_parts("Publication", {name: getattr(publication, name) for name in _PUBLISHED}, hashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of an act in a history, for errors."""

    subject: str
    event: int
    """Number of the act, from 1."""
    recorded_at: int
    """UTC seconds."""


class Signatories:
    """Judges who signed recorded acts, from the keys' words on the ledger.

    Args:
        view: The words of the ledger. Keys and the ends of epochs are read.
        trust: Pins the chains and contracts that signatures are made for.
        parties: Histories of parties, for their words at that time. They are proven together with the acts.
    """

    def __init__(self, view: WordView, trust: TrustBundle, parties: Mapping[int, PartyHistory]) -> None:
        self._view, self._trust, self._parties = view, trust, parties
        self._recovered: dict[tuple[object, ...], tuple[bytes, ...]] = {}

    def judge_publication(self, publication: RecordedPublication, kind: EventKind | int, at: Place) -> None:
        """Judge who signed a publication that holds an event of this kind.

        Raises:
            UnreadableEventSignature, SignerNotEntitled, EventUndersigned: The signatures are not those that the act needs.
            EventOfAnother: The capacity of the publication does not allow an event of this kind.
        """
        capacity, issuer, former, register = (
            publication.capacity,
            publication.issuer,
            publication.former,
            publication.register,
        )
        kinds = BY_CAPACITY.get(capacity, frozenset())
        if capacity == Capacity.UNION:
            kinds = self._open_to_union(issuer, register, at.recorded_at)
        if kind not in kinds or (former != 0) != (capacity == Capacity.TRANSFER) or former == issuer:
            what = f"{name_number(kind, EventKind)} signed in capacity {capacity}, former {former}"
            raise EventOfAnother(subject=at.subject, event=at.event, what=what)
        signers = self._recover(hash_publication(publication), Contract.REGISTERS, publication.signatures, at)
        if capacity == Capacity.OPERATORS:
            signers.demand_operators(issuer)
        elif capacity == Capacity.TRANSFER:
            signers.demand_transfer(issuer, former, register)
        else:
            signers.demand_authorities([issuer if capacity == Capacity.AUTHORITY else register])
        signers.demand_ascending()

    def judge_act(self, act: RecordedAct, message: bytes, at: Place) -> None:
        """Judge who signed an act on a party, a pair, an alias or the network. Its struct hash has 32 bytes.

        Raises:
            UnreadableEventSignature, SignerNotEntitled, EventUndersigned: The signatures are not those that the act needs.
            EventOfAnother: The party may not act on this lane.
        """
        if act.name not in CONTRACT_OF:
            if act.signatures:
                raise UnreadableEventSignature(
                    subject=at.subject, event=at.event, reason=f"a {act.name} is signed, which nobody does"
                )
            return
        signers = self._recover(message, CONTRACT_OF[act.name], act.signatures, at)
        _JUDGES[act.name](signers, act.values)
        signers.demand_ascending()

    def serves(self, address: bytes, role: KeyRole, time: int) -> int:
        """Find the party that an address served in a role at a time; 0 if none. The first and last second count."""
        key = self._view.key(address)
        if key is None or key.role is not role or not 0 < key.added_at <= time:
            return 0
        if key.retired_at != 0 and time > key.retired_at:
            return 0
        ended = 0 if role is KeyRole.NODE else self._view.epoch_end(key.party, key.epoch)
        return key.party if ended == 0 or time <= ended else 0

    def operators_needed(self, party: int, time: int) -> int:
        """Find how many operators of a party had to sign at a time: the fewest of that second; 1 if no history is available."""
        return min((was.threshold for was in self.during(party, time)), default=1)

    def authority_needed(self, party: int, time: int) -> int:
        """Find how many keys of a party's authority had to sign at a time, in the same way."""
        return min((was.authority_threshold for was in self.during(party, time)), default=1)

    def during(self, party: int, time: int) -> tuple[Party, ...]:
        """List the states of a party during a second; empty if its history is not available."""
        history = self._parties.get(party)
        return () if history is None else history.during(time)

    def _open_to_union(self, issuer: int, register: int, time: int) -> frozenset[EventKind]:
        """List the kinds of event that a union's authority may publish for a member, or for one that is known to be gone."""
        if issuer == register:
            return frozenset()
        known = self.during(issuer, time)
        gone = any(was.state is PartyState.EXPELLED or not was.belongs_to(register, time) for was in known)
        return RESTRICTING if gone or not known else SUSPENDING

    def _recover(self, message: bytes, contract: Contract, signatures: tuple[Signature, ...], at: Place) -> _Signers:
        """Recover who signed. The result is shared by all histories that hold the act."""
        domain = self._trust.domain_at(contract, at.recorded_at)
        place = (message, signatures, domain)
        if place not in self._recovered:
            signed = digest_of_hash(message, chain_id=domain[0], contract=domain[1])
            try:
                signers = tuple(signature.recover_signer(signed) for signature in signatures)
            except MalformedSignature as error:
                raise UnreadableEventSignature(subject=at.subject, event=at.event, reason=str(error)) from error
            self._recovered[place] = signers
        return _Signers(self, at, self._recovered[place])


class _Signers:
    """The signers of one act. Each rule removes the signers that it entitles. Whoever remains signed without a right."""

    def __init__(self, judge: Signatories, at: Place, signers: Iterable[bytes]) -> None:
        self._judge, self._at, self._all = judge, at, tuple(signers)
        self._left = list(self._all)

    def take(self, party: int, role: KeyRole) -> int:
        """Remove the signers that served a party in a role, and count them."""
        before = len(self._left)
        self._left = [s for s in self._left if self._judge.serves(s, role, self._at.recorded_at) != party]
        return before - len(self._left)

    def demand(self, found: int, needed: int, whose: str) -> None:
        """Demand enough signatures. If another signer took their place, name it."""
        if found < needed:
            self.demand_nobody_left(whose)
            raise EventUndersigned(
                subject=self._at.subject, event=self._at.event, found=found, needed=needed, whose=whose
            )

    def demand_nobody_left(self, needed: str) -> None:
        """Demand that every signer was entitled."""
        for signer in self._left:
            self._refuse(signer, needed)

    def demand_ascending(self) -> None:
        """Demand the contracts' order, so that no signer counts twice. In an altered act a wrong signer is named first."""
        if any(later <= earlier for earlier, later in pairwise(self._all)):
            self._refuse_signatures("signers are not in ascending order, or one signed twice")

    def demand_alone(self) -> None:
        """Demand exactly one signer."""
        if len(self._all) > 1:
            self._refuse_signatures(f"{len(self._all)} signatures, needed one alone")

    def demand_operators(self, party: int) -> None:
        """Demand operators of a party, as many as its threshold says, and no other signer."""
        whose = f"an operator of party {party}"
        found = self.take(party, KeyRole.OPERATOR)
        self.demand_nobody_left(whose)
        self.demand(found, self._judge.operators_needed(party, self._at.recorded_at), whose)

    def demand_one(self, party: int, role: KeyRole) -> None:
        """Demand one key of a party in a role, whatever its threshold, and no other signer."""
        whose = f"an operator of party {party}" if role is KeyRole.OPERATOR else f"the authority of party {party}"
        self.demand(self.take(party, role), 1, whose)
        self.demand_nobody_left(whose)
        self.demand_alone()

    def demand_authorities(self, parties: Iterable[int]) -> None:
        """Demand the authority of each of these parties, and no other signer."""
        whose = ""
        for party in parties:
            whose = f"the authority of party {party}"
            needed = self._judge.authority_needed(party, self._at.recorded_at)
            self.demand(self.take(party, KeyRole.AUTHORITY), needed, whose)
        self.demand_nobody_left(whose)

    def demand_votes(self, but: int = 0) -> None:
        """Demand the authorities of one or more parties except one; each must have a seat, as far as is known."""
        time, votes = self._at.recorded_at, Counter[int]()
        for signer in self._left:
            party = self._judge.serves(signer, KeyRole.AUTHORITY, time)
            known = self._judge.during(party, time)
            seated = not known or any(was.seat and was.state_at(time) is PartyState.ACTIVE for was in known)
            if party in {0, but} or not seated:
                self._refuse(signer, "the authority of a party that votes")
            votes[party] += 1
        self._left = []
        self.demand(len(votes), 1, "the authority of a party")
        for party, found in votes.items():
            self.demand(found, self._judge.authority_needed(party, time), f"the authority of party {party}")

    def demand_key(self, key: bytes) -> None:
        """Demand that a new key also signed."""
        if key not in self._left:
            self.demand(0, 1, "the new key")
        self._left.remove(key)

    def demand_transfer(self, issuer: int, former: int, register: int) -> None:
        """Demand operators of the new issuer, and operators of the old one or the authority of the register's party."""
        time = self._at.recorded_at
        own, by_union = self.take(issuer, KeyRole.OPERATOR), self.take(register, KeyRole.AUTHORITY)
        other = 0 if by_union else self.take(former, KeyRole.OPERATOR)
        self.demand_nobody_left(f"an operator of party {issuer} or {former}")
        self.demand(own, self._judge.operators_needed(issuer, time), f"operators of party {issuer}")
        if by_union:
            self.demand(by_union, self._judge.authority_needed(register, time), f"the authority of party {register}")
        else:
            self.demand(other, self._judge.operators_needed(former, time), f"operators of party {former}")

    def demand_right(self, has: bool, what: str) -> None:  # noqa: FBT001  the flag is the condition
        """Demand that the acting party may act here."""
        if not has:
            raise EventOfAnother(subject=self._at.subject, event=self._at.event, what=what)

    def _refuse(self, signer: bytes, needed: str) -> None:
        at = self._at
        raise SignerNotEntitled(
            subject=at.subject, event=at.event, signer=signer, needed=needed, recorded_at=at.recorded_at
        )

    def _refuse_signatures(self, reason: str) -> None:
        raise UnreadableEventSignature(subject=self._at.subject, event=self._at.event, reason=reason)


def _judge_resolution(signers: _Signers, values: Mapping[str, Any]) -> None:
    if values["act"] in RESOLUTION_COSIGNED:
        signers.demand_key(values["key"])
    signers.demand_votes()


def _judge_party_act(signers: _Signers, values: Mapping[str, Any]) -> None:
    if values["act"] in PARTY_COSIGNED:
        signers.demand_key(values["key"])
    joined = [values["detail"]] if values["act"] == PartyActKind.JOIN_UNION else []
    signers.demand_authorities([values["party"], *joined])


def _judge_replacement_act(signers: _Signers, values: Mapping[str, Any]) -> None:
    if values["act"] == ReplacementActKind.STOP:
        signers.demand_votes(but=values["party"])
    else:
        signers.demand_one(values["party"], KeyRole.AUTHORITY)


def _judge_arrangement(signers: _Signers, values: Mapping[str, Any]) -> None:
    signers.demand_authorities([party for party in range(256) if values["signatories"] >> party & 1])


def _judge_lane_act(signers: _Signers, values: Mapping[str, Any]) -> None:
    alone = values["act"] == LaneActKind.END or values["party"] == values["recogniser"]
    signers.demand_right(alone, f"party {values['party']} does what only the recogniser may do")
    signers.demand_authorities([values["party"]])


_JUDGES: Final[dict[str, Callable[[_Signers, Mapping[str, Any]], None]]] = {
    "Resolution": _judge_resolution,
    "Succession": lambda signers, _: signers.demand_votes(),
    "PartyAct": _judge_party_act,
    "ReplacementAct": _judge_replacement_act,
    "Freeze": lambda signers, values: signers.demand_one(values["party"], KeyRole.OPERATOR),
    "Envelope": lambda signers, values: signers.demand_operators(values["register"]),
    "Conclusion": _judge_arrangement,
    "Amendment": _judge_arrangement,
    "LaneAct": _judge_lane_act,
    "Withholding": lambda signers, values: signers.demand_operators(values["recogniser"]),
    "AliasBinding": lambda signers, values: signers.demand_operators(values["recogniser"]),
}
"""Who has to sign each act that is recorded of a party, a pair, an alias or the network."""
