"""`aeo-ledger node` as others use it: libraries from npm, an unreliable connection, and the command itself."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.cli.listen import listen
from aeo_ledger.cli.main import app
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.rpc import OtherChainServed, PossiblySent
from aeo_ledger.network.reach import reach_network, read_genesis
from aeo_ledger.network.run import open_embedded
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.verify import TrustBundle
from support.network import CN_BY, PASSWORD, served
from support.npm import ETHERS, VIEM, npm_install, run_module
from support.processes import Served, started
from support.rogue_node import RogueNode, result, rogue
from support.waiting import WITHIN_S

RELAY = Signer.from_secret(b"\x52" * 32)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """An embedded ledger, its HTTP server, and a connection to it that a test may break."""

    folder: Path
    trust: TrustBundle
    ledger: EmbeddedLedger
    way: RogueNode

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self.ledger.rpc.answer(request)

    def conclude(self, *, timeout_s: float = WITHIN_S) -> Sealed:
        """Relay an arrangement over this connection."""
        with reach_network([self.way.url], self.trust, RELAY, timeout_s=timeout_s) as running:
            authorities = [
                open_key_file(self.folder / f"parties/{code}/authority.json", Password(PASSWORD))
                for code in ("CN", "BY")
            ]
            desk = ProvenDesk(running.relay, self.trust, approve=without_asking)
            done = conclude(draft(CN_BY, desk), authorities, desk, keep=lambda _: None).done
            assert done is not None
            assert done.sealed is not None
            return done.sealed

    def sent(self) -> int:
        return self.ledger.next_nonce(RELAY.address)


@pytest.fixture
def behind(founded: Path, tmp_path: Path) -> Iterator[Behind]:
    folder = shutil.copytree(founded, tmp_path / "net")
    with open_embedded(folder, Password(PASSWORD)) as (ledger, _), rogue(ledger.rpc.answer) as way:
        yield Behind(folder=folder, trust=read_trust(folder / "trust.json"), ledger=ledger, way=way)


def test_an_answer_lost_on_the_way_repeats_no_act(behind: Behind) -> None:
    def lose_the_first(request: Mapping[str, Any]) -> Any:
        answer = behind.answer(request)
        lost = request["method"] == "eth_sendRawTransaction" and behind.way.count("eth_sendRawTransaction") == 1
        return None if lost else answer

    behind.way.behave = lose_the_first
    receipt = behind.conclude()
    assert behind.sent() == 1
    found = behind.ledger.rpc.request("eth_getTransactionReceipt", [receipt.transaction])
    assert found["status"] == "0x1"


def test_a_transaction_that_a_node_forgot_is_sent_again_as_the_same_bytes(behind: Behind) -> None:
    seen: list[str] = []

    def forget_the_first(request: Mapping[str, Any]) -> Any:
        if request["method"] == "eth_sendRawTransaction":
            seen.extend(request["params"])
            if len(seen) == 1:
                return result(request, "0x" + "00" * 32)
        return behind.answer(request)

    behind.way.behave = forget_the_first
    behind.conclude()
    assert len(seen) >= 2
    assert len(set(seen)) == 1
    assert behind.sent() == 1


def test_a_node_that_is_silent_for_a_while_delays_an_act_and_does_not_lose_it(behind: Behind) -> None:
    since: list[float] = []

    def pause(request: Mapping[str, Any]) -> Any:
        answer = behind.answer(request)
        if request["method"] == "eth_sendRawTransaction":
            since.append(time.monotonic())
        return 503 if since and 0 < time.monotonic() - since[0] < 1.5 else answer

    behind.way.behave = pause
    started_at = time.monotonic()
    behind.conclude()
    assert time.monotonic() - started_at > 1.5
    assert behind.sent() == 1


def test_the_second_of_two_relays_is_refused_by_the_contract_and_not_sealed_twice(behind: Behind) -> None:
    """Two gateways relay one signed act: either may, and it counts once."""
    authorities = [
        open_key_file(behind.folder / f"parties/{code}/authority.json", Password(PASSWORD)) for code in ("CN", "BY")
    ]
    other = Signer.from_secret(b"\x53" * 32)
    with (
        reach_network([behind.way.url], behind.trust, RELAY) as one,
        reach_network([behind.way.url], behind.trust, other) as two,
    ):
        kept: list[ActFile] = []
        first, second = (ProvenDesk(way.relay, behind.trust, approve=without_asking) for way in (one, two))
        act = draft(CN_BY, first)
        conclude(act, authorities, first, keep=kept.append)
        again = replace(act)
        with pytest.raises(RefusedByLedger):
            conclude(again, authorities, second, keep=kept.append)
    assert behind.ledger.next_nonce(other.address) == 0


def test_a_node_of_another_network_is_refused_at_once(behind: Behind, founded: Path) -> None:
    other = replace(behind.trust, genesis_hash=b"\1" * 32)
    with pytest.raises(OtherChainServed), reach_network([behind.way.url], other, RELAY):
        pass


def test_what_was_possibly_sent_says_what_to_do() -> None:
    doubt = PossiblySent(transaction="0x12", endpoint="http://127.0.0.1:8545", detail="ReadTimeout")
    assert "send the same bytes again" in str(doubt)


def test_the_genesis_file_gives_each_contracts_storage(behind: Behind, tmp_path: Path) -> None:
    storage = read_genesis(behind.folder / "genesis.json", behind.trust)
    assert set(storage) == set(Contract)
    for contract, words in storage.items():
        address = to_hex(contracts_of(behind.trust)[contract])
        for slot, word in list(words.items())[:20]:
            assert int(behind.ledger.rpc.request("eth_getStorageAt", [address, hex(slot), "0x0"]), 16) == word
    assert len(storage[Contract.CONSORTIUM]) > 10
    (tmp_path / "no.json").write_text('{"alloc": {}}')
    with pytest.raises(MalformedDocument):
        read_genesis(tmp_path / "no.json", behind.trust)
    with pytest.raises(UnreadableFile):
        read_genesis(tmp_path / "nowhere.json", behind.trust)


# ---- libraries that share no code with this project ----

READ_WITH_ETHERS = """
import { JsonRpcProvider, Contract } from "ethers";
const [url, address, abi] = process.argv.slice(2);
const provider = new JsonRpcProvider(url, undefined, { batchMaxCount: 10 });
const contract = new Contract(address, JSON.parse(abi), provider);
const [network, block, validators, proof, logs] = await Promise.all([
  provider.getNetwork(), provider.getBlock(0), contract.getValidators(),
  provider.send("eth_getProof", [address, ["0x0"], "latest"]),
  provider.getLogs({ address, fromBlock: 0, toBlock: "latest" }),
]);
console.log(JSON.stringify({
  chain: network.chainId.toString(), genesis: block.hash, validators: validators.map((one) => one.toLowerCase()),
  proof: proof.accountProof.length, logs: logs.length,
}));
provider.destroy();
"""

READ_WITH_VIEM = """
import { createPublicClient, http, parseAbi } from "viem";
const [url, address] = process.argv.slice(2);
const client = createPublicClient({ transport: http(url) });
const abi = parseAbi(["function getValidators() view returns (address[])"]);
const [chain, block, validators, proof, logs] = await Promise.all([
  client.getChainId(), client.getBlock({ blockNumber: 0n }),
  client.readContract({ address, abi, functionName: "getValidators" }),
  client.getProof({ address, storageKeys: ["0x" + "00".repeat(32)] }),
  client.getLogs({ address, fromBlock: 0n }),
]);
console.log(JSON.stringify({
  chain: chain.toString(), genesis: block.hash, validators: validators.map((one) => one.toLowerCase()),
  proof: proof.accountProof.length, logs: logs.length,
}));
"""

ABI = '["function getValidators() view returns (address[])"]'


@pytest.mark.parametrize(("package", "script"), [(ETHERS, READ_WITH_ETHERS), (VIEM, READ_WITH_VIEM)])
def test_libraries_from_npm_read_it(
    behind: Behind, tmp_path_factory: pytest.TempPathFactory, package: str, script: str
) -> None:
    folder = npm_install(tmp_path_factory.mktemp("npm"), package)
    behind.conclude()
    address = to_hex(behind.trust.consortium)
    with served(create_node(behind.ledger.rpc.answer)) as url:
        told = json.loads(run_module(folder, script, url, address, ABI))
    logs = behind.ledger.rpc.request("eth_getLogs", [{"address": address, "fromBlock": "0x0"}])
    assert told == {
        "chain": str(behind.trust.chain_id),
        "genesis": to_hex(behind.trust.genesis_hash),
        "validators": [to_hex(one) for one in behind.trust.validators.addresses],
        "proof": len(behind.ledger.rpc.request("eth_getProof", [address, [], "latest"])["accountProof"]),
        "logs": len(logs),
    }
    assert len(logs) > 0


# ---- the commands ----


def test_the_command_says_what_it_simulates_and_closes_the_ledger_when_told(founded: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    node = Served(["node", str(folder)], tmp_path / "node.log")
    with started(node):
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
        answer = httpx.post(node.url, json=asked).json()
        assert int(answer["result"], 16) == read_trust(folder / "trust.json").chain_id
        assert httpx.post(node.url, json=asked, headers={"host": "rebound.example"}).status_code == 403
        node.stop()
    said = node.log.read_text()
    assert "a simulation on one machine, which holds all validators' keys" in said
    assert "the ledger is closed" in said
    assert not (folder / "ledger.sqlite-wal").exists()


REMOTE = ["--rpc", "http://127.0.0.1:1", "--trust", "trust.json", "--key", "relay.json"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "neither a folder nor --rpc"),
        (["net", "--rpc", "http://127.0.0.1:1"], "a folder and --rpc"),
        (["--rpc", "http://127.0.0.1:1"], "no --trust"),
        (["--rpc", "http://127.0.0.1:1", "--trust", "trust.json"], "no --key"),
        (["net", "--workers", "2"], "gateway --workers: found a folder"),
        ([*REMOTE, "--workers", "2", "--book", "book.sqlite"], "gateway --workers: found --book"),
    ],
)
def test_a_gateway_s_options_fit_together(arguments: list[str], words: str) -> None:
    with listen(0) as taken:  # whether a port can be had is not looked at before
        taken.listen()
        found = CliRunner().invoke(app, ["gateway", "--port", str(taken.getsockname()[1]), *arguments])
    assert found.exit_code == 2
    assert words in found.stderr
