"""Headers agree with those of real QBFT engines, by vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.rlp.headers import BlockHeader

from aeo_ledger.chain.header import MIX_HASH, NONCE, encode_extra_data, join_seals, quorum

_VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"
_NETWORKS = ("besu-contract-4", "goquorum-contract-4")


def _headers(network: str) -> list[dict[str, Any]]:
    headers: list[dict[str, Any]] = json.loads((_VECTORS / f"{network}.json").read_text())["headers"]
    return headers[1:]


@pytest.mark.parametrize("network", _NETWORKS)
def test_a_real_header_without_seals_and_with_round_0_has_the_on_chain_hash_in_py_evm(network: str) -> None:
    for record in _headers(network):
        served = rlp.decode(bytes.fromhex(record["rlp"][2:]), sedes=BlockHeader)
        vanity, validators, vote, _, _ = rlp.decode(served.extra_data)
        assert (validators, vote, served.mix_hash, served.nonce) == ([], [], MIX_HASH, NONCE)
        assert served.copy(extra_data=encode_extra_data(vanity)).hash.hex() == record["hash"][2:]


@pytest.mark.parametrize("network", _NETWORKS)
def test_joining_a_real_headers_seals_gives_back_its_bytes(network: str) -> None:
    of_round_0 = [record for record in _headers(network) if record["round"] == 0]
    assert of_round_0
    for record in of_round_0:
        encoded = bytes.fromhex(record["rlp"][2:])
        served = rlp.decode(encoded, sedes=BlockHeader)
        vanity, _, _, _, seals = rlp.decode(served.extra_data)
        unsealed = served.copy(extra_data=encode_extra_data(vanity))
        assert rlp.encode(join_seals(unsealed, seals)) == encoded


def test_the_quorum_is_besus_two_thirds_rounded_up() -> None:
    assert [quorum(n) for n in range(1, 8)] == [1, 2, 2, 3, 4, 4, 5]


def test_nobody_is_no_quorum() -> None:
    assert quorum(0) == 1
