"""Collect signed history from a node: every recorded act of a standing, a party or a pair, as it was sent.

The logs say which transactions touched a subject, their call data are the signed acts, and their blocks' times are when
they were recorded. Whoever is given it need not believe any of that: `verify.history` checks it against the heads.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from aeo_ledger.errors import HistoryUnreadable
from aeo_ledger.evidence.history import (
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
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.tables import Contract, Table, pair_key, word_slot
from aeo_ledger.protocol.typed_data import Value, struct_hash

Subject: TypeAlias = bytes | int | tuple[int, int]
"""Whose history: a standing by its entry of 32 bytes, a party by its number, a pair (recogniser, register)."""

_WRITTEN: Final = keccak256(b"Written(uint256,uint256,uint256)")
_STATUS_CHANGED: Final = keccak256(b"StatusChanged(bytes32,uint256,bytes32)")


class HistoryCollector:
    """Collects histories as of one block; acts that several share are fetched and kept once."""

    def __init__(self, ledger: Ledger, block: int) -> None:
        self._ledger, self._block = ledger, block
        self._times: dict[int, int] = {}
        self._places: dict[str, int] = {}
        self._published: list[SignedAct] = []
        self._publications: list[RecordedPublication] = []
        self._acts: list[RecordedAct] = []
        self._standings: dict[bytes, StandingChain] = {}
        self._parties: dict[int, PartyChain] = {}
        self._pairs: dict[tuple[int, int], PairChain] = {}

    def history(self) -> SignedHistory:
        """Give what was collected so far."""
        return SignedHistory(
            publications=tuple(self._publications),
            acts=tuple(self._acts),
            standings=tuple(self._standings.values()),
            parties=tuple(self._parties.values()),
            pairs=tuple(self._pairs.values()),
        )

    def add(self, subject: Subject) -> None:
        """Collect the history of a subject; raises as `add_standing` does."""
        if isinstance(subject, bytes):
            self.add_standing(subject)
        elif isinstance(subject, int):
            self.add_party(subject)
        else:
            self.add_pair(*subject)

    def add_standing(self, entry: bytes) -> None:
        """Collect every event of a standing, by its entry of 32 bytes.

        Raises:
            HistoryUnreadable: a transaction that touched it carries no act that can be read.
            Unavailable: the node does not answer.
        """
        events: list[RecordedEvent] = []
        for log in self._ledger.logs(Contract.REGISTERS, [_STATUS_CHANGED, entry], until=self._block):
            place = self._publication(log)
            values: dict[str, Any] = dict(self._published[place].values)
            positions = [at for at, event in enumerate(values["events"]) if event["entry"] == entry]
            position = positions[sum(event.publication == place for event in events)]
            event = values["events"][position]
            events.append(
                RecordedEvent(publication=place, position=position, record=event["record"], document=event["document"])
            )
        self._standings[entry] = StandingChain(entry=entry, events=tuple(events))

    def add_party(self, number: int) -> None:
        """Collect every act that concerns a party, its founding included; raises as `add_standing` does."""
        acts = self._founding(number) + self._touching(Table.PARTY_HEAD, number)
        self._parties[number] = PartyChain(party=number, acts=tuple(acts))

    def add_pair(self, recogniser: int, register: int) -> None:
        """Collect every act on a pair; raises as `add_standing` does."""
        acts = self._touching(Table.PAIR_HEAD, pair_key(recogniser, register))
        self._pairs[recogniser, register] = PairChain(recogniser=recogniser, register=register, acts=tuple(acts))

    def _touching(self, table: Table, key: int) -> list[int]:
        topics = [_WRITTEN, int(table).to_bytes(32, "big"), key.to_bytes(32, "big")]
        logs = self._ledger.logs(Contract.CONSORTIUM, topics, until=self._block)
        return list(dict.fromkeys(self._act(log) for log in logs))  # an act that names a pair twice touches it twice

    def _publication(self, log: Log) -> int:
        if log.transaction not in self._places:
            act = self._read(Contract.REGISTERS, log)
            if act is None or act.name != "Publication":
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
                    recorded_at=self._time(log.block),
                )
            )
        return self._places[log.transaction]

    def _act(self, log: Log) -> int:
        if log.transaction not in self._places:
            act = self._read(Contract.CONSORTIUM, log) or self._completion(log)
            self._places[log.transaction] = self._keep(act, self._time(log.block))
        return self._places[log.transaction]

    def _keep(self, act: SignedAct, time: int) -> int:
        recorded = RecordedAct(name=act.name, values=act.values, signatures=act.signatures, recorded_at=time)
        self._acts.append(recorded)
        return len(self._acts) - 1

    def _read(self, contract: Contract, log: Log) -> SignedAct | None:
        called, data = self._ledger.call_data(log.transaction)
        if called != self._ledger.address(contract):
            raise HistoryUnreadable(transaction=log.transaction)
        return decode_act(contract, data)

    def _completion(self, log: Log) -> SignedAct:
        """Read a completed replacement; the key that it put in place is in the word that it wrote and logged."""
        number = decode_completion(self._ledger.call_data(log.transaction)[1])
        if number is None:
            raise HistoryUnreadable(transaction=log.transaction)
        topics = [_WRITTEN, int(Table.AUTHORITY).to_bytes(32, "big"), number.to_bytes(32, "big")]
        written = self._ledger.logs(Contract.CONSORTIUM, topics, since=log.block, until=log.block)
        key = next(entry.data[-20:] for entry in written if entry.transaction == log.transaction)
        return SignedAct(name=COMPLETION, values={"party": number, "key": key})

    def _founding(self, number: int) -> list[int]:
        """Read how a party of the genesis began; empty for one that was admitted."""
        word, key = (
            self._ledger.word(Contract.CONSORTIUM, word_slot(table, number), 0)
            for table in (Table.PARTY, Table.AUTHORITY)
        )
        if word == 0:
            return []
        values: dict[str, Value] = {"party": number, "word": word, "authority": key.to_bytes(20, "big")}
        return [self._keep(SignedAct(name="Founding", values=values), self._time(0))]

    def _time(self, block: int) -> int:
        if block not in self._times:
            self._times[block] = self._ledger.time_of(block)
        return self._times[block]
