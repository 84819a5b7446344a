"""The ledger behind eth-tester's interface shows the same chain."""

from __future__ import annotations

from typing import Any

import pytest
from web3 import Web3
from web3.exceptions import TransactionNotFound
from web3.middleware import ExtraDataToPOAMiddleware

from aeo_ledger.chain import EmbeddedLedger
from support.chain_world import BOARD, CHAIN_ID, RELAY, ServedHeader, board_artifact, put, transaction

_BOARD = Web3.to_checksum_address(BOARD)


@pytest.fixture
def web3(ledger: EmbeddedLedger) -> Web3:
    web3 = Web3(ledger.tester_provider())
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


def test_eth_tester_publishes_on_the_ledger_and_reads_from_it(web3: Web3, ledger: EmbeddedLedger) -> None:
    board = web3.eth.contract(address=_BOARD, abi=board_artifact()["abi"])
    sent = web3.eth.send_raw_transaction(transaction(0, put([b"\1" * 32], [7])))
    receipt = web3.eth.get_transaction_receipt(sent)
    assert (receipt["status"], receipt["blockNumber"], len(receipt["logs"])) == (1, 1, 1)
    assert web3.eth.get_transaction(sent)["from"] == RELAY.address
    assert board.functions.words(b"\1" * 32).call({"from": RELAY.address}) == 7
    assert board.functions.chain().call({"from": RELAY.address}) == web3.eth.chain_id == CHAIN_ID
    assert web3.eth.get_transaction_count(RELAY.address) == 1
    assert web3.eth.get_storage_at(_BOARD, 2)[-1] == 4
    assert ledger.head == 1


def test_a_block_is_the_same_through_both_windows(web3: Web3, ledger: EmbeddedLedger) -> None:
    web3.eth.send_raw_transaction(transaction(0, put([b"\1" * 32], [7])))
    other = Web3(ledger.provider())
    other.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    ours, theirs = other.eth.get_block(1), web3.eth.get_block(1)
    assert web3.eth.get_block(theirs["hash"]) == theirs
    alike = set(ours) & set(theirs) - {
        "totalDifficulty",
        "size",
        "logsBloom",
    }  # counted, or cut, its way
    assert {"hash", "stateRoot", "proofOfAuthorityData", "miner", "timestamp"} <= alike
    assert {name: value for name, value in theirs.items() if name in alike} == {
        name: value for name, value in ours.items() if name in alike
    }
    assert theirs["hash"] == ServedHeader.read(ledger.header_rlp(1)).block_hash


def test_a_transaction_that_was_never_sent_is_not_found(web3: Web3) -> None:
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt("0x" + "77" * 32)


def test_a_sealed_chain_goes_neither_back_nor_ahead(ledger: EmbeddedLedger) -> None:
    tester: Any = ledger.tester_provider().ethereum_tester
    for forbidden in (tester.take_snapshot, tester.reset_to_genesis, lambda: tester.time_travel(2_000_000_000)):
        with pytest.raises(NotImplementedError):
            forbidden()
