"""What the collector reads from logs and call data is what was done: compared with a world that wrote it down itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from aeo_ledger.customs.vocabulary import EventKind, ResolutionAct
from aeo_ledger.errors import HistoryUnreadable
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.office.collect_history import HistoryCollector, Subject
from aeo_ledger.protocol.tables import Contract
from support.drafts import ENTRY, VOTERS, change, conclusion, entry_of, grant, publication, recognition, resolution
from support.evm import ADDRESSES, Outcome
from support.scribe import Scribe, scribe
from support.world import DAY, FIRST, SECOND, THIRD, authority, key, operator

OTHER = entry_of(FIRST, 0, 2)


@dataclass
class Node(Ledger):
    """A node over the bare EVM of a world: each call that it accepted is a transaction in a block of its own."""

    world: Scribe
    calls: list[tuple[bytes, bytes, int]] = field(default_factory=list)
    emitted: list[tuple[Contract, Log]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.genesis = MappingProxyType({c: dict(words) for c, words in self.world.evm.storage.items()})
        self.carry_out, self.world.evm.call = self.world.evm.call, self.seal  # type: ignore[method-assign, assignment]

    def seal(self, contract: Contract, data: bytes) -> Outcome:
        outcome = self.carry_out(contract, data)
        if not outcome.reverted:
            self.calls.append((ADDRESSES[contract], data, self.world.now))
            for log in outcome.logs:
                topics = tuple(topic.to_bytes(32, "big") for topic in log.topics)
                block = len(self.calls)
                told = Log(block=block, index=0, transaction=hex(block), topics=topics, data=log.data)
                self.emitted.append((log.contract, told))
        return outcome

    def address(self, contract: Contract) -> bytes:
        return ADDRESSES[contract]

    def time_of(self, block: int) -> int:
        return self.calls[block - 1][2] if block else self.world.founded_at

    def word(self, contract: Contract, slot: int, block: int) -> int:
        assert block == 0
        return self.genesis[contract].get(slot, 0)

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        return self.calls[int(transaction, 16) - 1][:2]

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        return [
            log
            for emitter, log in self.emitted
            if emitter is contract and since <= log.block <= until and log.topics[: len(topics)] == tuple(topics)
        ]


@pytest.fixture
def node() -> Node:
    """A standing granted and suspended in one publication, a pair named twice in one act, an authority replaced."""
    world = scribe()
    node = Node(world)
    granted = grant(world)
    suspended = change(world, EventKind.SUSPEND, of=granted.record)
    world.do(publication(world, grant(world, OTHER), granted, suspended), operator(FIRST))
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.REINSTATE)), operator(FIRST))
    named = (recognition(world, SECOND, FIRST), recognition(world, SECOND, FIRST, lane=1, serial=2))
    world.do(conclusion(world, *named, recognition(world, FIRST, SECOND)), authority(FIRST), authority(SECOND))
    act = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=THIRD, key=key("new authority").address)
    world.do(act, *VOTERS, "new authority")
    world.wait(15 * DAY)
    assert world.complete_replacement(THIRD) is None
    return node


def test_what_is_collected_is_what_was_done(node: Node) -> None:
    world, block = node.world, len(node.calls)
    told: tuple[tuple[Subject, SignedHistory], ...] = (
        (ENTRY, world.standing(ENTRY)),
        (THIRD, world.party(THIRD)),
        (FIRST, world.party(FIRST)),
        ((SECOND, FIRST), world.pair(SECOND, FIRST)),
    )
    for subject, done in told:
        collector = HistoryCollector(node, block)
        collector.add(subject)
        assert collector.history() == done
    assert [act.name for act in world.party(THIRD).acts] == ["Founding", "Resolution", "Completion"]


def test_everything_together_is_proven_and_shared_acts_are_kept_once(node: Node) -> None:
    collector = HistoryCollector(node, len(node.calls))
    everything: tuple[Subject, ...] = (ENTRY, OTHER, FIRST, THIRD, (SECOND, FIRST), (FIRST, SECOND))
    for subject in everything:
        collector.add(subject)
    history = collector.history()
    assert len(history.publications) == 2
    assert [act.name for act in history.acts].count("Conclusion") == 1
    proven = node.world.verify(history)
    assert [len(proven.standings[entry].records) for entry in proven.standings] == [3, 1]
    assert len(proven.pairs[SECOND, FIRST].lanes) == 2


def test_what_was_recorded_after_the_block_is_left_out(node: Node) -> None:
    collector = HistoryCollector(node, 1)
    collector.add_standing(ENTRY)
    collector.add_pair(SECOND, FIRST)
    history = collector.history()
    assert [len(chain.events) for chain in history.standings] == [2]
    assert history.pairs[0].acts == ()


@pytest.mark.parametrize("call", [(bytes(20), None), (None, b"\0\0\0\0"), (None, b"")])
def test_an_act_that_came_another_way_cannot_be_read(node: Node, call: tuple[bytes | None, bytes | None]) -> None:
    """Through another contract, or by another function."""
    for block, subject in ((2, ENTRY), (3, (SECOND, FIRST))):
        contract, data, time = node.calls[block - 1]
        node.calls[block - 1] = (call[0] or contract, data if call[1] is None else call[1], time)
        with pytest.raises(HistoryUnreadable) as refusal:
            HistoryCollector(node, len(node.calls)).add(subject)
        assert refusal.value.transaction == hex(block)
