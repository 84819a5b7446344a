"""Block 0 has the same hash on every engine, and the genesis file is read strictly."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth.db.atomic import AtomicDB

from aeo_ledger.chain.genesis import Account, Genesis
from aeo_ledger.chain.rules import QbftChain
from aeo_ledger.chain.sealing import read_validators
from aeo_ledger.errors.chain import MalformedGenesis
from support.chain_world import BOARD, GENESIS_TIME, genesis, sealers

_VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"
_NETWORKS = ("besu-contract-4", "goquorum-contract-4")


def _vector(network: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_VECTORS / f"{network}.json").read_text())
    return document


@pytest.mark.parametrize("network", _NETWORKS)
def test_a_genesis_of_a_real_network_gives_its_block_0_and_its_validators(network: str) -> None:
    vector = _vector(network)
    read = Genesis.from_json(vector["genesis"])
    db = AtomicDB()
    header = read.write_to(db)
    chain = QbftChain.configure(chain_id=read.chain_id)(db)
    assert header.hash.hex() == vector["headers"][0]["hash"][2:]
    named = sorted("0x" + address.hex() for address in read_validators(chain, read.validators_contract, header))
    assert named == vector["headers"][0]["validators_after"]


@pytest.mark.parametrize("settings", [{}, {"emptyblockperiodseconds": 10}, {"xemptyblockperiodseconds": 4}])
def test_a_genesis_read_back_gives_the_same_block_0(settings: dict[str, int]) -> None:
    plain = genesis([key.address for key in sealers(4)])
    made = replace(plain, settings=settings)
    assert made.hash() == plain.hash(), "no hash depends on an engine's settings"
    read = Genesis.from_json(json.loads(json.dumps(made.to_json())))
    assert read == made
    assert read.write_to(AtomicDB()).hash == made.write_to(AtomicDB()).hash


def test_the_file_has_the_parts_that_both_engines_were_seen_to_accept() -> None:
    ours = genesis([sealers(1)[0].address]).to_json()
    theirs = _vector("goquorum-contract-4")["genesis"]
    assert set(ours) == set(theirs)
    assert set(ours["config"]) == set(theirs["config"])
    assert set(ours["config"]["qbft"]) == {*theirs["config"]["qbft"], "maxRequestTimeoutSeconds"}
    assert all(len(address) == 40 for address in ours["alloc"])


def test_a_genesis_without_a_limit_of_rounds_stays_without() -> None:
    made = replace(genesis([key.address for key in sealers(4)]), max_request_timeout_s=None)
    written = made.to_json()
    assert "maxRequestTimeoutSeconds" not in written["config"]["qbft"]
    assert Genesis.from_json(written) == made


def test_words_of_zero_are_left_out_of_the_file() -> None:
    made = Genesis(
        chain_id=5, timestamp=GENESIS_TIME, validators_contract=BOARD, alloc={BOARD: Account(storage={1: 0, 2: 7})}
    )
    assert list(made.to_json()["alloc"][BOARD.hex()]["storage"].values()) == [f"0x{7:064x}"]


def _without(part: str) -> dict[str, Any]:
    document = copy.deepcopy(_vector("besu-contract-4")["genesis"])
    del document[part]
    return document


def _with(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(_vector("besu-contract-4")["genesis"]) | changes


def _with_config(**changes: Any) -> dict[str, Any]:
    document = _with()
    document["config"] |= changes
    return document


def _with_nonce(nonce: str) -> dict[str, Any]:
    document = _with()
    next(iter(document["alloc"].values()))["nonce"] = nonce
    return document


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (_without("alloc"), "alloc is missing"),
        (_without("timestamp"), "timestamp is missing"),
        (_with(timestamp="soon"), "invalid literal"),
        (_with(extraData="0x0"), "extraData: found"),
        (_with(difficulty="0x2"), "difficulty and mixHash are not QBFT's"),
        (_with(mixHash="0x" + "00" * 32), "difficulty and mixHash are not QBFT's"),
        (_with(alloc={"0xa0e0": {"balance": "0x0"}}), "address in alloc"),
        (_with_nonce("0x1"), "an account has a nonce"),
        (_with_config(berlinBlock=7), "berlin does not begin at block 0"),
        (_with_config(londonBlock=0), "londonBlock is set"),
        (_with_config(qbft={"epochlength": 30000}), "validatorcontractaddress is missing"),
    ],
)
def test_another_networks_genesis_is_refused(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedGenesis) as caught:
        Genesis.from_json(document)
    assert reason in caught.value.reason
