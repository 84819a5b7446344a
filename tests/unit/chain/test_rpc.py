"""The embedded ledger's JSON-RPC answers like a node's, through web3 and as JSON."""

from __future__ import annotations

import time
from typing import Any

import pytest
from eth_account import Account as Relay
from hexbytes import HexBytes
from py_ecc import optimized_bn128 as bn128
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import BlockNotFound, ContractLogicError, TransactionNotFound
from web3.middleware import ExtraDataToPOAMiddleware, SignAndSendRawMiddlewareBuilder

from aeo_ledger.chain import EmbeddedLedger, rpc
from aeo_ledger.chain.rpc import RpcError
from aeo_ledger.chain.rules import CALL_GAS
from aeo_ledger.errors.chain import NonceOutOfOrder
from support.chain_world import BOARD, CHAIN_ID, GENESIS_TIME, RELAY, board_artifact, deploy, put, transaction
from support.waiting import WITHIN_S

_BOARD = Web3.to_checksum_address(BOARD)

PAIR_OF_GENERATORS = b"".join(
    number.to_bytes(32, "big")
    for point in (bn128.G1[:2], *(reversed(bn128.normalize(bn128.G2)[place].coeffs) for place in (0, 1)))
    for number in map(int, point)
)
"""One pair of points for the precompiled contract 8: 192 bytes."""


@pytest.fixture
def web3(ledger: EmbeddedLedger) -> Web3:
    web3 = Web3(ledger.provider())
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


@pytest.fixture
def board(web3: Web3) -> Contract:
    return web3.eth.contract(address=_BOARD, abi=board_artifact()["abi"])


@pytest.fixture
def published(ledger: EmbeddedLedger) -> list[str]:
    """Three transactions in blocks 1, 1 and 2, with two, one and one log."""
    batches = [[b"\1" * 32, b"\2" * 32, b"\3" * 32], [b"\4" * 32], [b"\1" * 32]]
    promises = []
    for nonce, keys in enumerate(batches):
        if nonce == 2:
            ledger.seal_pending()
        promises.append(ledger.submit(transaction(nonce, put(keys, [nonce + 10] * len(keys)))))
    ledger.seal_pending()
    return ["0x" + promise.result(0).transaction_hash.hex() for promise in promises]


def test_web3_knows_the_network(web3: Web3) -> None:
    assert web3.is_connected()
    assert (web3.eth.chain_id, web3.net.version, web3.eth.gas_price) == (CHAIN_ID, str(CHAIN_ID), 0)
    assert web3.eth.block_number == 0
    assert (web3.eth.syncing, [*web3.eth.accounts]) == (False, [])
    assert web3.client_version.startswith("aeo-ledger")


def test_a_block_is_found_by_number_hash_and_tag(
    web3: Web3, ledger: EmbeddedLedger, published: list[str], keys: Any
) -> None:
    block = web3.eth.get_block(1)
    assert web3.eth.get_block(block["hash"]) == block
    assert web3.eth.get_block("earliest")["timestamp"] == GENESIS_TIME
    latest = [web3.eth.get_block(tag) for tag in ("latest", "safe", "finalized")]
    assert [one["number"] for one in latest] == [2, 2, 2]
    assert latest[0]["parentHash"] == block["hash"]
    assert [HexBytes(one).to_0x_hex() for one in block["transactions"] if isinstance(one, bytes)] == published[:2]
    assert len(block["proofOfAuthorityData"]) > 4 * 65
    assert (block["difficulty"], block["gasLimit"], block["nonce"].hex()) == (1, 60_000_000, "00" * 8)
    full = web3.eth.get_block(1, full_transactions=True)["transactions"]
    assert full[1] == web3.eth.get_transaction(published[1])


def test_a_block_that_is_not_there_is_not_found(web3: Web3) -> None:
    with pytest.raises(BlockNotFound):
        web3.eth.get_block(1)
    with pytest.raises(BlockNotFound):
        web3.eth.get_block("0x" + "77" * 32)


def test_a_transaction_and_its_receipt_are_found_by_hash(web3: Web3, published: list[str]) -> None:
    sent = web3.eth.get_transaction(published[1])
    assert (sent["blockNumber"], sent["transactionIndex"], sent["nonce"], sent["type"]) == (1, 1, 1, 1)
    assert (sent["from"], sent["to"], sent["input"]) == (RELAY.address, _BOARD, put([b"\4" * 32], [11]))
    first, second = (web3.eth.get_transaction_receipt(one) for one in published[:2])
    assert (second["status"], second["transactionIndex"], second["from"]) == (1, 1, RELAY.address)
    assert second["cumulativeGasUsed"] == first["gasUsed"] + second["gasUsed"]
    assert [log["logIndex"] for log in first["logs"] + second["logs"]] == [0, 1, 2]
    assert second["contractAddress"] is None


def test_a_transaction_that_was_never_sent_is_not_found(web3: Web3) -> None:
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction("0x" + "77" * 32)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt("0x" + "77" * 32)


def test_a_contract_that_was_created_is_named_in_its_receipt(web3: Web3, ledger: EmbeddedLedger) -> None:
    creation = bytes.fromhex("6001600c60003960016000f300")  # leaves one byte of code: STOP
    for nonce, kind in enumerate([{}, {"type": None, "accessList": None}]):
        promise = ledger.submit(transaction(nonce, creation, to=b"", **kind))
        ledger.seal_pending()
        receipt = web3.eth.get_transaction_receipt("0x" + promise.result(0).transaction_hash.hex())
        assert receipt["type"] == (1 if nonce == 0 else 0)
        assert receipt["contractAddress"] is not None
        assert web3.eth.get_code(receipt["contractAddress"]) == b"\x00"
        assert web3.eth.get_transaction(receipt["transactionHash"])["type"] == receipt["type"]


def test_state_is_read_as_of_any_block(web3: Web3, published: list[str]) -> None:
    assert [web3.eth.get_transaction_count(RELAY.address, block) for block in (0, 1, 2)] == [0, 2, 3]
    assert web3.eth.get_transaction_count(RELAY.address, "pending") == 3
    assert web3.eth.get_balance(RELAY.address) == 0
    assert web3.eth.get_code(RELAY.address) == b""
    assert len(web3.eth.get_code(_BOARD)) > 100
    assert int.from_bytes(web3.eth.get_storage_at(_BOARD, 2), "big") == 4


def test_calls_read_and_change_nothing(web3: Web3, board: Contract, keys: Any, published: list[str]) -> None:
    assert [bytes.fromhex(one[2:]) for one in board.functions.getValidators().call()] == [key.address for key in keys]
    assert board.functions.chain().call() == CHAIN_ID
    values = [board.functions.words(b"\1" * 32).call(block_identifier=block) for block in (0, 1, 2)]
    assert values == [0, 10, 12]
    by_hash = {"blockHash": web3.eth.get_block(1)["hash"].to_0x_hex()}
    call = {"to": _BOARD, "data": board.encode_abi("words", args=[b"\1" * 32])}
    assert int(web3.provider.make_request("eth_call", [call, by_hash])["result"], 16) == 10
    board.functions.put([b"\1" * 32], [99]).call({"from": RELAY.address})
    assert board.functions.words(b"\1" * 32).call() == 12


def test_a_call_that_reverts_says_why_in_words_and_data(board: Contract) -> None:
    with pytest.raises(ContractLogicError) as caught:
        board.functions.put([b"\1" * 32], []).call()
    assert caught.value.message == "execution reverted: board: lengths differ"
    assert str(caught.value.data).startswith("0x08c379a0")


def test_a_call_that_fails_otherwise_is_an_error(ledger: EmbeddedLedger) -> None:
    with pytest.raises(RpcError) as failed:
        ledger.rpc.request("eth_call", [{"to": deploy(ledger, 0, "fe")}])
    assert failed.value.code == -32000


# ---- what a call may cost ----

BURN = "5b600056"
"""JUMPDEST PUSH1 0 JUMP: four bytes that use up all gas."""


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
@pytest.mark.parametrize("to", [{}, {"to": None}, {"to": ""}])
def test_code_that_would_create_a_contract_is_not_run(ledger: EmbeddedLedger, method: str, to: dict[str, Any]) -> None:
    with pytest.raises(RpcError, match="needs the address of a contract") as refused:
        ledger.rpc.request(method, [{"data": "0x" + BURN, **to}])
    assert refused.value.code == -32602


@pytest.mark.parametrize("gas", [{}, {"gas": hex(60_000_000)}, {"gas": hex(2**200)}])
def test_a_call_has_so_much_gas_whatever_it_asks_for(
    ledger: EmbeddedLedger, gas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "CALL_S", 10 * WITHIN_S)
    gauge = deploy(ledger, 0, "5a60005260206000f3")  # GAS
    found = int(ledger.rpc.request("eth_call", [{"to": gauge, **gas}]), 16)
    assert CALL_GAS - 30_000 < found < CALL_GAS
    burner = deploy(ledger, 1, BURN)
    with pytest.raises(RpcError, match="execution failed"):  # and not for want of time
        ledger.rpc.request("eth_call", [{"to": burner, **gas}])


def test_a_call_has_so_much_time_whatever_its_gas(ledger: EmbeddedLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty pairing check costs little gas and takes py-evm a tenth of a second: a gas limit alone would allow 20 s."""
    monkeypatch.setattr(rpc, "CALL_S", 1.0)
    loop = (
        "5b" + "6000600060006000600060085af150" + "600056"
    )  # CALL the precompiled contract 8, drop what it says, again
    slow = deploy(ledger, 0, loop)
    started = time.monotonic()
    with pytest.raises(RpcError, match="longer than 1 s") as refused:
        ledger.rpc.request("eth_call", [{"to": slow}])
    assert refused.value.code == -32005
    assert time.monotonic() - started >= 1


def test_one_step_of_a_call_does_not_run_for_minutes(ledger: EmbeddedLedger) -> None:
    generators = PAIR_OF_GENERATORS.hex()
    pairing, blake = ("0x" + f"{number:040x}" for number in (8, 9))
    assert int(ledger.rpc.request("eth_call", [{"to": pairing, "data": "0x" + generators}]), 16) == 0
    rest = "00" * 208 + "01"
    assert len(ledger.rpc.request("eth_call", [{"to": blake, "data": "0x0000000c" + rest}])) == 2 + 128
    started = time.process_time()
    for to, data in ((pairing, generators * 5), (blake, "00989680" + rest)):
        with pytest.raises(RpcError, match="larger than this node computes"):
            ledger.rpc.request("eth_call", [{"to": to, "data": "0x" + data}])
    assert time.process_time() - started < 5


def test_an_estimate_is_enough_and_not_much_more(web3: Web3, ledger: EmbeddedLedger) -> None:
    data = put([bytes([n]) * 32 for n in range(50)], [1] * 50)
    estimate = web3.eth.estimate_gas({"from": RELAY.address, "to": _BOARD, "data": data})
    promise = ledger.submit(transaction(0, data, gas=estimate))
    ledger.seal_pending()
    assert promise.result(0).succeeded
    assert promise.result(0).gas_used <= estimate <= promise.result(0).gas_used * 1.1


def test_web3_can_send_and_what_the_ledger_refuses_is_the_ledgers_error(web3: Web3, ledger: EmbeddedLedger) -> None:
    raw = transaction(0, put([b"\1" * 32], [5]))
    sent = web3.eth.send_raw_transaction(raw)
    assert web3.eth.get_transaction_count(RELAY.address, "pending") == 1
    with pytest.raises(NonceOutOfOrder):
        web3.eth.send_raw_transaction(raw)
    ledger.seal_pending()
    assert web3.eth.wait_for_transaction_receipt(sent, timeout=1)["status"] == 1


def test_web3_can_fill_and_sign_for_a_local_key(web3: Web3, board: Contract, ledger: EmbeddedLedger) -> None:
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(RELAY), layer=0)
    sent = board.functions.put([b"\1" * 32], [5]).transact({"from": RELAY.address, "gasPrice": 0})
    ledger.seal_pending()
    assert web3.eth.get_transaction_receipt(sent)["status"] == 1
    assert board.functions.words(b"\1" * 32).call() == 5


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ({"fromBlock": 0, "toBlock": "latest"}, [(1, 0), (1, 1), (1, 2), (2, 0)]),
        ({}, [(2, 0)]),
        ({"fromBlock": 1, "toBlock": 1}, [(1, 0), (1, 1), (1, 2)]),
        ({"fromBlock": 2, "toBlock": 999}, [(2, 0)]),
        ({"fromBlock": 3, "toBlock": 999}, []),
        ({"fromBlock": 2**200, "toBlock": 2**200}, []),
        ({"fromBlock": 2, "toBlock": 2**200}, [(2, 0)]),
        ({"fromBlock": 0, "address": _BOARD}, [(1, 0), (1, 1), (1, 2), (2, 0)]),
        ({"fromBlock": 0, "address": [RELAY.address, _BOARD]}, [(1, 0), (1, 1), (1, 2), (2, 0)]),
        ({"fromBlock": 0, "address": RELAY.address}, []),
        ({"fromBlock": 0, "topics": [None, "0x" + "01" * 32]}, [(1, 0), (2, 0)]),
        ({"fromBlock": 0, "topics": [None, ["0x" + "03" * 32, "0x" + "04" * 32]]}, [(1, 1), (1, 2)]),
        ({"fromBlock": 0, "topics": ["0x" + "01" * 32]}, []),
    ],
)
def test_logs_are_found_by_block_address_and_topic(
    web3: Web3, published: list[str], query: dict[str, Any], positions: list[tuple[int, int]]
) -> None:
    logs = web3.eth.get_logs(query)
    assert [(log["blockNumber"], log["logIndex"]) for log in logs] == positions
    for log in logs:
        assert log["blockHash"] == web3.eth.get_block(log["blockNumber"])["hash"]
        assert log in web3.eth.get_transaction_receipt(log["transactionHash"])["logs"]


def test_events_are_decoded_by_web3(web3: Web3, board: Contract, published: list[str]) -> None:
    block = web3.eth.get_block(2)["hash"]
    (event,) = board.events.Put().get_logs(block_hash=block)
    assert (event["args"]["key"], event["args"]["word"]) == (b"\1" * 32, 12)


def test_the_raw_header_is_the_sealed_one(ledger: EmbeddedLedger, published: list[str]) -> None:
    assert ledger.rpc.request("debug_getRawHeader", ["0x1"]) == "0x" + ledger.header_rlp(1).hex()


def test_a_server_can_answer_requests_as_they_come(ledger: EmbeddedLedger) -> None:
    good = ledger.rpc.answer({"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []})
    assert good == {"jsonrpc": "2.0", "id": 7, "result": hex(CHAIN_ID)}
    raw = "0x" + transaction(5, b"").hex()
    refused = ledger.rpc.answer({"jsonrpc": "2.0", "id": 8, "method": "eth_sendRawTransaction", "params": [raw]})
    assert refused["error"] == {"code": -32000, "message": "transaction has nonce 5, its sender's next is 0"}
    unknown = ledger.rpc.answer({"jsonrpc": "2.0", "id": 9, "method": "eth_mine"})
    assert unknown["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("eth_mine", [], -32601),
        ("eth_getBalance", [], -32602),
        ("eth_getBalance", ["0x12", "latest"], -32602),
        ("eth_getBalance", [_BOARD, "soon"], -32602),
        ("eth_getBalance", [_BOARD, "0x7"], -32000),
        ("eth_call", [{"to": _BOARD}, {"blockHash": "0x" + "77" * 32}], -32000),
        ("eth_call", ["to"], -32602),
        ("eth_call", [{"to": _BOARD, "value": "0x1"}], -32000),
        ("eth_call", [{"to": _BOARD, "gas": "0x1"}], -32000),
        ("eth_call", [{"to": "0x12"}], -32602),
        ("eth_getLogs", [{"topics": [None] * 5}], -32602),
        ("eth_call", [{"to": _BOARD}, "latest", {}, {}, 5], -32602),
        ("eth_call", [{"to": _BOARD, "gas": "much"}], -32602),
        ("eth_call", [{"data": "0x5b600056"}], -32602),
        ("eth_getProof", [_BOARD, ["0x1" + "00" * 32], "latest"], -32602),
        ("eth_getProof", [_BOARD, 7, "latest"], -32602),
        ("eth_getStorageAt", [_BOARD, "-0x1", "latest"], -32602),
        ("eth_getBlockByHash", ["0x1234"], -32602),
        ("eth_getLogs", [["0x1"]], -32602),
        ("eth_getLogs", [{"address": {}}], -32602),
        ("eth_getLogs", [{"fromBlock": 7}], -32602),
        ("eth_getTransactionByHash", ["0x7"], -32602),
        ("eth_sendRawTransaction", ["hello"], -32602),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    ledger: EmbeddedLedger, method: str, params: list[Any], code: int
) -> None:
    with pytest.raises(RpcError) as caught:
        ledger.rpc.request(method, params)
    assert caught.value.code == code


def test_what_waits_of_one_sender_does_not_count_for_another(web3: Web3, ledger: EmbeddedLedger) -> None:
    ledger.submit(transaction(0, put([b"\1" * 32], [5])))
    assert web3.eth.get_transaction_count(Relay.from_key(b"\x78" * 32).address, "pending") == 0
