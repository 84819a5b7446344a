"""Who signed a recorded act, and whether it was theirs to sign when it was recorded.

An address serves one party in one role for ever, and its word in the ledger says from when to when: so whether a signer
was an operator or the authority of a party at some time is proven by one word of today. Checked for every act:

- each signature has a low s and recovers over this chain and contract; signers ascend, so none counts twice;
- publications: operators of the issuer; for `RESTORE` its authority; for a restriction by authority that of the
  register's party, a union whose issuer is gone; for a `TRANSFER` operators of the new issuer, with operators of the old
  one or the authority of the register's party;
- acts of a party: its authority, and the new key or the union's authority where the act needs them; envelopes: operators;
- resolutions: authorities, and the new key where the act needs it; conclusions and amendments: exactly the authorities of
  the parties that they name; acts on a lane: the authority of the party that acts; withholdings: the recogniser's operators;
- as many operators as the party's threshold said then, where the party's history is at hand; else at least one.

A standing's head covers its events and their times, not the publications around them: those are covered by their
signatures. So keys that were entitled then can sign another publication around the same event; it says the same.

Left to the chain's execution, which two thirds of its validators vouch for: seats and their two thirds, whether an issuer
was gone, which unions might sign for a register, deadlines, and the thresholds of parties without a history here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from aeo_ledger.customs.history import PartyHistory
from aeo_ledger.customs.publication import BY_OPERATORS
from aeo_ledger.customs.vocabulary import (
    RESTRICTING,
    Capacity,
    EventKind,
    KeyRole,
    LaneActKind,
    PartyActKind,
    ResolutionAct,
)
from aeo_ledger.errors import (
    EventOfAnother,
    EventUndersigned,
    MalformedSignature,
    SignerNotEntitled,
    UnreadableEventSignature,
)
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import digest_of_hash, struct_hash_of_parts
from aeo_ledger.verify.trust import TrustBundle

_RESOLUTION_COSIGNED: Final = {ResolutionAct.ADMIT, ResolutionAct.REPLACE_AUTHORITY, ResolutionAct.SEAT_VALIDATOR}
_PARTY_COSIGNED: Final = {PartyActKind.ROTATE_AUTHORITY, PartyActKind.ADD_OPERATOR}
_PUBLISHED: Final = ("register", "issuer", "former", "capacity", "deadline")
_BY_CAPACITY: Final[Mapping[int, frozenset[EventKind]]] = {
    Capacity.OPERATORS: BY_OPERATORS,
    Capacity.AUTHORITY: RESTRICTING | {EventKind.RESTORE},
    Capacity.TRANSFER: frozenset({EventKind.TRANSFER}),
}


def hash_publication(publication: RecordedPublication) -> bytes:
    """Derive a publication's struct hash, 32 bytes, from its events' hashes."""
    hashed = {"events": keccak256(b"".join(publication.events)), "details": publication.details}
    return struct_hash_of_parts("Publication", {name: getattr(publication, name) for name in _PUBLISHED}, hashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an act stands: what an error names."""

    subject: str
    event: int
    """From 1."""
    recorded_at: int
    """UTC seconds."""


class Signatories:
    """Judges who signed recorded acts, by the keys' words in the ledger.

    Args:
        view: The words; the keys' are read.
        trust: Pins chain and contracts, over which signatures are.
        parties: Proven histories of parties, for their thresholds; more may come while it judges.
    """

    def __init__(self, view: WordView, trust: TrustBundle, parties: Mapping[int, PartyHistory]) -> None:
        self._view, self._trust, self._parties = view, trust, parties
        self._recovered: dict[tuple[bytes, tuple[Signature, ...]], tuple[bytes, ...]] = {}

    def judge_publication(self, publication: RecordedPublication, kind: EventKind, at: Place) -> None:
        """Judge who signed a publication with an event of a kind.

        Raises:
            UnreadableEventSignature, SignerNotEntitled, EventUndersigned: The signatures do not make the act.
            EventOfAnother: An event of this kind is not open to the capacity in which it is signed.
        """
        capacity, issuer, former = publication.capacity, publication.issuer, publication.former
        kinds = _BY_CAPACITY.get(capacity, frozenset())
        if issuer == publication.register:
            kinds -= RESTRICTING if capacity == Capacity.AUTHORITY else frozenset()
        if kind not in kinds or (former != 0) != (capacity == Capacity.TRANSFER):
            raise EventOfAnother(
                subject=at.subject, event=at.event, what=f"{kind.name} signed in capacity {capacity}, former {former}"
            )
        bench = self._seat(hash_publication(publication), Contract.REGISTERS, publication.signatures, at)
        if capacity == Capacity.OPERATORS:
            bench.demand_operators(issuer)
        elif capacity == Capacity.AUTHORITY:
            bench.demand_authorities([issuer if kind is EventKind.RESTORE else publication.register])
        else:
            bench.demand_transfer(issuer, former, publication.register)
        bench.demand_ascending()

    def judge_act(self, act: RecordedAct, message: bytes, at: Place) -> None:
        """Judge who signed an act on a party or a pair (struct hash of 32 bytes).

        Raises:
            UnreadableEventSignature, SignerNotEntitled, EventUndersigned: The signatures do not make the act.
            EventOfAnother: The party that acts on a lane has no say in it.
        """
        values: Mapping[str, Any] = act.values
        if act.name not in CONTRACT_OF:
            if act.signatures:
                raise UnreadableEventSignature(
                    subject=at.subject, event=at.event, reason=f"a {act.name} is signed, which nobody does"
                )
            return
        bench = self._seat(message, CONTRACT_OF[act.name], act.signatures, at)
        if act.name == "Resolution":
            if values["act"] in _RESOLUTION_COSIGNED:
                bench.demand_key(values["key"])
            bench.demand_any_authorities()
        elif act.name == "PartyAct":
            _judge_party_act(bench, values)
        elif act.name in {"Conclusion", "Amendment"}:
            bench.demand_authorities([party for party in range(256) if values["signatories"] >> party & 1])
        elif act.name == "LaneAct":
            if values["act"] != LaneActKind.END and values["party"] != values["recogniser"]:
                what = f"party {values['party']} does what the recogniser alone may"
                raise EventOfAnother(subject=at.subject, event=at.event, what=what)
            bench.demand_authorities([values["party"]])
        else:
            bench.demand_operators(values["recogniser" if act.name == "Withholding" else "register"])
        bench.demand_ascending()

    def serves(self, address: bytes, role: KeyRole, time: int) -> int:
        """Find the party that an address served in a role at a time; 0 if none. Its first and last second count."""
        key = self._view.key(address)
        if key is None or key.role is not role or not 0 < key.added_at <= time:
            return 0
        return key.party if key.retired_at == 0 or time <= key.retired_at else 0

    def threshold(self, party: int, time: int) -> int:
        """Tell how many operators of a party had to sign at a time; 1 where its history is not at hand."""
        history = self._parties.get(party)
        return 1 if history is None else history.threshold(time)

    def _seat(self, message: bytes, contract: Contract, signatures: tuple[Signature, ...], at: Place) -> _Bench:
        return _Bench(self, at, self._recover(message, contract, signatures, at))

    def _recover(
        self, message: bytes, contract: Contract, signatures: tuple[Signature, ...], at: Place
    ) -> tuple[bytes, ...]:
        """Recover who signed, once for all histories that share an act."""
        if (message, signatures) not in self._recovered:
            address = self._trust.registers if contract is Contract.REGISTERS else self._trust.consortium
            signed = digest_of_hash(message, chain_id=self._trust.chain_id, contract=address)
            try:
                signers = tuple(signature.recover_signer(signed) for signature in signatures)
            except MalformedSignature as error:
                raise UnreadableEventSignature(subject=at.subject, event=at.event, reason=str(error)) from error
            self._recovered[message, signatures] = signers
        return self._recovered[message, signatures]


class _Bench:
    """The signers of one act, who leave as they are found entitled."""

    def __init__(self, judge: Signatories, at: Place, signers: Iterable[bytes]) -> None:
        self._judge, self._at, self._all = judge, at, tuple(signers)
        self._left = list(self._all)

    def take(self, party: int, role: KeyRole) -> int:
        """Take those who served a party in a role, and count them."""
        before = len(self._left)
        self._left = [s for s in self._left if self._judge.serves(s, role, self._at.recorded_at) != party]
        return before - len(self._left)

    def demand(self, found: int, needed: int, whose: str) -> None:
        """Demand enough signatures; if somebody else signed in their place, name whom."""
        if found < needed:
            self.demand_nobody_left(whose)
            raise EventUndersigned(
                subject=self._at.subject, event=self._at.event, found=found, needed=needed, whose=whose
            )

    def demand_nobody_left(self, needed: str) -> None:
        """Demand that everybody was found entitled."""
        for signer in self._left:
            raise SignerNotEntitled(
                subject=self._at.subject,
                event=self._at.event,
                signer=signer,
                needed=needed,
                recorded_at=self._at.recorded_at,
            )

    def demand_ascending(self) -> None:
        """Demand the contracts' order, so that none counted twice; of altered acts the signers were named before."""
        if any(later <= earlier for earlier, later in pairwise(self._all)):
            reason = "signers are not in ascending order, or one signed twice"
            raise UnreadableEventSignature(subject=self._at.subject, event=self._at.event, reason=reason)

    def demand_operators(self, party: int) -> None:
        """Demand operators of a party, as many as its threshold said, and nobody else."""
        whose = f"an operator of party {party}"
        found = self.take(party, KeyRole.OPERATOR)
        self.demand_nobody_left(whose)
        self.demand(found, self._judge.threshold(party, self._at.recorded_at), whose)

    def demand_authorities(self, parties: Iterable[int]) -> None:
        """Demand the authority of each of these parties, and nobody else."""
        whose = ""
        for party in parties:
            whose = f"the authority of party {party}"
            self.demand(self.take(party, KeyRole.AUTHORITY), 1, whose)
        self.demand_nobody_left(whose)

    def demand_any_authorities(self) -> None:
        """Demand authorities, of whatever parties, and at least one."""
        whose, before = "the authority of a party", len(self._left)
        at = self._at.recorded_at
        self._left = [signer for signer in self._left if not self._judge.serves(signer, KeyRole.AUTHORITY, at)]
        self.demand_nobody_left(whose)
        self.demand(before, 1, whose)

    def demand_key(self, key: bytes) -> None:
        """Demand that a new key co-signed."""
        if key not in self._left:
            self.demand(0, 1, "the new key")
        self._left.remove(key)

    def demand_transfer(self, issuer: int, former: int, register: int) -> None:
        """Demand operators of the new issuer, and operators of the old one or the authority of the register's party."""
        time = self._at.recorded_at
        own, other = self.take(issuer, KeyRole.OPERATOR), self.take(former, KeyRole.OPERATOR)
        by_union = self.take(register, KeyRole.AUTHORITY)
        self.demand_nobody_left(f"an operator of party {issuer} or {former}")
        self.demand(own, self._judge.threshold(issuer, time), f"operators of party {issuer}")
        if not by_union:
            self.demand(other, self._judge.threshold(former, time), f"operators of party {former}")


def _judge_party_act(bench: _Bench, values: Mapping[str, Any]) -> None:
    party, union = values["party"], values["detail"]
    if values["act"] in _PARTY_COSIGNED:
        bench.demand_key(values["key"])
    if values["act"] == PartyActKind.JOIN_UNION:
        bench.demand_authorities([party, union])
    elif values["act"] == PartyActKind.LEAVE_UNION:
        found = bench.take(party, KeyRole.AUTHORITY) or bench.take(union, KeyRole.AUTHORITY)
        whose = f"the authority of party {party} or {union}"
        bench.demand(found, 1, whose)
        bench.demand_nobody_left(whose)
    else:
        bench.demand_authorities([party])
