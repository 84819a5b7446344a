"""A node with a long chain: thousands of empty blocks behind the last one of a real ledger. It refuses wide queries, as Besu does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aeo_ledger.chain.sealing import Sealer
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.forks import LATER_FIELDS
from aeo_ledger.evidence.header import NO_UNCLES_HASH
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex

MOST_BLOCKS = 5_000
"""Besu's default for `--rpc-max-logs-range`."""
_EMPTY = keccak256(rlp.encode(b""))
_BLOCK_AT = {"eth_getProof": 2, "eth_getStorageAt": 2, "eth_call": 1, "eth_getTransactionCount": 1}
"""Which parameter names the block."""


class LongNode:
    """Its `answer` is a node's behaviour; `queries` are the ranges of logs that it was asked for."""

    def __init__(
        self, answer: Callable[[Mapping[str, Any]], dict[str, Any]], sealers: Sequence[Sealer], *, blocks: int
    ) -> None:
        self._inner = answer
        self._sealers = sealers
        self.queries: list[tuple[int, int]] = []
        self._last = int(self._ask("eth_blockNumber"), 16)
        self._headers = [decode_header(encode_header(self._ask("eth_getBlockByNumber", hex(self._last), False)))]
        self.lengthen(blocks)

    def lengthen(self, blocks: int) -> None:
        """Add empty blocks, a second apart."""
        for _ in range(blocks):
            self._headers.append(follow_empty(self._headers[-1]))

    @property
    def head(self) -> int:
        return self._last + len(self._headers) - 1

    @property
    def time(self) -> int:
        return self._headers[-1].timestamp

    def _ask(self, method: str, *params: Any) -> Any:
        return self._inner({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})["result"]

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        method, params = request["method"], list(request.get("params") or [])
        said = {"jsonrpc": "2.0", "id": request["id"]}
        if method == "eth_blockNumber":
            return {**said, "result": hex(self.head)}
        if method == "eth_getBlockByNumber" and (number := self._number(params[0])) > self._last:
            return {**said, "result": self._block(number) if number <= self.head else None}
        if method == "eth_getLogs":
            first, last = (self._number(params[0][end]) for end in ("fromBlock", "toBlock"))
            self.queries.append((first, last))
            if last - first >= MOST_BLOCKS:
                return {**said, "error": {"code": -32005, "message": "Requested range exceeds maximum RPC range limit"}}
            if first > self._last:
                return {**said, "result": []}
            params[0] = {**params[0], "toBlock": hex(min(last, self._last))}
        if (at := _BLOCK_AT.get(method)) is not None and len(params) > at and params[at] != "pending":
            params[at] = hex(min(self._number(params[at]), self._last))
        return self._inner({**request, "params": params})

    def _number(self, block: str) -> int:
        return self.head if block in {"latest", "pending"} else int(block, 16)

    def _block(self, number: int) -> dict[str, Any]:
        return {**show_header(self._headers[number - self._last], self._sealers), "transactions": []}


def show_header(header: Header, sealers: Sequence[Sealer]) -> dict[str, Any]:
    """Seal a header, and write it as JSON-RPC does."""
    sealed = replace(header, seals=tuple(sealer.seal(header.seal_digest()) for sealer in sealers))
    items: Any = rlp.decode(sealed.encode())
    fields = ("state_root", "transactions_root", "receipts_root", "parent_hash", "mix_hash", "nonce", "bloom")
    names = ("stateRoot", "transactionsRoot", "receiptsRoot", "parentHash", "mixHash", "nonce", "logsBloom")
    numbers = {"number": header.number, "gasLimit": header.gas_limit, "gasUsed": header.gas_used}
    later = zip(LATER_FIELDS, header.later_fields, strict=False)
    return {
        **{name: to_hex(getattr(header, field)) for name, field in zip(names, fields, strict=True)},
        **{name: hex(value) for name, value in numbers.items()},
        **{
            field.name: hex(int.from_bytes(value, "big")) if field.is_number else to_hex(value)
            for field, value in later
        },
        "difficulty": "0x1",
        "timestamp": hex(header.timestamp),
        "hash": to_hex(header.hash()),
        "sha3Uncles": to_hex(NO_UNCLES_HASH),
        "miner": to_hex(header.coinbase),
        "extraData": to_hex(items[12]),
    }


def follow_empty(parent: Header) -> Header:
    """Make the header of an empty block after another one, a second later."""
    return replace(
        parent, number=parent.number + 1, parent_hash=parent.hash(), timestamp=parent.timestamp + 1, transactions_root=_EMPTY,
        receipts_root=_EMPTY, bloom=bytes(256), gas_used=0, seals=(),
    )  # fmt: skip
