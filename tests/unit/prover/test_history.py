"""The collector reads from logs and call data what was done, compared with a simulated world that recorded its acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.vocabulary import EventKind, LaneActKind, PartyActKind, ResolutionAct
from aeo_ledger.errors.prover import FoundingUnknown, HistoryUnreadable
from aeo_ledger.errors.verify import HistoryIncomplete
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.inventory import NOTHING
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.history import HistoryCollector
from support.drafts import (
    ENTRY,
    VOTERS,
    change,
    conclusion,
    entry_of,
    freeze,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    succession,
)
from support.evm import ADDRESSES, Outcome
from support.scribe import Scribe, scribe
from support.world import DAY, FIRST, FOURTH, SECOND, THIRD, UNION, authority, key, operator

OTHER = entry_of(FIRST, 0, 2)


@dataclass
class Node(Ledger):
    """A node over the simulated world's EVM: each accepted call is a transaction in its own block."""

    world: Scribe
    first: int = 0
    """The number before its first transaction's block."""
    last: int | None = None
    """Its newest block, if another node continued after it."""
    calls: list[tuple[bytes, bytes, int]] = field(default_factory=list)
    emitted: list[tuple[Contract, Log]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.genesis = MappingProxyType({c: dict(words) for c, words in self.world.evm.storage.items()})
        self.predecessors, self.beginning = (), NOTHING
        self.founders = {number: authority for number, (_, authority) in self.world.founders.items()}
        self.carry_out, self.world.evm.call = self.world.evm.call, self.seal  # type: ignore[method-assign, assignment]

    def seal(self, contract: Contract, data: bytes) -> Outcome:
        outcome = self.carry_out(contract, data)
        if not outcome.reverted:
            self.calls.append((ADDRESSES[contract], data, self.world.now))
            for log in outcome.logs:
                topics = tuple(topic.to_bytes(32, "big") for topic in log.topics)
                block = len(self.calls)
                told = Log(block=block, index=0, transaction=hex(self.first + block), topics=topics, data=log.data)
                self.emitted.append((log.contract, told))
        return outcome

    def address(self, contract: Contract) -> bytes:
        return ADDRESSES[contract]

    def head(self) -> int:
        return len(self.calls) if self.last is None else self.last

    def time_of(self, block: int) -> int:
        return self.calls[block - 1][2] if block else self.world.founded_at

    def word(self, contract: Contract, slot: int, block: int) -> int:
        assert block == 0
        return self.genesis[contract].get(slot, 0)

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        return self.calls[int(transaction, 16) - self.first - 1][:2]

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        return [
            log
            for emitter, log in self.emitted
            if emitter is contract and since <= log.block <= until and log.topics[: len(topics)] == tuple(topics)
        ]

    def all_logs(self, contract: Contract, topics: Sequence[bytes | None], *, until: int) -> list[Log]:
        return self.logs(contract, topics, until=until)


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
    named = (recognition(world, SECOND, FIRST), recognition(world, SECOND, FIRST, lane=1, amendment=2))
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


def test_acts_for_either_contract_are_read_and_an_ejection_is_of_union_and_member(node: Node) -> None:
    world = node.world
    sealed = acts.Envelope(register=FIRST, serial=1, deadline=world.soon, recipient=SECOND, epoch=0, sealed=b"keys")
    world.do(sealed, operator(FIRST))
    world.do(freeze(world, FIRST), operator(FIRST))
    world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=FOURTH), authority(UNION))
    world.do(succession(world), *VOTERS[:2], authority(FOURTH))
    for party in (FIRST, UNION, FOURTH, 0):
        collector = HistoryCollector(node, node.head())
        collector.add(party)
        assert collector.history() == world.party(party)
        world.verify(collector.history())
    assert [act.name for act in world.party(0).acts] == ["Succession"]


def test_a_founder_s_history_needs_to_know_with_which_key_it_began(node: Node) -> None:
    del node.founders[FIRST]
    collector = HistoryCollector(node, node.head())
    collector.add_party(SECOND)
    collector.add_standing(ENTRY)
    with pytest.raises(FoundingUnknown) as refusal:
        collector.add_party(FIRST)
    assert refusal.value.party == FIRST


def test_a_history_that_began_on_a_predecessor_is_collected_from_both(node: Node) -> None:
    """The words are carried over to another chain, whose logs begin after the seam."""
    world, node.last = node.world, node.head()
    old = Predecessor(
        chain_id=world.evm.chain_id,
        **{contract.value: address for contract, address in ADDRESSES.items()},
        number=node.last,
        header=bytes(32),
        time=world.now,
    )
    world.evm.chain_id += 1
    world.consortium = replace(world.consortium, chain_id=world.evm.chain_id)
    successor = Node(world, first=node.last)
    successor.predecessors, successor.founders = (node,), {}
    world.wait(1)
    world.do(publication(world, change(world, EventKind.SUSPEND)), operator(FIRST))
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, (SECOND, FIRST)), authority(SECOND))
    world.do(freeze(world, FIRST), operator(FIRST))
    collector = HistoryCollector(successor, successor.head())
    for subject in (ENTRY, FIRST, (SECOND, FIRST)):
        collector.add(subject)
    history = collector.history()
    assert [len(chain.events) for chain in history.standings] == [4]
    world.verify(history, chain_id=world.evm.chain_id, predecessors=(old,))
    alone = Node(world)
    assert alone.founders.keys() == node.founders.keys()
    lacking = HistoryCollector(alone, 0)
    lacking.add(ENTRY)
    with pytest.raises(HistoryIncomplete):
        world.verify(lacking.history(), chain_id=world.evm.chain_id, predecessors=(old,))


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
    """The call went to another contract or another function."""
    for block, subject in ((2, ENTRY), (3, (SECOND, FIRST))):
        contract, data, time = node.calls[block - 1]
        node.calls[block - 1] = (call[0] or contract, data if call[1] is None else call[1], time)
        with pytest.raises(HistoryUnreadable) as refusal:
            HistoryCollector(node, len(node.calls)).add(subject)
        assert refusal.value.transaction == hex(block)
