"""What a node says, held against itself: a header against its hash, a proof against its header's state.

It finds nodes that are broken or lie carelessly, at once and by name. It does not prove anything: a header may be
forged whole, and that is for `verify`, which knows the validators.
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
    """Hash a block's header as the chain does, and return it: whichever seals the node stores, it is the block's name.

    A header that nobody sealed (of a development node, say) is taken by the hash that it claims.

    Raises:
        NodeLied: The node gives the block another hash, or no header can be read.
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
        raise NodeLied(endpoint=endpoint, method=method, detail=f"no header can be read: {error}") from error
    if computed != claimed:
        detail = f"the header's hash is 0x{computed.hex()}, it says 0x{claimed.hex()}"
        raise NodeLied(endpoint=endpoint, method=method, detail=detail)
    return computed


def check_proof(answer: Any, state_root: bytes, address: str, slots: list[str], *, endpoint: str) -> None:
    """Walk a proof from a state root, and compare the values that the node gives beside it.

    Engines sort, drop and trim the keys of an answer, so words are matched by slot number.

    Raises:
        NodeLied: The proof is not one, or does not fit what the node says of account or words.
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
    """Derive the hash by which a signed transaction (0x hex) is known."""
    return "0x" + keccak256(parse_hex(raw, what="transaction")).hex()
