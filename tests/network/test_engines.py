"""The main job on four real validators: Besu and GoQuorum, each where its environment variable names a command that starts it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.ledger import NotSealedInTime
from aeo_ledger.errors.verify import Stale
from aeo_ledger.evidence import decode_header
from aeo_ledger.network.diagnosis import Level, diagnose, list_active
from aeo_ledger.network.doctor import examine
from aeo_ledger.network.layout import Engine
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import open_key_file
from support.engines import CODES, ENGINES, PASSWORD, started
from support.network import import_rows, open_book, read_plain, register_text
from support.running import ARRANGEMENT, TRADER, Running


@pytest.fixture(params=ENGINES, scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    engine: Engine = request.param
    with started(engine, tmp_path_factory.mktemp(str(engine))) as (network, nodes):
        yield Running(network, nodes, read_trust(network / "trust.json"))


def test_block_0_is_ours(running: Running) -> None:
    for node in running.nodes.all.values():
        assert node.ask("eth_getBlockByNumber", "0x0", False)["hash"] == "0x" + running.trust.genesis_hash.hex()


def test_the_main_job(running: Running, tmp_path: Path) -> None:
    office = running.office("BY")
    signers = [open_key_file(running.key(code, "authority"), PASSWORD) for code in ("BY", "CN")]
    assert conclude(draft(ARRANGEMENT, office), signers, office, keep=lambda _: None).done is not None
    operator = open_key_file(running.key("BY", "operator"), PASSWORD)
    rows = read_plain(register_text("BY"), "BY")
    with open_book(tmp_path / "book.sqlite") as book:
        assert import_rows(office, rows, 1, [operator], book)[1].certificates == 321
    running.nodes.await_head(running.nodes.head())
    for code in CODES:  # each node stores seals of its own; the answer is the same
        proven = running.ask(code)
        assert proven.decision.recognised
        assert len(proven.sealers) >= 3
    assert not running.ask("CN", "BY325742869").decision.recognised
    entry = make_entry(1, 2, derive_open_holder(1, 2, Tin(TRADER)))
    change_status(
        office,
        entry,
        Change(kind=EventKind.SUSPEND),
        register=1,
        issuer=1,
        signers=[operator],
    )
    running.nodes.await_head(running.nodes.head())
    assert [reason.name for reason in running.ask("CN").decision.reasons] == ["SUSPENDED"]


def test_the_doctor_and_an_audit_find_nothing_wrong_and_need_eth_and_net_alone(running: Running) -> None:
    facts = examine([node.url for node in running.nodes.all.values()], [("trust.json", running.trust)])
    assert [finding.says for finding in diagnose(facts) if finding.level is Level.PROBLEM] == []
    assert all(node.namespaces <= {"eth", "net", "web3", "rpc"} for node in facts.nodes), facts.nodes
    assert facts.chain is not None
    assert list_active(facts.chain) == set(running.trust.validators.addresses)
    url = running.nodes.all["CN"].url
    options = ["--genesis", str(running.network / "genesis.json"), "--trust", str(running.network / "trust.json")]
    audited = CliRunner().invoke(app, ["audit", "--rpc", url, *options, "--json"])
    assert (audited.exit_code, json.loads(audited.stdout)["wrong"]) == (0, None)


def test_one_validator_down_is_borne_and_two_halt_the_network(running: Running) -> None:
    nodes = running.nodes
    nodes.all["EU"].stop()
    head = nodes.head()
    nodes.await_head(head + 6)  # two proposals of the absent one at least
    rounds = [decode_header(running.ledger("CN").header(number)).round for number in range(head + 1, nodes.head() + 1)]
    assert any(rounds), "no block of a later round, though a proposer was absent"
    assert [reason.name for reason in running.ask("CN").decision.reasons] == ["SUSPENDED"]

    nodes.all["KZ"].stop()
    time.sleep(3)
    halted = nodes.head()
    with pytest.raises(NotSealedInTime):
        reinstate(running, timeout_s=6)
    assert nodes.head() <= halted + 1
    later = int(time.time())
    with pytest.raises(Stale):
        running.ask("CN", now=later + 120)
    assert running.ask("CN", max_age=600).block_number == nodes.head()

    for code in ("KZ", "EU"):
        nodes.all[code].start()
    nodes.await_head(nodes.head() + 2)
    assert running.ask("CN").decision.recognised, "the publication that waited was sealed when the network came back"


def reinstate(running: Running, *, timeout_s: float) -> None:
    entry = make_entry(1, 2, derive_open_holder(1, 2, Tin(TRADER)))
    operator = open_key_file(running.key("BY", "operator"), PASSWORD)
    change_status(
        running.office("BY", timeout_s=timeout_s), entry, Change(kind=EventKind.REINSTATE), register=1, issuer=1, signers=[operator],
    )  # fmt: skip


def test_a_node_that_is_gone_is_unavailable(running: Running) -> None:
    node = running.nodes.all["KZ"]
    node.stop()
    try:
        with pytest.raises(Unavailable):
            running.ledger("KZ").head()
    finally:
        node.start()
