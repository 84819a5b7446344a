"""A world of real contracts that remembers what was done in it, and writes it down as signed history.

Nothing here is the project's collector: acts are kept as they are submitted, and heads are the contracts' own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aeo_ledger.customs import acts
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import PartyActKind
from aeo_ledger.evidence.history import (
    PairChain,
    PartyChain,
    RecordedAct,
    RecordedEvent,
    RecordedPublication,
    SignedHistory,
    StandingChain,
)
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import encode_party
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.history import verify_history
from support.act_messages import Act, name_of, write
from support.evm import ADDRESSES, CHAIN_ID
from support.sealed_world import trust
from support.world import World, authority_of, found


@dataclass
class Scribe(World):
    """A world whose every act that was accepted can be told again."""

    publications: list[tuple[acts.Publication, RecordedPublication]] = field(default_factory=list)
    recorded: list[tuple[Any, RecordedAct]] = field(default_factory=list)

    def submit(self, act: Act, signatures: Iterable[Signature]) -> Refusal | None:
        signatures = tuple(signatures)
        refused = super().submit(act, signatures)
        if refused is None:
            self._keep(act, signatures)
        return refused

    def complete_replacement(self, party: int) -> Refusal | None:
        key = self.consortium.replacements[party].key
        refused = super().complete_replacement(party)
        if refused is None:
            self._record(party, "Completion", {"party": party, "key": key}, ())
        return refused

    def _keep(self, act: Act, signatures: tuple[Signature, ...]) -> None:
        values = write(act)
        if not isinstance(act, acts.Publication):
            self._record(act, name_of(act), values, signatures)
            return
        publication = RecordedPublication(
            register=act.register,
            issuer=act.issuer,
            former=act.former,
            capacity=int(act.capacity),
            deadline=act.deadline,
            events=tuple(struct_hash("StatusEvent", event) for event in values["events"]),
            details=keccak256(act.details),
            signatures=signatures,
            recorded_at=self.now,
        )
        self.publications.append((act, publication))

    def _record(self, act: object, name: str, values: dict[str, Any], signatures: tuple[Signature, ...]) -> None:
        recorded = RecordedAct(name=name, values=values, signatures=signatures, recorded_at=self.now)
        self.recorded.append((act, recorded))

    @property
    def view(self) -> WordView:
        return WordView(lambda contract, slot: self.evm.storage[contract].get(slot, 0))

    def standing(self, *entries: bytes) -> SignedHistory:
        """Tell standings' histories."""
        pool: dict[int, int] = {}
        chains = []
        for entry in entries:
            events = []
            for at, (act, _) in enumerate(self.publications):
                for position, event in enumerate(act.events):
                    if event.entry == entry:
                        place = pool.setdefault(at, len(pool))
                        record: Any = write(event)["record"]
                        events.append(
                            RecordedEvent(publication=place, position=position, record=record, document=event.document)
                        )
            chains.append(StandingChain(entry=entry, events=tuple(events)))
        return SignedHistory(publications=tuple(self.publications[at][1] for at in pool), standings=tuple(chains))

    def party(self, number: int) -> SignedHistory:
        """Tell a party's history, or (party 0) the network's."""
        own = [recorded for act, recorded in self.recorded if number in _parties_of(act)]
        pool = (*self._founding(number), *own)
        return SignedHistory(acts=pool, parties=(PartyChain(party=number, acts=tuple(range(len(pool)))),))

    def pair(self, recogniser: int, register: int) -> SignedHistory:
        """Tell a pair's history."""
        pool = tuple(recorded for act, recorded in self.recorded if (recogniser, register) in _pairs_of(act))
        chain = PairChain(recogniser=recogniser, register=register, acts=tuple(range(len(pool))))
        return SignedHistory(acts=pool, pairs=(chain,))

    def _founding(self, number: int) -> list[RecordedAct]:
        founder = self.founders.get(number)
        if founder is None:
            return []
        party, authority = founder
        values = {"party": number, "word": encode_party(party), "authority": authority}
        return [RecordedAct(name="Founding", values=values, signatures=(), recorded_at=self.founded_at)]

    def verify(self, history: SignedHistory, **altered: Any) -> HistoryTable:
        return verify_history(history, self.view, pin(**altered))

    founders: dict[int, Any] = field(default_factory=dict)
    founded_at: int = 0


def pin(**altered: Any) -> TrustBundle:
    """Pin the contracts' chain and addresses; the rest is of another network."""
    return trust(
        **{"chain_id": CHAIN_ID, **{contract.value: address for contract, address in ADDRESSES.items()}, **altered}
    )


def scribe() -> Scribe:
    """Found a world that remembers."""
    world = found()
    founders = {n: (p, authority_of(world.consortium, n)) for n, p in world.consortium.parties.items()}
    return Scribe(world.evm, world.consortium, founders=founders, founded_at=world.now)


def join(*histories: SignedHistory) -> SignedHistory:
    """Lay histories of acts together over one pool."""
    publications: list[RecordedPublication] = []
    pool: list[RecordedAct] = []
    standings, parties, pairs = [], [], []
    for history in histories:
        at, by = len(pool), len(publications)
        pool += history.acts
        publications += history.publications
        parties += [PartyChain(party=c.party, acts=tuple(at + i for i in c.acts)) for c in history.parties]
        pairs += [
            PairChain(recogniser=c.recogniser, register=c.register, acts=tuple(at + i for i in c.acts))
            for c in history.pairs
        ]
        standings += [
            StandingChain(
                entry=c.entry,
                events=tuple(
                    RecordedEvent(
                        publication=by + e.publication, position=e.position, record=e.record, document=e.document
                    )
                    for e in c.events
                ),
            )
            for c in history.standings
        ]
    return SignedHistory(
        publications=tuple(publications),
        acts=tuple(pool),
        standings=tuple(standings),
        parties=tuple(parties),
        pairs=tuple(pairs),
    )


def _parties_of(act: object) -> set[int]:
    if isinstance(act, int):  # a completion
        return {act}
    if isinstance(act, acts.PartyAct) and act.act in {PartyActKind.EJECT_MEMBER, PartyActKind.REVOKE_EJECTION}:
        return {act.party, act.detail}  # the member's number
    if isinstance(act, acts.Resolution | acts.PartyAct | acts.ReplacementAct | acts.Freeze):
        return {act.party}
    if isinstance(act, acts.Envelope):
        return {act.register}
    return {0} if isinstance(act, acts.Succession) else set()


def _pairs_of(act: object) -> set[tuple[int, int]]:
    if isinstance(act, acts.Conclusion):
        return {(named.recogniser, named.register) for named in act.recognitions}
    if isinstance(act, acts.LaneAct):
        return {(act.recogniser, act.register)}
    if isinstance(act, acts.WithholdingAct):
        return {(act.recogniser, register_of(act.entry))}
    return set()
