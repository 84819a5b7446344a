"""What GoQuorum's operators must know of a change of validators, walked through on four live nodes.

Which nodes can be restarted, what becomes of one that cannot, how a halted network is brought back: as `network doctor` says it.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.network.diagnosis import diagnose
from aeo_ledger.network.doctor import SNAPSHOT_BLOCKS, examine
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.govern import resolve
from aeo_ledger.primitives import rlp
from aeo_ledger.signing import Signer, create_key_file, open_key_file
from support.engines import CODES, ENGINES, PASSWORD, Node, Nodes, validators
from support.long_node import follow_empty
from support.running import Running

QUORUM = [param for param in ENGINES if param.values == (Engine.QUORUM,)]
IMPORTED = SNAPSHOT_BLOCKS - 150
"""So many idle blocks are made beforehand: the change comes shortly before a snapshot."""


def _write_idle_blocks(genesis: Header, genesis_hash: bytes, sealers: Sequence[Signer], path: Path) -> None:
    """Write sealed, empty blocks as one file for the engine."""
    header = replace(follow_empty(genesis), coinbase=sealers[0].address, parent_hash=genesis_hash)
    with path.open("wb") as file:
        for place in range(IMPORTED):
            header = follow_empty(header) if place else header
            seals = tuple(sealer.seal(header.seal_digest()) for sealer in sealers)
            file.write(rlp.encode([rlp.decode(replace(header, seals=seals).encode()), [], []]))


@pytest.fixture(params=QUORUM, scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Four nodes that have sealed almost as many blocks as GoQuorum needs to store its set of validators."""
    home = tmp_path_factory.mktemp("change")
    network = home / "network"
    found_network(
        network, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=int(time.time()) - 2 * SNAPSHOT_BLOCKS,
        randomness=secrets.token_bytes, work_factor=2, engine=request.param,
    )  # fmt: skip
    trust = read_trust(network / "trust.json")
    sealers = [open_key_file(network / "parties" / code / "node.json", PASSWORD) for code in CODES]
    with validators(network, request.param, PASSWORD, home / "nodes", CODES) as nodes:
        first = nodes.all["BY"]
        first.start(mine=False)
        genesis = decode_header(encode_header(first.ask("eth_getBlockByNumber", "0x0", False)))
        first.stop()
        _write_idle_blocks(genesis, trust.genesis_hash, sealers, home / "blocks.rlp")
        for node in nodes.all.values():
            node.import_blocks(home / "blocks.rlp")
            node.start()
        nodes.await_head(IMPORTED + 2)
        yield Running(network, nodes, trust)


def _findings(running: Running) -> dict[str, str]:
    urls = [node.url for node in running.nodes.all.values() if node.process is not None]
    return {one.name: one.advice for one in diagnose(examine(urls, [("trust.json", running.trust)]))}


def _restart(node: Node) -> None:
    node.stop()
    node.start()


def _refetch(node: Node) -> None:
    """Empty a node's data folder, and let it fetch everything again."""
    node.stop()
    peers = (node.home / "data" / "static-nodes.json").read_bytes()
    shutil.rmtree(node.home / "data")
    (node.home / "data").mkdir()
    (node.home / "data" / "static-nodes.json").write_bytes(peers)
    node.prepare()
    node.start()


def _stays_behind(nodes: Nodes, node: Node) -> bool:
    """Say whether a node does not follow the others over some blocks."""
    head = nodes.head()
    others = {code: one for code, one in nodes.all.items() if one is not node}
    Nodes(nodes.engine, others).await_head(head + 6)
    return int(node.ask("eth_blockNumber"), 16) <= head


def test_a_change_of_validators_is_borne_by_who_does_what_the_doctor_says(running: Running, tmp_path: Path) -> None:
    nodes = running.nodes
    assert not {"restart-halts", "restart-refetches"} & _findings(running).keys()

    # The new node has followed; neither it nor the one that it replaces runs when the seats resolve.
    fresh = create_key_file(tmp_path / "fresh.json", PASSWORD, randomness=secrets.token_bytes, work_factor=2)
    nodes.join("BY again", tmp_path / "fresh", tmp_path / "fresh.json", PASSWORD)
    worn = open_key_file(running.key("BY", "node"), PASSWORD)
    nodes.all.pop("BY").stop()
    nodes.all["BY again"].stop()
    nodes.await_head(nodes.head() + 2)
    authorities = [open_key_file(running.key(code, "authority"), PASSWORD) for code in CODES]
    resolve(
        running.office("CN"), ResolutionAct.REPLACE_VALIDATOR, [*authorities, fresh],
        party=1, key=fresh.address, detail=worn.address.rjust(32, b"\0"),
    )  # fmt: skip
    nodes.await_head(nodes.head() + 1)
    nodes.all["BY again"].start()
    nodes.await_head(nodes.head() + 5)  # the new one proposes once

    assert f"before block {SNAPSHOT_BLOCKS}" in _findings(running)["restart-halts"]
    first, second = nodes.all["CN"], nodes.all["KZ"]
    _restart(first)
    assert _stays_behind(nodes, first), "the doctor warns of nothing"
    _restart(second)
    time.sleep(6)
    halted = nodes.head()
    time.sleep(6)
    assert nodes.head() == halted < SNAPSHOT_BLOCKS, "two restarts of four do not halt the network"

    for node in (first, second):
        _refetch(node)
    nodes.await_head(SNAPSHOT_BLOCKS + 1, timeout_s=600)

    assert "restart-halts" not in _findings(running)
    assert "restart-refetches" in _findings(running)
    for node in nodes.all.values():
        _restart(node)
        nodes.await_head(nodes.head() + 2)
