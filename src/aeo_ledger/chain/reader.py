"""Read the chain as of its last committed block, or any earlier block, from any thread.

Data that is read by its hash never changes, and every query sees whole blocks only. So readers need no lock, and never wait
for the sealing thread.
"""

from __future__ import annotations

from typing import Any

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth.chains.base import Chain
from eth.db.schema import SchemaV1
from eth.exceptions import CanonicalHeadNotFound, HeaderNotFound, TransactionNotFound, UnrecognizedTransactionType
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from aeo_ledger.chain.header import join_seals
from aeo_ledger.chain.rules import QbftVM
from aeo_ledger.chain.sealing import read_validators
from aeo_ledger.chain.store import Store
from aeo_ledger.errors.chain import BlockUnknown, DamagedLedger, MalformedTransaction, TransactionRefused
from aeo_ledger.primitives.curve import HALF_ORDER


class Reader:
    """A reader of one network's chain."""

    def __init__(self, chain: Chain, store: Store, validators_contract: bytes) -> None:
        self.chain, self.store = chain, store
        self._contract = validators_contract
        self.closed = False

    @property
    def head(self) -> BlockHeaderAPI:
        """The last block's header, without seals."""
        try:
            return self.chain.get_canonical_head()
        except CanonicalHeadNotFound as error:
            raise self._damage("look-up of the last block", "it is missing") from error

    def header(self, number: int) -> BlockHeaderAPI:
        """Read a block's header, without seals; its `hash` is the block's.

        Raises:
            BlockUnknown: There is no such block.
        """
        try:
            header = self.chain.get_canonical_block_header_by_number(BlockNumber(number))
        except HeaderNotFound as error:
            head = self.head.block_number
            if 0 <= number <= head:
                raise self._damage(f"look-up of block {number}", "it is missing") from error
            raise BlockUnknown(found=str(number), head=head) from error
        if header.block_number != number:
            raise self._damage(f"look-up of block {number}", f"it leads to block {header.block_number}")
        return header

    def header_by_hash(self, block_hash: bytes) -> BlockHeaderAPI:
        """Read a header by the block's hash, 32 bytes.

        Raises:
            BlockUnknown: There is no such block.
        """
        # Trie nodes and code are stored by hash too; only a header's hash is in the look-ups.
        if SchemaV1.make_block_hash_to_score_lookup_key(Hash32(block_hash)) not in self.store.reading:
            raise BlockUnknown(found="0x" + block_hash.hex(), head=self.head.block_number)
        return self.chain.get_block_header_by_hash(Hash32(block_hash))

    def _damage(self, part: str, reason: str) -> DamagedLedger:
        return DamagedLedger(path=str(self.store.path), part=part, reason=reason)

    def sealed(self, header: BlockHeaderAPI) -> BlockHeaderAPI:
        """Add the seals to a header, in the form that engines exchange; a genesis has no seals."""
        if header.block_number == 0:
            return header
        return join_seals(header, rlp.decode(self.store.seals(header.block_number)))

    def header_rlp(self, number: int) -> bytes:
        """Encode a block's header, with seals."""
        encoded: bytes = rlp.encode(self.sealed(self.header(number)))
        return encoded

    def block(self, header: BlockHeaderAPI) -> BlockAPI:
        """Read the whole block of a header."""
        return self.chain.get_block_by_header(header)

    def block_rlp(self, number: int) -> bytes:
        """Encode a whole block, with seals: header, transactions, no uncles."""
        header = self.header(number)
        encoded: bytes = rlp.encode(self.block(header).copy(header=self.sealed(header)))
        return encoded

    def state(self, header: BlockHeaderAPI) -> StateAPI:
        """Open the state after a block."""
        return self.chain.get_vm(header).state

    def nonce(self, sender: bytes) -> int:
        """Read the nonce of a sender's next transaction after the last block."""
        return self.state(self.head).get_nonce(Address(sender))

    def validators(self, header: BlockHeaderAPI) -> list[bytes]:
        """Read the validators of the block after `header`, 20 bytes each."""
        return read_validators(self.chain, self._contract, header)

    def transaction(self, transaction_hash: bytes) -> tuple[BlockHeaderAPI, int, SignedTransactionAPI] | None:
        """Find a transaction; return its block's header, its index in the block, and the transaction."""
        try:
            number, index = self.chain.chaindb.get_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        builder: Any = QbftVM.get_transaction_builder()
        return self.header(number), index, self.chain.chaindb.get_transaction_by_index(number, index, builder)

    def receipt(self, header: BlockHeaderAPI, index: int) -> tuple[ReceiptAPI, int]:
        """Read a transaction's receipt, and the gas that it used (the receipt has the sum of the block so far)."""
        builder: Any = QbftVM.get_receipt_builder()
        read = self.chain.chaindb.get_receipt_by_index
        receipt = read(header.block_number, index, builder)
        before = read(header.block_number, index - 1, builder).gas_used if index else 0
        return receipt, receipt.gas_used - before

    def decode_transaction(self, raw: bytes) -> SignedTransactionAPI:
        """Decode a signed transaction, and check everything that does not depend on the state.

        Raises:
            MalformedTransaction: It cannot be decoded, or has a type that Berlin does not have.
            TransactionRefused: Signature, chain id or gas are wrong. Like real nodes, this refuses a high s.
        """
        try:
            transaction = QbftVM.get_transaction_builder().decode(raw)
        except UnrecognizedTransactionType as error:
            raise MalformedTransaction(
                reason="its type does not exist in Berlin, needed legacy or type 1 (access list)"
            ) from error
        except (RLPException, ValidationError, IndexError, TypeError) as error:
            raise MalformedTransaction(reason=f"it cannot be decoded: {error}") from error
        if transaction.chain_id != self.chain.chain_id:
            raise TransactionRefused(reason=f"it is for chain {transaction.chain_id}, this is {self.chain.chain_id}")
        if transaction.s > HALF_ORDER or transaction.y_parity not in (0, 1):
            raise TransactionRefused(reason="its signature has a high s or a parity other than 0 and 1")
        if transaction.gas > (limit := self.head.gas_limit):
            raise TransactionRefused(reason=f"it asks for {transaction.gas} gas, a block has {limit}")
        try:
            transaction.validate()
        except ValidationError as error:
            raise TransactionRefused(reason=str(error)) from error
        return transaction
