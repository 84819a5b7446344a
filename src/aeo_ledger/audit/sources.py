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
    except (AeoLedgerError, KeyError, TypeError, ValueError) as error:
        raise NoAuditInput(
            what=f"block {number}", reason=f"it cannot be rebuilt from the node's answer: {error!r}"
        ) from error
    return rlp.encode([header, transactions, []])


def _transaction(one: Mapping[str, Any]) -> rlp.Encodable:
    """Encode a transaction in its form inside a block: a list, or bytes for type 1 (EIP-2930)."""

    def number(name: str) -> bytes:
        return rlp.minimal_bytes(int(one[name], 16))

    to = parse_hex(one["to"], what="to") if one.get("to") else b""
    data = parse_hex(one["input"], what="input")
    if int(one.get("type") or "0x0", 16) == 0:
        return [*map(number, ("nonce", "gasPrice", "gas")), to, number("value"), data, *map(number, ("v", "r", "s"))]
    if int(one["type"], 16) != 1:
        raise ValueError(f"a transaction of type {one['type']}, which Berlin does not have")
    accesses: rlp.Encodable = [
        [parse_hex(entry["address"], what="address"), [parse_hex(key, what="key") for key in entry["storageKeys"]]]
        for entry in one["accessList"]
    ]
    fields: list[rlp.Encodable] = [
        *map(number, ("chainId", "nonce", "gasPrice", "gas")),
        to,
        number("value"),
        data,
        accesses,
        number("yParity" if "yParity" in one else "v"),
        *map(number, ("r", "s")),
    ]
    return b"\x01" + rlp.encode(fields)
