"""A node's answer of another form is that node's fault, whatever the form: an error that a caller expects, and never another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.protocol.tables import Contract
from support.sealed_world import ADDRESSES

HASH = "0x" + "ab" * 32
LOG: Mapping[str, Any] = {
    "blockNumber": "0x7",
    "logIndex": "0x0",
    "transactionHash": HASH,
    "topics": [HASH, "0x" + "00" * 32],
    "data": "0x01",
}
RECEIPT: Mapping[str, Any] = {"status": "0x1", "blockNumber": "0x7", "blockHash": HASH, "gasUsed": "0x5208"}


class Told(BaseProvider):
    """A node that gives one answer to every request."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self._answer = answer

    def make_request(self, _: RPCEndpoint, __: Any) -> RPCResponse:
        return {"jsonrpc": "2.0", "id": 1, "result": self._answer}


def port(answer: object) -> Ledger:
    return Ledger(Told(answer), ADDRESSES)


def logs(of: Ledger) -> list[Log]:
    return of.logs(Contract.CONSORTIUM, [], since=5, until=9)


def test_a_log_is_read() -> None:
    assert logs(port([LOG])) == [
        Log(block=7, index=0, transaction=HASH, topics=(b"\xab" * 32, bytes(32)), data=b"\1"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        "0x",
        [None],
        [[]],
        ["log"],
        [{}],
        *([{name: part for name, part in LOG.items() if name != left_out}] for left_out in LOG),
        *([{**LOG, name: None}] for name in LOG),
        *([{**LOG, name: {}}] for name in LOG if name != "topics"),
        [{**LOG, "blockNumber": "-0x7"}],
        [{**LOG, "blockNumber": "0x" + "0" * 20_000 + "7"}],
        [{**LOG, "logIndex": "0x_1"}],
        [{**LOG, "transactionHash": "0xab"}],
        [{**LOG, "topics": [HASH + "00"]}],
        [{**LOG, "topics": [HASH, "0x"]}],
        [{**LOG, "topics": HASH}],
        [{**LOG, "data": "0x1"}],
        [LOG, {**LOG, "blockNumber": "0x4"}],
        [LOG, {**LOG, "blockNumber": "0xa"}],
    ],
)
def test_logs_of_another_form_or_of_other_blocks_are_the_nodes_fault(answer: object) -> None:
    with pytest.raises(NodeFailed) as refusal:
        logs(port(answer))
    assert refusal.value.method == "eth_getLogs"
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("method", "ask"),
    [
        ("eth_getProof", lambda of: of.prove(Contract.CONSORTIUM, [1], 7)),
        ("eth_getTransactionByHash", lambda of: of.call_data(HASH)),
        ("eth_getBlockByNumber", lambda of: of.time_of(7)),
        ("eth_getTransactionReceipt", lambda of: of.await_sealed(b"act", timeout_s=0)),
        ("eth_chainId", lambda of: of.chain_id()),
    ],
)
@pytest.mark.parametrize("answer", [[], "0x-1", {}, {"to": 7}, {"timestamp": "1"}, {**RECEIPT, "blockHash": "0x"}])
def test_any_other_answer_of_another_form_is_the_nodes_fault(
    method: str, ask: Callable[[Ledger], object], answer: object
) -> None:
    with pytest.raises(NodeFailed) as refusal:
        ask(port(answer))
    assert refusal.value.method == method


def test_a_receipt_is_read() -> None:
    sealed = port(RECEIPT).await_sealed(b"act", timeout_s=0)
    assert (sealed.block, sealed.block_hash, sealed.gas_used) == (7, HASH, 21_000)
