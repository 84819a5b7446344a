"""Accounts in the state trie."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.errors.verify import AbsentAccount
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify.trie import NodePool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAccount:
    """A proven account in the state trie. Only `verify_account` makes one."""

    address: bytes
    """20 bytes."""
    nonce: int
    """Transactions sent, or contracts created."""
    balance: int
    """In wei."""
    storage_root: bytes
    """Root of its storage trie, 32 bytes."""
    code_hash: bytes
    """Keccak-256 of its runtime code, 32 bytes."""


def verify_account(pool: NodePool, state_root: bytes, address: bytes) -> ProvenAccount:
    """Walk the state trie to an account.

    Args:
        pool: Trie nodes, including those on the path to the account.
        state_root: State root of a sealed header, 32 bytes.
        address: 20 bytes.

    Raises:
        AbsentAccount: The nodes prove that there is no such account.
        UnreadableValue: The value there is not an account.
        MissingNode, UnreadableNode: See `NodePool.walk`.

    Source: Ethereum Yellow Paper, section 4.1.
    """
    value = pool.walk(state_root, keccak256(address))
    if value is None:
        raise AbsentAccount(address=address)
    try:
        return _account(address, rlp.decode(value))
    except MalformedRlp as error:
        raise UnreadableValue(what=f"account {to_hex(address)}", reason=error.reason) from error


def _account(address: bytes, fields: rlp.Item) -> ProvenAccount:
    if isinstance(fields, bytes) or len(fields) != 4:
        raise MalformedRlp(reason="needed a list of nonce, balance, storage root and code hash")
    return ProvenAccount(
        address=address,
        nonce=rlp.parse_number(fields[0], max_bytes=8),
        balance=rlp.parse_number(fields[1]),
        storage_root=_hash(fields[2], "storage root"),
        code_hash=_hash(fields[3], "code hash"),
    )


def _hash(item: rlp.Item, what: str) -> bytes:
    if isinstance(item, list) or len(item) != 32:
        raise MalformedRlp(reason=f"{what}: needed 32 bytes")
    return item
