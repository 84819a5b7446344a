"""One ledger as its node tells it: words, proofs, headers, logs, and acts sent and sealed.

Requests go through a web3 provider and stay raw JSON-RPC: decoding by web3's own formatters costs over 90 % of a local read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

from aeo_ledger.errors import Refused, Unavailable
from aeo_ledger.errors.chain import LedgerClosed
from aeo_ledger.errors.ledger import NodeFailed, NotSealed, NotSealedInTime, Reverted
from aeo_ledger.ledger.bindings import decode_refusal
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.inventory import NOTHING, Inventory
from aeo_ledger.protocol.tables import Contract

_HEADER_FIELDS: Final = (
    ("parentHash", None), ("sha3Uncles", None), ("miner", None), ("stateRoot", None), ("transactionsRoot", None),
    ("receiptsRoot", None), ("logsBloom", None), ("difficulty", int), ("number", int), ("gasLimit", int), ("gasUsed", int),
    ("timestamp", int), ("extraData", None), ("mixHash", None), ("nonce", None),
)  # fmt: skip
"""Members of `eth_getBlockByNumber` in the order of the header's RLP; those of type int lose their leading zeros."""
_LATER_FIELDS: Final = (("baseFeePerGas", int), ("withdrawalsRoot", None))
_POLL_S: Final = 0.05
_RESEND_S: Final = 3.0
NOT_SEALED: Final = -32010
"""JSON-RPC's error code by which this project's node says that a transaction it took came into no block, and why."""
TROUBLE: Final = "aeo_trouble"
"""The method by which this project's node says why nothing can be published now; null if all is well."""
_REVERTED_CODES: Final = frozenset({3, -32000, -32015})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a node answers to `eth_getProof`: nodes of both tries, unchecked."""

    account_nodes: tuple[bytes, ...]
    storage_nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One log entry of a contract."""

    block: int
    index: int
    transaction: str
    topics: tuple[bytes, ...]
    data: bytes


class Ledger:
    """A ledger behind a web3 provider; every question names its block, so that answers fit together."""

    def __init__(
        self,
        provider: BaseProvider,
        contracts: Mapping[Contract, bytes],
        *,
        beginning: Inventory = NOTHING,
        predecessors: Sequence[Ledger] = (),
        last: int | None = None,
    ) -> None:
        self._provider = provider
        self._contracts = dict(contracts)
        self._addresses = {contract: to_hex(address) for contract, address in contracts.items()}
        self._last = last
        self.beginning = beginning
        """Every word of its genesis: no log tells of it. Empty if it is not known here."""
        self.founders = beginning.founders()
        """With which authority key (20 bytes) each party of a first ledger's genesis began, by number."""
        self.predecessors = tuple(predecessors)
        """Ledgers that this one succeeds, the oldest first, each as of the block from which it was succeeded."""

    def as_of(self, block: int) -> Ledger:
        """Give the same ledger as it was at a block, which is then its newest."""
        return Ledger(
            self._provider, self._contracts, beginning=self.beginning, predecessors=self.predecessors, last=block
        )

    def address(self, contract: Contract) -> bytes:
        """Tell a contract's address, 20 bytes."""
        return _data(self._addresses[contract], "address")

    def chain_id(self) -> int:
        """Ask for the chain id."""
        return int(self._request("eth_chainId"), 16)

    def head(self) -> int:
        """Ask for the newest block's number."""
        return int(self._request("eth_blockNumber"), 16) if self._last is None else self._last

    def header(self, block: int) -> bytes:
        """Fetch a header as RLP, with the seals that this node stores."""
        return encode_header(self._block(block))

    def trouble(self) -> str | None:
        """Ask why nothing can be published now; None if all is well, or if the node is of those that do not say."""
        try:
            found = self._request(TROUBLE)
        except Unavailable as error:
            return None if isinstance(error, NodeFailed) else str(error)
        return None if found is None else str(found)

    def time_of(self, block: int) -> int:
        """Ask for a block's time, UTC seconds."""
        return int(self._block(block)["timestamp"], 16)

    def word(self, contract: Contract, slot: int, block: int) -> int:
        """Read one word."""
        return int(self._request("eth_getStorageAt", self._addresses[contract], hex(slot), hex(block)), 16)

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:
        """Fetch the nodes that prove an account and some of its words."""
        answer = self._request("eth_getProof", self._addresses[contract], [hex(slot) for slot in slots], hex(block))
        return Proof(
            account_nodes=tuple(_data(node, "proof") for node in answer["accountProof"]),
            storage_nodes=tuple(_data(node, "proof") for part in answer["storageProof"] for node in part["proof"]),
        )

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        """Fetch the logs of a contract that match topics (None: any), in order, between two blocks inclusive."""
        answer = self._request(
            "eth_getLogs",
            {
                "address": self._addresses[contract],
                "topics": [None if topic is None else to_hex(topic) for topic in topics],
                "fromBlock": hex(since),
                "toBlock": hex(until),
            },
        )
        return [
            Log(
                block=int(entry["blockNumber"], 16),
                index=int(entry["logIndex"], 16),
                transaction=entry["transactionHash"],
                topics=tuple(_data(topic, "topic") for topic in entry["topics"]),
                data=_data(entry["data"], "log"),
            )
            for entry in answer
        ]

    def rehearse(self, contract: Contract, data: bytes) -> None:
        """Carry out a call on the newest state without sending it, to learn whether the contract would refuse.

        Raises:
            RefusedByLedger: it would, with its code.
            Reverted: it would, without one.
        """
        self._request("eth_call", {"to": self._addresses[contract], "data": to_hex(data)}, "latest")

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        """Fetch whom a transaction calls, 20 bytes (none if it creates a contract), and its call data.

        Raises:
            NodeFailed: the node does not have it.
        """
        found = self._request("eth_getTransactionByHash", transaction)
        if found is None:
            raise NodeFailed(method="eth_getTransactionByHash", detail=f"the node has no transaction {transaction}")
        return _data(found["to"] or "0x", "address"), _data(found["input"], "call data")

    def next_nonce(self, sender: bytes) -> int:
        """Ask how many transactions a sender has sent, those that wait included."""
        return int(self._request("eth_getTransactionCount", to_hex(sender), "pending"), 16)

    def send(self, raw_transaction: bytes) -> str:
        """Send a signed transaction and return its hash."""
        answer: str = self._request("eth_sendRawTransaction", to_hex(raw_transaction))
        return answer

    def await_sealed(self, raw_transaction: bytes, *, timeout_s: float) -> Sealed:
        """Wait until a transaction is in a block, and send it again, the same bytes, while it is not.

        A node may lose it: it ends before it told others. A node that does not answer while this waits may be back in time.

        Raises:
            NotSealed: it will not be, and the node says why.
            NotSealedInTime: it is not, after `timeout_s` seconds.
            RefusedByLedger: it is, and the contract refused it: the state had changed since it was rehearsed.
            Reverted: the same, but the reason is past finding out.
        """
        transaction = to_hex(keccak256(raw_transaction))
        started = sent = time.monotonic()
        while (receipt := self._receipt(transaction)) is None:
            now = time.monotonic()
            if now - started > timeout_s:
                raise NotSealedInTime(transaction=transaction, waited_s=timeout_s)
            if now - sent > _RESEND_S:
                sent = now
                with suppress(Refused, Unavailable):  # it is known already, or nobody is there
                    self.send(raw_transaction)
            time.sleep(_POLL_S)
        if int(receipt["status"], 16) != 1:
            self._explain(transaction, receipt["blockNumber"])
        return Sealed(
            transaction=transaction,
            block=int(receipt["blockNumber"], 16),
            block_hash=receipt["blockHash"],
            gas_used=int(receipt["gasUsed"], 16),
        )

    def _receipt(self, transaction: str) -> Mapping[str, Any] | None:
        """Ask for a receipt; silence is none yet, but a ledger that was closed here, or dropped it, will not give one."""
        try:
            receipt: Mapping[str, Any] | None = self._request("eth_getTransactionReceipt", transaction)
        except (LedgerClosed, NotSealed):
            raise
        except Unavailable:
            return None
        return receipt

    def _explain(self, transaction: str, block: str) -> NoReturn:
        """Carry a transaction out again after the block in which it failed, to learn why."""
        sent = self._request("eth_getTransactionByHash", transaction)
        self._request("eth_call", {"to": sent["to"], "data": sent["input"]}, block)
        raise Reverted(detail=f"transaction {transaction} is in block {int(block, 16)} and failed there")

    def _block(self, number: int) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = self._request("eth_getBlockByNumber", hex(number), False)  # noqa: FBT003
        if found is None:
            raise NodeFailed(method="eth_getBlockByNumber", detail=f"the node has no block {number}")
        return found

    def _request(self, method: str, *params: Any) -> Any:
        try:
            response = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError) as error:
            raise NodeFailed(method=method, detail=f"{type(error).__name__}: {error}") from error
        failure = response.get("error")
        if failure is None:
            return response.get("result")
        if isinstance(failure, str):
            raise NodeFailed(method=method, detail=failure)
        data = failure.get("data")
        if isinstance(data, str) and data.startswith("0x"):
            refusal = decode_refusal(_data(data, "revert"))
            if refusal is not None:
                raise refusal
        if failure.get("code") == NOT_SEALED and method == "eth_getTransactionReceipt":
            raise NotSealed(transaction=str(params[0]), reason=str(failure.get("message")))
        if method == "eth_call" and failure.get("code") in _REVERTED_CODES:
            raise Reverted(detail=str(failure.get("message")))
        raise NodeFailed(method=method, detail=str(failure.get("message")))


def encode_header(block: Mapping[str, Any]) -> bytes:
    """Encode the header in an answer to `eth_getBlockByNumber` as RLP.

    Raises:
        MalformedText: a member is no hex.
        KeyError: a member is missing.
    """
    fields = [*_HEADER_FIELDS, *(field for field in _LATER_FIELDS if block.get(field[0]) is not None)]
    return rlp.encode([_field(block[name], kind, name) for name, kind in fields])


def _data(text: str, what: str) -> bytes:
    return parse_hex(text, what=what)


def _field(text: str, kind: type | None, what: str) -> bytes:
    return rlp.minimal_bytes(int(text, 16)) if kind is int else _data(text, what)
