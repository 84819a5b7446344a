"""The transaction in which a relay sends a signed act to the ledger. Its sender has no authority: any relay may send any act.

Source: EIP-2930 (type 1, since legacy transactions cannot name a large chain id), EIP-2718.
"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing.signer import Signer

_TYPE = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A call of a contract. It transfers no value, so there is no field for that."""

    chain_id: int
    nonce: int
    """Number of transactions that its sender sent before."""
    gas: int
    """Gas that it may use at most."""
    to: bytes
    """The contract, 20 bytes."""
    data: bytes
    gas_price: int = 0
    """Wei for each unit of gas: 0, except on a network with a base fee (EIP-1559)."""

    def __post_init__(self) -> None:
        """Check the ranges; raise ValueError, since a wrong value is the caller's mistake."""
        if len(self.to) != 20:
            raise ValueError(f"a contract's address has 20 bytes, not {len(self.to)}")
        if not (0 < self.chain_id < 1 << 256 and 0 <= self.nonce < (1 << 64) - 1 and 0 < self.gas < 1 << 64):
            raise ValueError("chain id, nonce (EIP-2681) or gas is out of range")
        if not 0 <= self.gas_price < 1 << 128:
            raise ValueError("the gas price is out of range")


def sign_transaction(signer: Signer, transaction: Transaction) -> bytes:
    """Sign a transaction for `eth_sendRawTransaction`. The keccak256 of the result is the transaction's hash."""
    fields: list[rlp.Encodable] = [
        rlp.minimal_bytes(transaction.chain_id),
        rlp.minimal_bytes(transaction.nonce),
        rlp.minimal_bytes(transaction.gas_price),
        rlp.minimal_bytes(transaction.gas),
        transaction.to,
        b"",  # value
        transaction.data,
        [],  # access list
    ]
    signature = signer.sign(keccak256(_TYPE + rlp.encode(fields)))
    fields += map(rlp.minimal_bytes, (signature.v - 27, signature.r, signature.s))
    return _TYPE + rlp.encode(fields)
