"""Four real validators as one ledger: asked together, failed over, and their blocks executed again by the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.errors.rpc import NodeUnreachable
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.layout import Engine
from aeo_ledger.network.reach import reach_network
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.signing import Password, open_key_file
from aeo_ledger.verify import TrustBundle
from support.engines import CODES, ENGINES, PASSWORD, Nodes, started
from support.network import CN_BY


@dataclass(frozen=True, kw_only=True)
class LiveNetwork:
    folder: Path
    nodes: Nodes
    trust: TrustBundle

    @property
    def urls(self) -> list[str]:
        return [self.nodes.all[code].url for code in CODES]

    @contextmanager
    def provider(self) -> Iterator[NodesProvider]:
        chain = ChainIdentity(chain_id=self.trust.chain_id, genesis_hash=self.trust.genesis_hash)
        with NodesProvider(self.urls, chain=chain, survey_every_s=None) as nodes:
            yield nodes


@pytest.fixture(params=ENGINES, scope="module")
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNetwork]:
    engine: Engine = request.param
    with started(engine, tmp_path_factory.mktemp(f"several-{engine}")) as (folder, nodes):
        yield LiveNetwork(folder=folder, nodes=nodes, trust=read_trust(folder / "trust.json"))


def test_nodes_that_store_different_seals_are_one_ledger(network: LiveNetwork) -> None:
    with network.provider() as nodes:
        assert nodes.faults() == {}
    headers = {Ledger(one, {}).header(2) for one in _each(network)}
    assert len({decode_header(header).hash() for header in headers}) == 1


def _each(network: LiveNetwork) -> Iterator[NodesProvider]:
    for url in network.urls:
        with NodesProvider([url], survey_every_s=None) as node:
            yield node


def test_an_act_is_relayed_and_proven_though_the_first_node_stops(network: LiveNetwork) -> None:
    home = network.folder / "parties/BY"
    relay = open_key_file(home / "relay.json", Password((home / "relay.password").read_text()))
    authorities = [open_key_file(network.folder / f"parties/{code}/authority.json", PASSWORD) for code in ("CN", "BY")]
    with reach_network(network.urls, network.trust, relay) as running:
        office = ProvenDesk(running.relay, network.trust, approve=without_asking)
        act = draft(CN_BY, office)
        network.nodes.all["BY"].stop()
        done = conclude(act, authorities, office, keep=lambda _: None).done
        assert done is not None
        assert done.sealed is not None
        with network.provider() as nodes:
            assert {type(fault) for fault in nodes.faults().values()} == {NodeUnreachable}
            contract, address = next(iter(contracts_of(network.trust).items()))
            assert Ledger(nodes, {contract: address}).prove(contract, [0, 1], done.sealed.block).account_nodes
    network.nodes.all["BY"].start()
    network.nodes.await_head(done.sealed.block)


def test_the_audit_executes_a_live_networks_blocks_again(network: LiveNetwork) -> None:
    arguments = ["audit", "--rpc", ",".join(network.urls), "--genesis", str(network.folder / "genesis.json")]
    found = CliRunner().invoke(app, [*arguments, "--trust", str(network.folder / "trust.json"), "--json"])
    report = json.loads(found.stdout)
    assert (found.exit_code, report["wrong"]) == (0, None)
    assert report["acts"] == {"Conclusion": 1}
    assert report["seals"] >= 3 * (report["blocks"] - 1)
