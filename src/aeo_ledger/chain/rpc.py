"""Ethereum's JSON-RPC over the embedded ledger: the methods that web3 and this project use.

`latest`, `safe`, `finalized` and `pending` are the same block: QBFT's blocks are final, and there is no pending state (only
`eth_getTransactionCount` counts queued transactions under `pending`). Calls see the number and time of the block whose
state they run on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from inspect import signature
from typing import Any, Protocol

from eth.abc import BlockHeaderAPI
from eth.exceptions import Revert
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from aeo_ledger.chain.formats import format_header, format_log, format_receipt, format_transaction
from aeo_ledger.chain.proof import prove_account
from aeo_ledger.chain.reader import Reader
from aeo_ledger.chain.rules import CALL_GAS, CALL_S, CallTooLong, simulate
from aeo_ledger.chain.sealing import Receipt
from aeo_ledger.errors import AeoLedgerError, Unavailable
from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.ledger import NotSealed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.ledger.port import NOT_SEALED, TROUBLE
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, parse_quantity, to_hex

_Block = dict[str, Any]

_ERROR_STRING = keccak256(b"Error(string)")[:4]

_ONE_BLOCK = ("latest", "safe", "finalized", "pending")


class RpcError(Exception):
    """An error answer, with JSON-RPC's `code`, `message` and `data`."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def to_json(self) -> dict[str, Any]:
        """Write the `error` member."""
        return {"code": self.code, "message": self.message} | ({} if self.data is None else {"data": self.data})


class Publisher(Protocol):
    """Accepts transactions."""

    def submit(self, raw_transaction: bytes) -> Future[Receipt]:
        """Queue a signed transaction."""

    def next_nonce(self, sender: bytes) -> int:
        """Return a sender's next nonce, queued transactions counted."""

    def failure(self, transaction_hash: bytes) -> AeoLedgerError | None:
        """Return why no block contains an accepted transaction."""

    def trouble(self) -> Unavailable | None:
        """Return why nothing can be published now."""


class JsonRpc:
    """Answers requests, from any thread."""

    def __init__(self, reader: Reader, publisher: Publisher) -> None:
        self._reader, self._publisher = reader, publisher
        chain_id = reader.chain.chain_id
        self._methods: Mapping[str, Callable[..., Any]] = {
            "web3_clientVersion": lambda: "aeo-ledger/embedded",
            "net_version": lambda: str(chain_id),
            "eth_chainId": lambda: hex(chain_id),
            "eth_syncing": lambda: False,
            "eth_accounts": lambda: [],  # noqa: PIE807 (`list` would take parameters)
            "eth_gasPrice": lambda: "0x0",
            "eth_blockNumber": lambda: hex(reader.head.block_number),
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
            "eth_getBalance": self._balance,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
            "eth_getTransactionCount": self._nonce,
            "eth_getProof": self._proof,
            "eth_call": self._call,
            "eth_estimateGas": self._estimate,
            "eth_sendRawTransaction": self._send,
            TROUBLE: lambda: None if (cause := publisher.trouble()) is None else str(cause),
            "debug_getRawHeader": lambda block: to_hex(reader.header_rlp(self._header(block).block_number)),
            "qbft_getValidatorsByBlockNumber": lambda block: [*map(to_hex, reader.validators(self._header(block)))],
        }

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of one request.

        Raises:
            RpcError: The method or its parameters are wrong, or a call reverted.
            NotSealed: The request is for the receipt of a transaction that was dropped.
            AeoLedgerError: See `EmbeddedLedger.submit`; or the answer depends on damaged data.
        """
        handler = self._methods.get(method)
        if handler is None:
            raise RpcError(-32601, f"the method {method} does not exist")
        try:
            signature(handler).bind(*params)
        except TypeError as error:
            raise RpcError(-32602, f"parameters of {method}: {error}") from error
        try:
            return handler(*params)
        except BlockUnknown as error:
            raise RpcError(-32000, str(error)) from error
        except MalformedText as error:
            raise RpcError(-32602, f"parameters of {method}: {error}") from error

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a decoded JSON-RPC request with a response to encode. Errors that the request causes are in the response."""
        response: dict[str, Any] = {"jsonrpc": "2.0", "id": request.get("id")}
        try:
            return response | {"result": self.request(str(request.get("method")), request.get("params") or [])}
        except RpcError as error:
            return response | {"error": error.to_json()}
        except NotSealed as error:
            return response | {"error": {"code": NOT_SEALED, "message": error.reason}}
        except AeoLedgerError as error:
            return response | {"error": {"code": -32000, "message": str(error)}}

    # ---- blocks ----

    def _header(self, block: Any) -> BlockHeaderAPI:
        """Find a block by a tag, a number, or an object of EIP-1898."""
        if isinstance(block, Mapping):
            if "blockHash" in block:
                return self._reader.header_by_hash(_bytes(block["blockHash"], "block hash", 32))
            block = block.get("blockNumber")
        if block in _ONE_BLOCK:
            return self._reader.head
        return self._reader.header(0 if block == "earliest" else parse_quantity(block, what="block"))

    def _block_by_number(self, block: str, full: bool = False) -> _Block | None:  # noqa: FBT001, FBT002 (as it comes)
        try:
            return self._format_block(self._header(block), full=full)
        except BlockUnknown:
            return None

    def _block_by_hash(self, block_hash: str, full: bool = False) -> _Block | None:  # noqa: FBT001, FBT002 (as it comes)
        try:
            return self._format_block(self._header({"blockHash": block_hash}), full=full)
        except BlockUnknown:
            return None

    def _format_block(self, header: BlockHeaderAPI, *, full: bool) -> _Block:
        transactions = self._reader.block(header).transactions
        listed: list[Any] = [
            format_transaction(header, index, one) if full else to_hex(one.hash)
            for index, one in enumerate(transactions)
        ]
        return format_header(header, self._reader.sealed(header)) | {"transactions": listed}

    # ---- transactions ----

    def _transaction(self, transaction_hash: str) -> dict[str, Any] | None:
        found = self._reader.transaction(_bytes(transaction_hash, "transaction hash", 32))
        return None if found is None else format_transaction(*found)

    def _receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        wanted = _bytes(transaction_hash, "transaction hash", 32)
        found = self._reader.transaction(wanted)
        if found is None and (failure := self._publisher.failure(wanted)) is not None:
            raise NotSealed(transaction=to_hex(wanted), reason=str(failure))
        if found is None:
            return None
        header, index, transaction = found
        receipt, gas_used = self._reader.receipt(header, index)
        logs = self._reader.store.logs_of_transaction(header.block_number, index)
        return format_receipt(header, index, transaction, receipt, gas_used, logs)

    def _send(self, raw: str) -> str:
        data = _bytes(raw, "transaction")
        self._publisher.submit(data)
        return to_hex(self._reader.decode_transaction(data).hash)

    def _logs(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        query = _object(query, "filter")
        if "blockHash" in query:
            first = last = int(self._header(query).block_number)
        else:
            first, last = (self._bound(query.get(end) or "latest") for end in ("fromBlock", "toBlock"))
        addresses = [_bytes(text, "address", 20) for text in _several(query.get("address"))]
        topics = [[_bytes(text, "topic", 32) for text in _several(one)] for one in _several(query.get("topics"))]
        if len(topics) > 4:
            raise RpcError(-32602, f"{len(topics)} topics in a filter, a log has at most 4")
        head = self._reader.head.block_number
        rows = self._reader.store.find_logs(first, min(last, head), addresses, topics) if first <= head else []
        block_hash = cache(lambda number: to_hex(self._reader.header(number).hash))
        return [format_log(row, block_hash(row[0])) for row in rows]

    def _bound(self, block: Any) -> int:
        """Read one end of a range; it may be after the last block."""
        is_tag = block == "earliest" or block in _ONE_BLOCK
        return self._header(block).block_number if is_tag else parse_quantity(block, what="block")

    # ---- accounts ----

    def _balance(self, address: str, block: Any = "latest") -> str:
        return hex(self._reader.state(self._header(block)).get_balance(_address(address)))

    def _code(self, address: str, block: Any = "latest") -> str:
        return to_hex(self._reader.state(self._header(block)).get_code(_address(address)))

    def _storage(self, address: str, slot: str, block: Any = "latest") -> str:
        return f"0x{self._reader.state(self._header(block)).get_storage(_address(address), parse_quantity(slot, what='slot')):064x}"

    def _nonce(self, address: str, block: Any = "latest") -> str:
        if block == "pending":
            return hex(self._publisher.next_nonce(_address(address)))
        return hex(self._reader.state(self._header(block)).get_nonce(_address(address)))

    def _proof(self, address: str, keys: Any, block: Any = "latest") -> dict[str, Any]:
        slots = {key: parse_quantity(key, what="slot") for key in _several(keys)}
        return prove_account(self._reader.chain.chaindb.db, self._header(block), _address(address), slots)

    # ---- execution ----

    def _call(self, call: Mapping[str, Any], block: Any = "latest") -> str:
        return to_hex(self._execute(call, block)[0])

    def _estimate(self, call: Mapping[str, Any], block: Any = "latest") -> str:
        """Execute once with all gas, and add a margin for inner calls (which get 63/64 of the rest) and refunds."""
        used = self._execute(call, block)[1]
        return hex(min(used + used // 16, self._reader.head.gas_limit))

    def _execute(self, call: Mapping[str, Any], block: Any) -> tuple[bytes, int]:
        header, call = self._header(block), _object(call, "call")
        if not call.get("to"):
            raise RpcError(
                -32602, "a call needs the address of a contract; this node does not run code that creates one"
            )
        try:
            computation, used = simulate(
                self._reader.chain,
                header,
                sender=_address(call.get("from") or to_hex(bytes(20))),
                to=_address(call["to"]),
                value=parse_quantity(call.get("value") or "0x0", what="value"),
                data=_bytes(call.get("input") or call.get("data") or "0x", "data"),
                gas=min(parse_quantity(call.get("gas") or hex(CALL_GAS), what="gas"), CALL_GAS),
                within_s=CALL_S,
            )
        except CallTooLong as error:
            raise RpcError(-32005, f"the call took longer than {CALL_S:g} s") from error
        except ValidationError as error:
            raise RpcError(-32000, f"the call is not valid: {error}") from error
        if isinstance(computation.error if computation.is_error else None, Revert):
            raise RpcError(3, f"execution reverted{_words_of(computation.output)}", to_hex(computation.output))
        if computation.is_error:
            raise RpcError(-32000, f"execution failed: {computation.error!r}")
        return computation.output, used


def _bytes(value: Any, what: str, length: int | None = None) -> bytes:
    if not isinstance(value, str):
        raise MalformedText(what=what, found=repr(value), needed="a string of hexadecimal digits")
    return parse_hex(value, what=what, length=length)


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MalformedText(what=what, found=repr(value), needed="an object")
    return value


def _address(text: Any) -> Address:
    return Address(_bytes(text, "address", 20))


def _words_of(output: bytes) -> str:
    """Read a revert's message, if it is `Error(string)`; callers who know the contract can decode other errors."""
    if not output.startswith(_ERROR_STRING):
        return ""
    try:
        return f": {decode(['string'], output[4:])[0]}"
    except DecodingError:
        return ""


def _several(wanted: Any) -> Sequence[Any]:
    """Read a filter's member as a list: empty (no filter) if it is absent, and one value as a list of one."""
    if wanted is None:
        return ()
    return wanted if isinstance(wanted, list | tuple) else (wanted,)
