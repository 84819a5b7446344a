"""The EVM follows Berlin's rules, hashes fast, and does not touch the proposer's account."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak
from web3 import Web3

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.chain.rpc import RpcError
from aeo_ledger.primitives.hashes import keccak256
from support.chain_world import HandClock, ServedHeader, TestSealer, deploy, put, transaction


def test_py_evm_hashes_with_the_same_function_as_the_rest() -> None:
    assert keccak.hasher is keccak256
    assert keccak(b"") == keccak256(b"")


def _run(ledger: EmbeddedLedger, nonce: int, code: str) -> str:
    answer: str = ledger.rpc.request("eth_call", [{"to": deploy(ledger, nonce, code)}])
    return answer


def test_an_opcode_that_came_after_berlin_is_none(ledger: EmbeddedLedger) -> None:
    for nonce, code in enumerate(("48", "5f")):  # BASEFEE (London), PUSH0 (Shanghai)
        with pytest.raises(RpcError, match="execution failed"):
            _run(ledger, nonce, code + "60005260206000f3")
    assert len(_run(ledger, 2, "4660005260206000f3")) > 2  # CHAINID (Istanbul)


def test_the_proposer_is_neither_paid_nor_touched(ledger: EmbeddedLedger) -> None:
    ledger.seal_pending()
    ledger.submit(transaction(0, put([b"\1" * 32], [1])))
    ledger.seal_pending()
    empty, parent = (ServedHeader.read(ledger.header_rlp(number)) for number in (1, 0))
    assert empty.fields[3] == parent.fields[3]
    for number in (1, 2):
        proposer = Web3.to_checksum_address(ServedHeader.read(ledger.header_rlp(number)).coinbase)
        proof = ledger.rpc.request("eth_getProof", [proposer, [], hex(number)])
        assert (proof["balance"], proof["nonce"]) == ("0x0", "0x0")


def test_a_call_sees_the_time_of_the_block_on_whose_state_it_runs(
    ledger: EmbeddedLedger, hand: HandClock, keys: list[TestSealer]
) -> None:
    clock = deploy(ledger, 0, "4260005260206000f3")  # TIMESTAMP
    hand.pass_(500)
    assert int(ledger.rpc.request("eth_call", [{"to": clock}]), 16) == ServedHeader.read(ledger.header_rlp(1)).timestamp
