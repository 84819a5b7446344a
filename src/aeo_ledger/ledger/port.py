"""A client of one ledger's node: it reads words, proofs, headers and logs, and sends acts until they are sealed.

Requests go through a web3 provider as raw JSON-RPC: web3's own formatters would take over 90 % of the time of a local read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NoReturn, Self, TypeAlias

from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

from aeo_ledger.errors import Refused, Unavailable
from aeo_ledger.errors.chain import LedgerClosed
from aeo_ledger.errors.ledger import NodeFailed, NotSealed, NotSealedInTime, Reverted
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import LATER_FIELDS
from aeo_ledger.ledger.bindings import decode_refusal
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, parse_quantity, to_hex
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.inventory import NOTHING, Inventory
from aeo_ledger.protocol.tables import Contract

_HEADER_FIELDS: Final = (
    ("parentHash", None), ("sha3Uncles", None), ("miner", None), ("stateRoot", None), ("transactionsRoot", None),
    ("receiptsRoot", None), ("logsBloom", None), ("difficulty", int), ("number", int), ("gasLimit", int), ("gasUsed", int),
    ("timestamp", int), ("extraData", None), ("mixHash", None), ("nonce", None),
)  # fmt: skip
"""Members of `eth_getBlockByNumber` in the order of the header's RLP; those of type int are encoded without leading zeros."""
LOG_BLOCKS: Final = 5_000
"""Blocks whose logs are asked for in one request. Besu refuses more by default (`--rpc-max-logs-range`)."""
_REMEMBERED: Final = 1_024
"""Queries whose logs are remembered."""
_POLL_S: Final = 0.05
_RESEND_S: Final = 3.0
NOT_SEALED: Final = -32010
"""This project's JSON-RPC error code: the node accepted a transaction, and no block contains it; the message says why."""
TROUBLE: Final = "aeo_trouble"
"""This project's JSON-RPC method that says why nothing can be published now; null if publishing works."""
_REVERTED_CODES: Final = frozenset({3, -32000, -32015})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A node's answer to `eth_getProof`: nodes of both tries, unchecked."""

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


_Query: TypeAlias = tuple[Contract, tuple[bytes | None, ...]]
"""Whose logs, and their topics."""


class Ledger:
    """A ledger behind a web3 provider. Every request names its block, so that answers are consistent."""

    def __init__(
        self,
        provider: BaseProvider,
        contracts: Mapping[Contract, bytes],
        *,
        beginning: Inventory = NOTHING,
        predecessors: Sequence[Ledger] = (),
    ) -> None:
        self.provider = provider
        self.contracts = dict(contracts)
        """The contracts' addresses, 20 bytes each."""
        self._addresses = {contract: to_hex(address) for contract, address in contracts.items()}
        self.last: int | None = None
        """The block that is the newest one here; None for the node's newest."""
        self._remembered: dict[_Query, tuple[int, tuple[Log, ...]]] = {}
        self._remembering = threading.Lock()
        self.beginning = beginning
        """Every word of its genesis, since no log has them. Empty if they are not known here."""
        self.founders = beginning.founders()
        """The first authority key (20 bytes) of each party in a first ledger's genesis, by the party's number."""
        self.predecessors = tuple(predecessors)
        """Ledgers that this one succeeds, the oldest first, each as of its last block before the succession."""

    def as_of(self, block: int) -> Self:
        """Return the same ledger as of a block; that block is its newest."""
        other = copy(self)
        other.last = block
        return other

    def address(self, contract: Contract) -> bytes:
        """Return a contract's address, 20 bytes."""
        return _data(self._addresses[contract], "address")

    def chain_id(self) -> int:
        """Fetch the chain id."""
        return self._quantity("eth_chainId")

    def head(self) -> int:
        """Fetch the newest block's number."""
        return self._quantity("eth_blockNumber", max_bytes=8) if self.last is None else self.last

    def header(self, block: int) -> bytes:
        """Fetch a header in RLP, with the seals that this node stores."""
        return encode_header(self._block(block))

    def trouble(self) -> str | None:
        """Fetch why nothing can be published now; None if publishing works, or if the node does not have this method."""
        try:
            found = self._request(TROUBLE)
        except Unavailable as error:
            return None if isinstance(error, NodeFailed) else str(error)
        return None if found is None else str(found)

    def time_of(self, block: int) -> int:
        """Fetch a block's time, UTC seconds."""
        with _reading("eth_getBlockByNumber"):
            return parse_quantity(self._block(block)["timestamp"], what="timestamp", max_bytes=8)

    def word(self, contract: Contract, slot: int, block: int) -> int:
        """Fetch one storage word."""
        return self._quantity("eth_getStorageAt", self._addresses[contract], hex(slot), hex(block))

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:
        """Fetch the trie nodes that prove an account and some of its words."""
        answer = self._request("eth_getProof", self._addresses[contract], [hex(slot) for slot in slots], hex(block))
        with _reading("eth_getProof"):
            return Proof(
                account_nodes=tuple(_data(node, "proof") for node in answer["accountProof"]),
                storage_nodes=tuple(_data(node, "proof") for part in answer["storageProof"] for node in part["proof"]),
            )

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        """Fetch the logs of a contract that match the topics (None: any), in order, from block `since` to `until` inclusive.

        Each request covers at most `LOG_BLOCKS` blocks. A caller that keeps what it read should say where it stands.
        """
        return [log for first, last in log_ranges(since, until) for log in self._logs(contract, topics, first, last)]

    def all_logs(self, contract: Contract, topics: Sequence[bytes | None], *, until: int) -> list[Log]:
        """Fetch the logs as `logs` does, from block 0. They are remembered, so the next call reads newer blocks only.

        A block is final, so what was read once stays true. Ask it what has few logs: one subject's, or one small table's.
        """
        query = contract, tuple(topics)
        following, found = self._remembered.get(query, (0, ()))
        for first, last in log_ranges(following, until):
            found += tuple(self._logs(contract, topics, first, last))
            self._remember(query, last + 1, found)
        return [log for log in found if log.block <= until]

    def _remember(self, query: _Query, following: int, found: tuple[Log, ...]) -> None:
        """Keep the logs of a query before block `following`. Two threads may have read the same blocks."""
        with self._remembering:
            kept = self._remembered.pop(query, (0, ()))
            self._remembered[query] = max(kept, (following, found), key=itemgetter(0))
            if len(self._remembered) > _REMEMBERED:
                del self._remembered[next(iter(self._remembered))]

    def _logs(self, contract: Contract, topics: Sequence[bytes | None], since: int, until: int) -> list[Log]:
        answer = self._request(
            "eth_getLogs",
            {
                "address": self._addresses[contract],
                "topics": [None if topic is None else to_hex(topic) for topic in topics],
                "fromBlock": hex(since),
                "toBlock": hex(until),
            },
        )
        with _reading("eth_getLogs"):
            found = [_read_log(entry) for entry in answer]
        for log in found:
            if not since <= log.block <= until:
                detail = f"it is asked for blocks {since} to {until}, and answers with a log of block {log.block}"
                raise NodeFailed(method="eth_getLogs", detail=detail)
        return found

    def rehearse(self, contract: Contract, data: bytes) -> None:
        """Execute a call on the newest state without sending it, to learn whether the contract would refuse it.

        Raises:
            RefusedByLedger: the contract would refuse it and give a code.
            Reverted: the call would revert without a code.
        """
        self._request("eth_call", {"to": self._addresses[contract], "data": to_hex(data)}, "latest")

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        """Fetch the address that a transaction calls, 20 bytes (empty if it creates a contract), and its call data.

        Raises:
            NodeFailed: the node does not have the transaction.
        """
        found = self._request("eth_getTransactionByHash", transaction)
        if found is None:
            raise NodeFailed(method="eth_getTransactionByHash", detail=f"the node has no transaction {transaction}")
        with _reading("eth_getTransactionByHash"):
            return _data(found["to"] or "0x", "address"), _data(found["input"], "call data")

    def block_with_transactions(self, number: int) -> Mapping[str, Any]:
        """Fetch a block with its transactions, as the node writes them (see the Ethereum JSON-RPC specification); nothing is checked.

        Raises:
            NodeFailed: the node does not have the block.
        """
        return self._block(number, whole=True)

    def receipt(self, transaction: str) -> Mapping[str, Any]:
        """Fetch a transaction's receipt, as the node writes it.

        Raises:
            NodeFailed: the node does not have it.
        """
        found = self._request("eth_getTransactionReceipt", transaction)
        if not isinstance(found, Mapping):
            raise NodeFailed(method="eth_getTransactionReceipt", detail=f"the node has no receipt of {transaction}")
        return found

    def base_fee(self) -> int:
        """Fetch the newest block's base fee, wei for each unit of gas; 0 where gas is free."""
        with _reading("eth_getBlockByNumber"):
            return parse_quantity(self._block(self.head()).get("baseFeePerGas") or "0x0", what="base fee")

    def balance(self, address: bytes) -> int:
        """Fetch an account's balance as of the newest block, in wei."""
        return self._quantity("eth_getBalance", to_hex(address), hex(self.head()))

    def next_nonce(self, sender: bytes) -> int:
        """Fetch how many transactions a sender has sent, pending ones included."""
        return self._quantity("eth_getTransactionCount", to_hex(sender), "pending", max_bytes=8)

    def send(self, raw_transaction: bytes) -> str:
        """Send a signed transaction and return its hash."""
        answer: str = self._request("eth_sendRawTransaction", to_hex(raw_transaction))
        return answer

    def await_sealed(self, raw_transaction: bytes, *, timeout_s: float) -> Sealed:
        """Wait until a transaction is in a block. Until then, send the same bytes again from time to time.

        Sending again helps if a node stopped before it told the others. A node that does not answer meanwhile may come back in time.

        Raises:
            NotSealed: the node says that no block will contain it, and why.
            NotSealedInTime: no block contains it after `timeout_s` seconds.
            RefusedByLedger: it is in a block, and the contract refused it: the state had changed since it was rehearsed.
            Reverted: it is in a block and failed there, and the node does not say why.
        """
        transaction = to_hex(keccak256(raw_transaction))
        started = sent = time.monotonic()
        while (receipt := self._receipt(transaction)) is None:
            now = time.monotonic()
            if now - started > timeout_s:
                raise NotSealedInTime(transaction=transaction, waited_s=timeout_s)
            if now - sent > _RESEND_S:
                sent = now
                with suppress(Refused, Unavailable):  # the node has it already, or does not answer
                    self.send(raw_transaction)
            time.sleep(_POLL_S)
        with _reading("eth_getTransactionReceipt"):
            succeeded = parse_quantity(receipt["status"], what="status") == 1
            sealed = Sealed(
                transaction=transaction,
                block=parse_quantity(receipt["blockNumber"], what="block", max_bytes=8),
                block_hash=_hash(receipt["blockHash"]),
                gas_used=parse_quantity(receipt["gasUsed"], what="gas", max_bytes=8),
            )
        if not succeeded:
            self._explain(sealed)
        return sealed

    def _receipt(self, transaction: str) -> Mapping[str, Any] | None:
        """Fetch a receipt; None if there is none yet, or if the node does not answer.

        Raises:
            LedgerClosed: the ledger in this process was closed, so no receipt will come.
            NotSealed: the node dropped the transaction.
        """
        try:
            receipt: Mapping[str, Any] | None = self._request("eth_getTransactionReceipt", transaction)
        except (LedgerClosed, NotSealed):
            raise
        except Unavailable:
            return None
        return receipt

    def _explain(self, sealed: Sealed) -> NoReturn:
        """Execute a failed transaction again on the state after its block, to learn why it failed."""
        to, data = self.call_data(sealed.transaction)
        self._request("eth_call", {"to": to_hex(to), "data": to_hex(data)}, hex(sealed.block))
        raise Reverted(detail=f"transaction {sealed.transaction} is in block {sealed.block} and failed there")

    def _block(self, number: int, *, whole: bool = False) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = self._request("eth_getBlockByNumber", hex(number), whole)
        if not isinstance(found, Mapping):
            raise NodeFailed(method="eth_getBlockByNumber", detail=f"the node has no block {number}")
        return found

    def _quantity(self, method: str, *params: Any, max_bytes: int = 32) -> int:
        """Fetch a number; `max_bytes` is the most that it can take."""
        found = self._request(method, *params)
        with _reading(method):
            return parse_quantity(found, what="number", max_bytes=max_bytes)

    def _request(self, method: str, *params: Any) -> Any:
        try:
            response = self.provider.make_request(RPCEndpoint(method), list(params))
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


@contextmanager
def _reading(method: str) -> Iterator[None]:
    """Read what a node answered: if it has another form, that is the node's fault.

    Raises:
        NodeFailed: it has.
    """
    try:
        yield
    except (MalformedText, KeyError, TypeError, AttributeError) as error:
        raise NodeFailed(method=method, detail=f"the answer cannot be read: {error}") from error


def _read_log(entry: Mapping[str, Any]) -> Log:
    return Log(
        block=parse_quantity(entry["blockNumber"], what="block", max_bytes=8),
        index=parse_quantity(entry["logIndex"], what="index", max_bytes=8),
        transaction=_hash(entry["transactionHash"]),
        topics=tuple(parse_hex(topic, what="topic", length=32) for topic in entry["topics"]),
        data=_data(entry["data"], "log"),
    )


def _hash(text: str) -> str:
    """Return a hash as the node wrote it, if it is one."""
    parse_hex(text, what="hash", length=32)
    return text


def log_ranges(since: int, until: int) -> Iterator[tuple[int, int]]:
    """Divide the blocks from `since` to `until`, both included, into ranges whose logs a node returns in one answer."""
    for first in range(since, until + 1, LOG_BLOCKS):
        yield first, min(until, first + LOG_BLOCKS - 1)


def encode_header(block: Mapping[str, Any]) -> bytes:
    """Encode the header in an answer to `eth_getBlockByNumber` as RLP.

    Raises:
        MalformedText: a member is not hexadecimal.
        KeyError: a member is missing.
    """
    later = [(field.name, int if field.is_number else None) for field in LATER_FIELDS]
    fields = [*_HEADER_FIELDS, *((name, kind) for name, kind in later if block.get(name) is not None)]
    return rlp.encode([_field(block[name], kind, name) for name, kind in fields])


def _data(text: str, what: str) -> bytes:
    return parse_hex(text, what=what)


def _field(text: str, kind: type | None, what: str) -> bytes:
    return rlp.minimal_bytes(parse_quantity(text, what=what)) if kind is int else _data(text, what)
