"""Read blocks one at a time from a file of RLP, or from a node."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.audit import NoAuditInput
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hexadecimal import parse_hex

LARGEST_BLOCK: Final = 1 << 26
"""Bytes of one block that are read at most; 60 million gas allow less than 4 MB of call data."""

Ask = Callable[[str, Sequence[Any]], Mapping[str, Any]]
"""Sends a node a method with parameters, and returns its JSON-RPC answer: `result` or `error`."""


def read_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Read blocks from a file that an engine exported: consecutive RLP items.

    Raises:
        NoAuditInput: The file ends inside a block, or contains something else.
    """
    for count in itertools.count():
        item = f"item {count} of the file"
        try:
            found = rlp.read_list_head(file.read)
        except MalformedRlp as error:
            raise NoAuditInput(what=item, reason="it is not a block: needed an RLP list") from error
        if found is None:
            return
        head, length = found
        if length > LARGEST_BLOCK:
            raise NoAuditInput(what=item, reason=f"it claims {length} bytes, no block has {LARGEST_BLOCK}")
        body = file.read(length)
        if len(body) < length:
            raise NoAuditInput(what=item, reason=f"the file ends {length - len(body)} bytes early")
        yield head + body


def request_blocks(ask: Ask, *, first: int, last: int) -> Iterator[bytes]:
    """Fetch blocks from a node: as raw RLP if it offers that, otherwise rebuilt from `eth_getBlockByNumber`.

    Rebuilding is safe: if one byte were different, hashes and roots would not match.

    Raises:
        NodeFailed: The node does not return a block.
        NoAuditInput: Its answer cannot be rebuilt as a block.
    """
    is_raw_offered = True
    for number in range(first, last + 1):
        if is_raw_offered:
            answer = ask("debug_getRawBlock", [hex(number)])
            if isinstance(answer.get("result"), str):
                yield parse_hex(answer["result"], what=f"block {number}")
                continue
            is_raw_offered = False
        yield _rebuild(_demand(ask, number), number)


def _demand(ask: Ask, number: int) -> Mapping[str, Any]:
    answer = ask("eth_getBlockByNumber", [hex(number), True])
    block = answer.get("result")
    if not isinstance(block, Mapping):
        raise NodeFailed(method="eth_getBlockByNumber", detail=f"block {number}: {answer.get('error', 'it has none')}")
    return block


def _rebuild(block: Mapping[str, Any], number: int) -> bytes:
    try:
        header = rlp.decode(encode_header(block))
        transactions = [_transaction(one) for one in block["transactions"]]
        withdrawals = [_list_withdrawals(block["withdrawals"])] if block.get("withdrawals") is not None else []
    except (AeoLedgerError, KeyError, TypeError, ValueError) as error:
        raise NoAuditInput(
            what=f"block {number}", reason=f"it cannot be rebuilt from the node's answer: {error!r}"
        ) from error
    return rlp.encode([header, transactions, [], *withdrawals])


def _list_withdrawals(withdrawals: Sequence[Any]) -> list[rlp.Encodable]:
    if withdrawals:
        raise ValueError("a withdrawal, which no block of QBFT has")
    return []


def _transaction(one: Mapping[str, Any]) -> rlp.Encodable:
    """Encode a transaction in its form inside a block: a list, or bytes for a typed one.

    Source: EIP-155 (no type), EIP-2930 (1), EIP-1559 (2), EIP-4844 (3), EIP-7702 (4).
    """
    kind = int(one.get("type") or "0x0", 16)
    if kind not in _PARTS:
        raise ValueError(f"a transaction of type {one['type']}, which no known rules have")
    seal = ("v", "r", "s") if kind == 0 else ("yParity" if "yParity" in one else "v", "r", "s")
    fields: list[rlp.Encodable] = [_FORMS.get(name, _number)(one.get(name)) for name in (*_PARTS[kind], *seal)]
    return fields if kind == 0 else bytes([kind]) + rlp.encode(fields)


def _number(found: Any) -> bytes:
    return rlp.minimal_bytes(int(found, 16))


def _bytes(found: Any) -> bytes:
    return parse_hex(found, what="transaction") if found else b""


def _list_accesses(found: Any) -> list[rlp.Encodable]:
    return [[_bytes(entry["address"]), [_bytes(key) for key in entry["storageKeys"]]] for entry in found]


def _list_hashes(found: Any) -> list[rlp.Encodable]:
    return [_bytes(one) for one in found]


def _list_authorizations(found: Any) -> list[rlp.Encodable]:
    return [
        [
            _number(one["chainId"]),
            _bytes(one["address"]),
            *(_number(one[name]) for name in ("nonce", "yParity", "r", "s")),
        ]
        for one in found
    ]


_CALL: Final = ("gas", "to", "value", "input")
_DYNAMIC: Final = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", *_CALL, "accessList")
_PARTS: Final[Mapping[int, tuple[str, ...]]] = {
    0: ("nonce", "gasPrice", *_CALL),
    1: ("chainId", "nonce", "gasPrice", *_CALL, "accessList"),
    2: _DYNAMIC,
    3: (*_DYNAMIC, "maxFeePerBlobGas", "blobVersionedHashes"),
    4: (*_DYNAMIC, "authorizationList"),
}
"""What a transaction of each type has before its signature, in order, as JSON-RPC names it."""
_FORMS: Final[Mapping[str, Callable[[Any], rlp.Encodable]]] = {
    "to": _bytes, "input": _bytes, "accessList": _list_accesses, "blobVersionedHashes": _list_hashes,
    "authorizationList": _list_authorizations,
}  # fmt: skip
"""How a part is encoded if it is no number."""
