"""Everything that reads logs, on a chain past 6,000 blocks, at a node that refuses more than 5,000 in one query."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, Reason, Role
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.evidence import Question
from aeo_ledger.ledger import port
from aeo_ledger.ledger.port import Ledger, log_ranges
from aeo_ledger.ledger.topics import topics_of
from aeo_ledger.network.reach import read_beginning
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.protocol.tables import Contract, Table
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.relay import Relay
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.signing import Password, Signer, open_key_store
from aeo_ledger.verify import TrustBundle, verify_recognition, verify_snapshot, verify_update
from support.long_node import MOST_BLOCKS, LongNode
from support.network import CN_BY, PASSWORD, opened
from support.rogue_node import rogue
from support.story import Story
from support.waiting import WITHIN_S

TIN = "BY600000001"
BLOCKS = 6_100


@dataclass(frozen=True, kw_only=True)
class Long:
    """A ledger that was used on one day, and then was idle for 6,100 blocks."""

    node: LongNode
    ledger: Ledger
    trust: TrustBundle
    relay: Relay
    at: dict[str, int]

    def asked(self, on: int | None) -> Question:
        return Question(tin=Tin(TIN), recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER, on=on)


@pytest.fixture(scope="module")
def used(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    folder = Path(shutil.copytree(founded, tmp_path_factory.mktemp("long") / "net"))
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        story = Story(network)
        story.change("granted", TIN, EventKind.GRANT, roles=1 << Role.EXPORTER, valid_from=1_577_836_800)
        story.change("suspended", TIN, EventKind.SUSPEND)
        story.change("reinstated", TIN, EventKind.REINSTATE)
    return folder, story.at


@contextmanager
def _served(folder: Path, at: dict[str, int]) -> Iterator[Long]:
    trust = read_trust(folder / "trust.json")
    keys = open_key_store(folder / "validators.keys", Password(PASSWORD))
    sealers = [signer for label, signer in keys.items() if label != "relay"]
    with EmbeddedLedger.open_to_read(folder / "ledger.sqlite") as embedded:
        node = LongNode(embedded.rpc.answer, sealers, blocks=BLOCKS)
        beginning = read_beginning(folder / "genesis.json", trust)
        relay = Signer.generate(secrets.token_bytes)
        chain = ChainIdentity(chain_id=trust.chain_id, genesis_hash=trust.genesis_hash)
        with (
            rogue(node.answer) as rogue_node,
            NodesProvider([rogue_node.url], chain=chain, timeout_s=WITHIN_S) as nodes,
        ):
            ledger = Ledger(nodes, contracts_of(trust), beginning=beginning)
            yield Long(node=node, ledger=ledger, trust=trust, relay=Relay(ledger, relay), at=at)


@pytest.fixture
def long(used: tuple[Path, dict[str, int]]) -> Iterator[Long]:
    with _served(*used) as served:
        yield served


def test_the_node_refuses_what_besu_refuses(long: Long) -> None:
    with pytest.raises(NodeFailed, match="exceeds maximum"):
        long.ledger._logs(Contract.CONSORTIUM, [], 0, MOST_BLOCKS)
    assert long.node.queries == [(0, MOST_BLOCKS)]


def test_ranges_cover_each_block_once_and_none_is_wider_than_a_node_takes() -> None:
    assert list(log_ranges(0, 12_000)) == [(0, 4_999), (5_000, 9_999), (10_000, 12_000)]
    assert list(log_ranges(7, 7)) == [(7, 7)]
    assert list(log_ranges(8, 7)) == []
    assert max(last - first for first, last in log_ranges(3, 99_999)) < MOST_BLOCKS


def test_a_dated_question_is_answered_and_the_next_one_reads_new_blocks_only(long: Long) -> None:
    asked = long.asked(long.at["suspended"])
    evidence = prove(asked, long.ledger, long.trust, with_history=True).evidence
    proven = verify_recognition(evidence, asked, long.trust, now=long.node.time, max_age=60)
    assert proven.decision.reasons == (Reason.SUSPENDED,)
    with pytest.raises(HistoryNeeded):
        verify_recognition(replace(evidence, history=None), asked, long.trust, now=long.node.time, max_age=60)
    assert min(first for first, _ in long.node.queries) == 0

    read = long.node.head
    long.node.queries.clear()
    long.node.lengthen(3)
    again = long.asked(long.at["granted"])
    evidence = prove(again, long.ledger, long.trust, with_history=True).evidence
    proven = verify_recognition(evidence, again, long.trust, now=long.node.time, max_age=60)
    assert proven.decision.recognised
    assert set(long.node.queries) == {(read + 1, read + 3)}, "what is final was not read again"


def test_trust_is_moved_from_block_0(long: Long) -> None:
    for _ in range(2):
        proven = verify_update(prove_update(long.ledger, 0), long.trust, now=long.node.time, max_age=60)
        assert proven.trust.checkpoint.number == long.node.head
    assert len(long.node.queries) == 2, "read once"


def test_a_snapshot_is_taken(long: Long) -> None:
    snapshot = Index(long.ledger).advance().snapshot
    assert verify_snapshot(snapshot, long.trust, now=long.node.time, max_age=60)


def test_pairs_are_listed_and_read_from_where_the_relay_stands(long: Long) -> None:
    assert {pair[0] for pair in long.relay.pairs().values()} != set()
    assert len(long.node.queries) == 2
    long.node.queries.clear()
    long.relay.pairs()
    assert long.node.queries == []
    long.node.lengthen(1)
    long.relay.pairs()
    assert long.node.queries == [(long.node.head, long.node.head)]


def test_a_reading_that_failed_goes_on_where_it_failed(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "LOG_BLOCKS", 2_000)
    asked: list[int] = []
    read = long.ledger._logs

    def fail_once(contract: Contract, topics: list[bytes], since: int, until: int) -> list[port.Log]:
        asked.append(since)
        if asked[-2:] == [2_000, 4_000]:
            raise NodeFailed(method="eth_getLogs", detail="busy")
        return read(contract, topics, since, until)

    monkeypatch.setattr(long.ledger, "_logs", fail_once)
    with pytest.raises(NodeFailed):
        long.ledger.all_logs(Contract.CONSORTIUM, topics_of(Table.PAIR), until=long.node.head)
    found = long.ledger.all_logs(Contract.CONSORTIUM, topics_of(Table.PAIR), until=long.node.head)
    assert asked == [0, 2_000, 4_000, 4_000, 6_000]
    assert len(found) == 2


def test_only_so_many_queries_are_remembered(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_REMEMBERED", 2)
    for key in (1, 2, 3, 1):
        long.ledger.all_logs(Contract.CONSORTIUM, topics_of(Table.PARTY, key), until=9)
    assert [query[1][-1][-1] for query in long.ledger._remembered if query[1][-1]] == [3, 1]
    assert len(long.node.queries) == 4


def test_an_earlier_end_is_answered_from_what_was_read(long: Long) -> None:
    topics = topics_of(Table.PAIR)
    found = long.ledger.all_logs(Contract.CONSORTIUM, topics, until=long.node.head)
    first = found[0].block
    assert long.ledger.all_logs(Contract.CONSORTIUM, topics, until=first - 1) == []
    assert long.ledger.all_logs(Contract.CONSORTIUM, topics, until=first) == found
