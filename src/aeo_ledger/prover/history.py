"""Collect the signed history of a standing, a party, a pair or an alias from a node: every recorded act, as it was sent.

The logs tell which transactions changed a subject. Their call data are the signed acts, and their blocks' times are the times of recording.
A ledger that succeeds another continues its histories, so they begin on the oldest ledger. The receiver need not trust the
result: `verify.history` checks it against the heads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.history import Subject
from aeo_ledger.errors.prover import FoundingUnknown, HistoryUnreadable
from aeo_ledger.evidence.history import (
    AliasChain,
    PairChain,
    PartyChain,
    RecordedAct,
    RecordedEvent,
    RecordedPublication,
    SignedHistory,
    StandingChain,
)
from aeo_ledger.ledger.bindings import decode_act, decode_completion
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.ledger.topics import STATUS_CHANGED, read_place, topics_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.tables import Contract, Table, alias_key, contract_of, pair_key, word_slot
from aeo_ledger.protocol.typed_data import Value, struct_hash


@dataclass(slots=True)
class _Source:
    """A ledger whose acts are collected, up to a block."""

    ledger: Ledger
    until: int
    times: dict[int, int] = field(default_factory=dict)

    def logs(self, contract: Contract, topics: Sequence[bytes | None]) -> Iterator[tuple[_Source, Log]]:
        """Fetch logs, each with this source."""
        return ((self, log) for log in self.ledger.all_logs(contract, topics, until=self.until))

    def time(self, block: int) -> int:
        """Fetch a block's time, UTC seconds, once."""
        if block not in self.times:
            self.times[block] = self.ledger.time_of(block)
        return self.times[block]

    def read(self, log: Log) -> SignedAct:
        """Read the act in the transaction of a log."""
        called, data = self.ledger.call_data(log.transaction)
        for contract in Contract:
            if called == self.ledger.address(contract):
                act = decode_act(contract, data)
                if act is None and contract is Contract.GOVERNANCE:
                    return self._completion(log, data)
                if act is not None:
                    return act
        raise HistoryUnreadable(transaction=log.transaction)

    def _completion(self, log: Log, data: bytes) -> SignedAct:
        """Read the completion of a replacement. The new key is in the log of the word that it wrote."""
        number = decode_completion(data)
        if number is None:
            raise HistoryUnreadable(transaction=log.transaction)
        written = self.ledger.logs(Contract.CONSORTIUM, topics_of(Table.KEY), since=log.block, until=log.block)
        _, key = next(read_place(entry) for entry in written if entry.transaction == log.transaction)
        return SignedAct(name=COMPLETION, values={"party": number, "key": key.to_bytes(20, "big")})


class HistoryCollector:
    """Collects histories as of one block; an act that several histories share is fetched and stored once."""

    def __init__(self, ledger: Ledger, block: int) -> None:
        self._sources = [_Source(old, old.head()) for old in ledger.predecessors] + [_Source(ledger, block)]
        self._places: dict[str, int] = {}
        self._published: list[SignedAct] = []
        self._publications: list[RecordedPublication] = []
        self._acts: list[RecordedAct] = []
        self._standings: dict[bytes, StandingChain] = {}
        self._parties: dict[int, PartyChain] = {}
        self._pairs: dict[tuple[int, int], PairChain] = {}
        self._aliases: dict[tuple[int, bytes], AliasChain] = {}

    def history(self) -> SignedHistory:
        """Return what was collected so far."""
        return SignedHistory(
            publications=tuple(self._publications),
            acts=tuple(self._acts),
            standings=tuple(self._standings.values()),
            parties=tuple(self._parties.values()),
            pairs=tuple(self._pairs.values()),
            aliases=tuple(self._aliases.values()),
        )

    def add(self, subject: Subject) -> None:
        """Collect the history of a subject; raises as `add_standing` does."""
        if isinstance(subject, bytes):
            self.add_standing(subject)
        elif isinstance(subject, int):
            self.add_party(subject)
        elif isinstance(subject[1], bytes):
            self.add_alias(subject[0], subject[1])
        else:
            self.add_pair(subject[0], subject[1])

    def add_standing(self, entry: bytes) -> None:
        """Collect every event of a standing, by its entry of 32 bytes.

        Raises:
            HistoryUnreadable: the act in a transaction that changed it cannot be read.
            Unavailable: the node does not answer.
        """
        events: list[RecordedEvent] = []
        for source, log in self._logs(Contract.REGISTERS, [STATUS_CHANGED, entry]):
            place = self._publication(source, log)
            values: dict[str, Any] = dict(self._published[place].values)
            positions = [at for at, event in enumerate(values["events"]) if event["entry"] == entry]
            position = positions[sum(event.publication == place for event in events)]
            event = values["events"][position]
            events.append(
                RecordedEvent(publication=place, position=position, record=event["record"], document=event["document"])
            )
        self._standings[entry] = StandingChain(entry=entry, events=tuple(events))

    def add_party(self, number: int) -> None:
        """Collect every act on a party, with its founding, or on the network (number 0).

        Raises:
            FoundingUnknown: the party is in the genesis, and its first authority key is not known here.
            HistoryUnreadable, Unavailable: see `add_standing`.
        """
        acts = self._founding(number) + self._touching(Table.PARTY_HEAD, number)
        self._parties[number] = PartyChain(party=number, acts=tuple(acts))

    def add_pair(self, recogniser: int, register: int) -> None:
        """Collect every act on a pair; raises as `add_standing` does."""
        acts = self._touching(Table.PAIR_HEAD, pair_key(recogniser, register))
        self._pairs[recogniser, register] = PairChain(recogniser=recogniser, register=register, acts=tuple(acts))

    def add_alias(self, recogniser: int, alias_hash: bytes) -> None:
        """Collect every act on an alias of a recogniser, by its hash of 32 bytes; raises as `add_standing` does."""
        acts = self._touching(Table.ALIAS_HEAD, alias_key(recogniser, alias_hash))
        chain = AliasChain(recogniser=recogniser, alias_hash=alias_hash, acts=tuple(acts))
        self._aliases[recogniser, alias_hash] = chain

    def _logs(self, contract: Contract, topics: Sequence[bytes | None]) -> Iterator[tuple[_Source, Log]]:
        return (found for source in self._sources for found in source.logs(contract, topics))

    def _touching(self, table: Table, key: int) -> list[int]:
        logs = self._logs(contract_of(table), topics_of(table, key))
        return list(dict.fromkeys(self._act(*log) for log in logs))  # an act that names a pair twice has two logs

    def _publication(self, source: _Source, log: Log) -> int:
        if log.transaction not in self._places:
            act = source.read(log)
            if act.name != "Publication":
                raise HistoryUnreadable(transaction=log.transaction)
            values: dict[str, Any] = dict(act.values)
            hashes = tuple(struct_hash("StatusEvent", event) for event in values["events"])
            self._places[log.transaction] = len(self._publications)
            self._published.append(act)
            self._publications.append(
                RecordedPublication(
                    **{name: values[name] for name in ("register", "issuer", "former", "capacity", "deadline")},
                    events=hashes,
                    details=keccak256(values["details"]),
                    signatures=act.signatures,
                    recorded_at=source.time(log.block),
                )
            )
        return self._places[log.transaction]

    def _act(self, source: _Source, log: Log) -> int:
        if log.transaction not in self._places:
            self._places[log.transaction] = self._keep(source.read(log), source.time(log.block))
        return self._places[log.transaction]

    def _keep(self, act: SignedAct, time: int) -> int:
        recorded = RecordedAct(name=act.name, values=act.values, signatures=act.signatures, recorded_at=time)
        self._acts.append(recorded)
        return len(self._acts) - 1

    def _founding(self, number: int) -> list[int]:
        """Read the founding of a party in the genesis; empty for a party that was admitted later, and for the network."""
        oldest = self._sources[0]
        word = 0 if number == NETWORK else _first_word(oldest.ledger, number)
        if word == 0:
            return []
        if number not in oldest.ledger.founders:
            raise FoundingUnknown(party=number)
        values: dict[str, Value] = {"party": number, "word": word, "authority": oldest.ledger.founders[number]}
        return [self._keep(SignedAct(name="Founding", values=values), oldest.time(0))]


def _first_word(ledger: Ledger, number: int) -> int:
    """Read the word of a party in the genesis, which is known here, or to the node."""
    if ledger.beginning.words:
        return ledger.beginning.words.get((Table.PARTY, number), 0)
    return ledger.word(Contract.CONSORTIUM, word_slot(Table.PARTY, number), 0)
