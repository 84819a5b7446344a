"""Check that a node's answers are consistent: a header with its hash, a proof with its header's state root.

This finds broken nodes, and nodes that lie carelessly, at once and by name. It proves nothing: a node may forge a whole header. Only
`verify` finds that, since it knows the validators.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.errors import AeoLedgerError, Unproven
from aeo_ledger.errors.evidence import HeaderUnsealed
from aeo_ledger.errors.rpc import NodeLied
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.verify import NodePool, verify_account, verify_word


def check_header(block: Mapping[str, Any], *, endpoint: str) -> bytes:
    """Compute a block's hash from its header, compare it with the node's, and return it. It does not depend on the seals.

    For a header without seals (of a development node, for example) the node's hash is returned.

    Raises:
        NodeLied: The node names another hash, or its header cannot be read.
    """
    method = "eth_getBlockByNumber"
    try:
        encoded = encode_header(block)
        try:
            computed = decode_header(encoded).hash()
        except HeaderUnsealed:
            computed = parse_hex(block["hash"], what="hash", length=32)
        claimed = parse_hex(block["hash"], what="hash", length=32)
    except (AeoLedgerError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NodeLied(endpoint=endpoint, method=method, detail=f"its header cannot be read: {error}") from error
    if computed != claimed:
        detail = f"the header's hash is 0x{computed.hex()}, it says 0x{claimed.hex()}"
        raise NodeLied(endpoint=endpoint, method=method, detail=detail)
    return computed


def check_proof(answer: Any, state_root: bytes, address: str, slots: list[str], *, endpoint: str) -> None:
    """Verify a proof from a state root, and compare it with the values in the answer.

    Engines sort, omit and shorten the keys of an answer, so words are matched by the slot's number.

    Raises:
        NodeLied: The proof is not valid, or contradicts the answer's values.
    """
    try:
        given = {int(part["key"], 16): int(part["value"], 16) for part in answer["storageProof"]}
        nodes = {
            parse_hex(node, what="proof")
            for part in [answer["accountProof"], *(one["proof"] for one in answer["storageProof"])]
            for node in part
        }
        pool = NodePool(nodes)
        account = verify_account(pool, state_root, parse_hex(address, what="address", length=20))
        for slot in (int(text, 16) for text in slots):
            proven = verify_word(pool, account, slot)
            if given.get(slot) != proven:
                raise NodeLied(
                    endpoint=endpoint,
                    method="eth_getProof",
                    detail=f"the proof says {proven:#x} of slot {slot:#x}, the node {given.get(slot, 'nothing')}",
                )
    except Unproven as error:
        raise NodeLied(endpoint=endpoint, method="eth_getProof", detail=str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NodeLied(endpoint=endpoint, method="eth_getProof", detail=f"it cannot be read: {error!r}") from error


def hash_of_transaction(raw: str) -> str:
    """Compute the hash of a signed transaction (0x hex)."""
    return "0x" + keccak256(parse_hex(raw, what="transaction")).hex()
