"""The files of `network init --engine`, checked without engines; `tests/network` checks them with live ones."""

from __future__ import annotations

import json
import secrets
import stat
from pathlib import Path

import pytest
import rlp
from trie import HexaryTrie

from aeo_ledger.errors.files import FolderExists
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.signing import KeyFileExists, WrongPassword
from aeo_ledger.network.engine import IDLE_PERIOD_S, IDLE_SETTING, parse_engine
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine, read_layout
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import Password, open_key_file, write_engine_key

PASSWORD = Password("engine")
CODES = ["BY", "CN", "KZ", "EU"]


@pytest.fixture(params=list(Engine), scope="module")
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("engine") / str(request.param)
    found_network(
        folder, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=1_790_000_000, randomness=secrets.token_bytes, work_factor=2,
        engine=request.param,
    )  # fmt: skip
    return folder


def test_block_0_is_recomputed_from_the_file_by_other_code(network: Path) -> None:
    genesis = json.loads((network / "genesis.json").read_text())
    accounts = HexaryTrie({}, prune=True)
    for address, account in genesis["alloc"].items():
        storage = HexaryTrie({}, prune=True)
        for slot, word in account["storage"].items():
            storage[keccak256(int(slot, 16).to_bytes(32, "big"))] = rlp.encode(int(word, 16))
        code_hash = keccak256(bytes.fromhex(account["code"].removeprefix("0x")))
        body = [0, int(account.get("balance", "0x0"), 16), storage.root_hash, code_hash]
        accounts[keccak256(bytes.fromhex(address.removeprefix("0x")))] = rlp.encode(body)
    empty = keccak256(rlp.encode(b""))
    header = [
        bytes(32), keccak256(rlp.encode([])), bytes(20), accounts.root_hash, empty, empty, bytes(256), 1, 0, int(genesis["gasLimit"], 16),
        0, int(genesis["timestamp"], 16), bytes.fromhex(genesis["extraData"][2:]), bytes.fromhex(genesis["mixHash"][2:]), bytes(8),
    ]  # fmt: skip
    assert keccak256(rlp.encode(header)) == read_trust(network / "trust.json").genesis_hash


def test_the_genesis_has_what_both_engines_document(network: Path) -> None:
    config = json.loads((network / "genesis.json").read_text())["config"]
    trust = read_trust(network / "trust.json")
    assert config["chainId"] == trust.chain_id
    assert config["berlinBlock"] == 0
    assert "londonBlock" not in config
    assert config["isQuorum"] is True
    assert config["qbft"]["validatorcontractaddress"] == "0x" + trust.consortium.hex()
    assert {"epochlength", "blockperiodseconds", "requesttimeoutseconds"} <= config["qbft"].keys()


def test_idle_blocks_are_further_apart_and_a_besu_network_does_not_change_rounds_for_them(network: Path) -> None:
    qbft = json.loads((network / "genesis.json").read_text())["config"]["qbft"]
    engine = read_layout(network / "network.toml").engine
    assert qbft["blockperiodseconds"] == 1
    assert qbft[IDLE_SETTING[engine]] == IDLE_PERIOD_S[engine] > 1
    assert len({*IDLE_SETTING.values()} & qbft.keys()) == 1
    if engine is Engine.BESU:
        assert IDLE_PERIOD_S[engine] < qbft["blockperiodseconds"] + qbft["requesttimeoutseconds"]


def test_each_party_finds_its_keys_in_its_own_folder_and_nobody_else_reads_them(network: Path) -> None:
    for code in [*CODES, "DE", "PL"]:
        home = network / "parties" / code
        needed = {"authority.json", "operator.json"} | ({"node.json", "relay.json"} if code in CODES else set())
        assert {file.name for file in home.glob("*.json")} == needed
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        for file in home.glob("*.json"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            own = home / f"{file.stem}.password"
            open_key_file(file, Password(own.read_text()) if own.exists() else PASSWORD)
    assert not (network / "validators.keys").exists()
    assert not (network / "ledger.sqlite").exists()


def test_static_nodes_are_the_validators_that_trust_pins(network: Path) -> None:
    peers = json.loads((network / "static-nodes.json").read_text())
    public = [bytes.fromhex(peer.removeprefix("enode://").partition("@")[0]) for peer in peers]
    assert tuple(keccak256(key)[12:] for key in public) == read_trust(network / "trust.json").validators.addresses


def test_an_owner_exports_the_key_that_the_engine_reads(network: Path, tmp_path: Path) -> None:
    file, out = network / "parties" / "BY" / "node.json", tmp_path / "nodekey"
    with pytest.raises(WrongPassword):
        write_engine_key(file, Password("another"), out)
    assert not out.exists()
    signer = write_engine_key(file, PASSWORD, out)
    assert len(bytes.fromhex(out.read_text())) == 32
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert signer.address in read_trust(network / "trust.json").validators
    with pytest.raises(KeyFileExists):
        write_engine_key(file, PASSWORD, out)


def test_a_folder_that_is_there_is_left_alone(network: Path) -> None:
    with pytest.raises(FolderExists):
        found_network(network, parse_parties("BY"), PASSWORD, now=1, randomness=secrets.token_bytes, work_factor=2)


def test_an_engine_that_nobody_ran_is_refused() -> None:
    assert parse_engine(None) is None
    with pytest.raises(MalformedText, match="besu, quorum"):
        parse_engine("geth")


@pytest.mark.parametrize("engine", list(Engine))
def test_whoever_founds_a_network_of_goquorum_is_told_what_may_halt_it(engine: Engine, tmp_path: Path) -> None:
    founded = found_network(
        tmp_path / "network", parse_parties("BY"), PASSWORD, now=1_790_000_000, randomness=secrets.token_bytes, work_factor=2,
        engine=engine,
    )  # fmt: skip
    assert any("GoQuorum may halt" in one for one in founded.warnings) == (engine is Engine.QUORUM)
