"""Make a block: choose the proposer, execute transactions, collect the seals.

Block N is sealed by the validators that the contract names after block N - 1. Each transaction is executed once; py-evm's
miner, its block import and eth-tester's queue would execute or hash everything twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI
from eth.chains.base import Chain
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.exceptions import ValidationError

from aeo_ledger.chain.header import MIX_HASH, NONCE, SEAL_BYTES, encode_extra_data, quorum
from aeo_ledger.chain.logs import LogRow
from aeo_ledger.chain.mark import Marks
from aeo_ledger.chain.rules import GAS_LIMIT, QbftVM, simulate
from aeo_ledger.chain.store import Store, naming_missing_nodes
from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.chain import BlockUnfinished, DamagedLedger, QuorumMissing, TransactionRefused
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.primitives.hashes import keccak256

_GET_VALIDATORS = keccak256(b"getValidators()")[:4]


class Sealer(Protocol):
    """A validator's address and signing function. The implementation keeps the key."""

    @property
    def address(self) -> bytes:
        """The validator's address, 20 bytes."""

    def seal(self, digest: bytes) -> bytes:
        """Sign 32 bytes without hashing them: r, s, and v of 0 or 1, 65 bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Confirms that a transaction is in a sealed block on disk."""

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    """False if it reverted: then it is in the block, and changed only its sender's nonce."""
    gas_used: int


def _promise() -> Future[Receipt]:
    promise: Future[Receipt] = Future()
    promise.set_running_or_notify_cancel()  # a transaction that was sent cannot be cancelled
    return promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A transaction in the queue, and the future of its receipt."""

    transaction: SignedTransactionAPI
    done: Future[Receipt] = field(default_factory=_promise)


Outcome = tuple[Waiting, Receipt | TransactionRefused]
"""A transaction that was taken from the queue, and its receipt or why it was refused."""


@dataclass(slots=True)
class _Filled:
    """A block in the making: the transactions accepted so far, and those refused."""

    header: BlockHeaderAPI
    accepted: list[Waiting] = field(default_factory=list)
    receipts: list[ReceiptAPI] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)


def read_validators(chain: Chain, contract: bytes, header: BlockHeaderAPI) -> list[bytes]:
    """Read the validators of the block after `header`, 20 bytes each, in the contract's order; none if its answer is unreadable."""
    computation, _ = simulate(
        chain, header, sender=bytes(20), to=contract, value=0, data=_GET_VALIDATORS, gas=GAS_LIMIT
    )
    if computation.is_error:
        return []
    try:
        (addresses,) = decode(["address[]"], computation.output)
    except DecodingError:
        return []
    return [bytes.fromhex(address[2:]) for address in addresses]


class BlockMaker:
    """Makes blocks on one chain with the available sealers. At each height it lets only one block be sealed; see `chain.mark`."""

    def __init__(
        self, chain: Chain, store: Store, validators_contract: bytes, sealers: Sequence[Sealer], marks: Marks
    ) -> None:
        self._chain = chain
        self._store = store
        self._contract = validators_contract
        self._sealers: Mapping[bytes, Sealer] = {sealer.address: sealer for sealer in sealers}
        self._marks = marks
        self.unfinished = b""
        """A decided block that is not on disk yet, RLP without seals."""

    def make(self, queue: deque[Waiting], timestamp: int) -> list[Outcome]:
        """Take the transactions of one block from the queue; execute, decide, seal and write the block; return each one's outcome.

        If a block is unfinished, it is finished instead, and nothing is taken from the queue. An invalid transaction is refused and left
        out; one that reverts goes into the block as failed.

        Raises:
            QuorumMissing: The keys of fewer than two thirds of the validators are available.
            StorageFailed: The disk refused to write; nothing was sealed.
            DamagedLedger: The block depends on damaged data; nothing was sealed.
            BlockUnfinished: The block was decided, and then something failed; `finish` continues with it.
        """
        if self.unfinished:
            self.finish()
            return []
        with self._dropping():
            parent = self._chain.get_canonical_head()
            validators = read_validators(self._chain, self._contract, parent)
            proposer = self._proposer(validators, parent)
            filled, block = self._execute(queue, parent, proposer, timestamp)
            self._store.demand_place()
            self._decide(block)
            self._complete(block, filled.receipts, validators)
        return _acknowledgements(block, filled) + filled.refused

    def finish(self) -> None:
        """Seal and write the decided block that is not on disk yet, unchanged, if there is one.

        Raises:
            BlockUnfinished: Something failed again.
            DamagedLedger: The block, or data that it depends on, is damaged.
        """
        if not self.unfinished:
            return
        decided: BlockAPI = rlp.decode(self.unfinished, sedes=QbftVM.get_block_class())
        parent = self._chain.get_canonical_head()
        if decided.number <= parent.block_number:  # it was written already
            self.unfinished = b""
            return
        queue = deque(Waiting(transaction=transaction) for transaction in decided.transactions)
        with self._dropping():
            filled, block = self._execute(queue, parent, decided.header.coinbase, decided.header.timestamp)
            if block.hash != decided.hash:
                reason = "executing it again gives another block"
                raise DamagedLedger(path=str(self._store.path), part=f"decided block {block.number}", reason=reason)
            self._complete(block, filled.receipts, read_validators(self._chain, self._contract, parent))

    def _decide(self, block: BlockAPI) -> None:
        encoded = rlp.encode(block)
        self._marks.decide(block.number, block.hash, encoded)
        self.unfinished = encoded

    def _complete(self, block: BlockAPI, receipts: Sequence[ReceiptAPI], validators: Sequence[bytes]) -> None:
        try:
            self._marks.note(block.number, block.hash)
            seals = self._seal(validators, block.hash)
            self._chain.chaindb.persist_block(block)
            self._store.commit(block.number, rlp.encode(seals), log_rows(block, receipts))
        except Unavailable as error:
            raise BlockUnfinished(number=block.number, path=str(self._store.path), reason=str(error)) from error
        self.unfinished = b""

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        """Discard the pending writes after an error, and report a missing node as damage."""
        try:
            with naming_missing_nodes(self._store.path):
                yield
        except BaseException:
            self._store.drop()
            raise

    def _proposer(self, validators: Sequence[bytes], parent: BlockHeaderAPI) -> bytes:
        """Choose the validator after the parent's proposer, in order of address, among those whose keys are available."""
        present = sorted(address for address in validators if address in self._sealers)
        if len(present) < quorum(len(validators)):
            raise QuorumMissing(held=len(present), needed=quorum(len(validators)), validators=len(validators))
        return next((address for address in present if address > parent.coinbase), present[0])

    def _execute(
        self, queue: deque[Waiting], parent: BlockHeaderAPI, proposer: bytes, timestamp: int
    ) -> tuple[_Filled, BlockAPI]:
        header = self._chain.create_header_from_parent(
            parent,
            coinbase=proposer,
            timestamp=timestamp,
            gas_limit=parent.gas_limit,
            extra_data=encode_extra_data(),
            mix_hash=MIX_HASH,
            nonce=NONCE,
        )
        vm = self._chain.get_vm(header)
        filled = _Filled(header)
        while queue and filled.header.gas_used + queue[0].transaction.gas <= parent.gas_limit:
            waiting = queue.popleft()
            try:
                receipt, _ = vm.apply_transaction(filled.header, waiting.transaction)
            except ValidationError as error:
                filled.refused.append((waiting, TransactionRefused(reason=str(error))))
                continue
            filled.header = vm.add_receipt_to_header(filled.header, receipt)
            filled.accepted.append(waiting)
            filled.receipts.append(receipt)
        transactions = tuple(waiting.transaction for waiting in filled.accepted)
        unfinished = vm.set_block_transactions_and_withdrawals(
            vm.get_block(), filled.header, transactions, tuple(filled.receipts)
        )
        block = vm.finalize_block(unfinished).block
        vm.validate_header(block.header, parent)
        return filled, block

    def _seal(self, validators: Sequence[bytes], digest: bytes) -> list[bytes]:
        """Collect the valid seals: with an invalid one, no other engine would ever accept the block."""
        present = [self._sealers[address] for address in validators if address in self._sealers]
        seals = [seal for sealer in present if is_seal_of(sealer.address, digest, seal := sealer.seal(digest))]
        if len(seals) < quorum(len(validators)):
            raise QuorumMissing(held=len(seals), needed=quorum(len(validators)), validators=len(validators))
        return seals


def is_seal_of(address: bytes, digest: bytes, seal: bytes) -> bool:
    """Whether a seal over a digest of 32 bytes is the validator's (address of 20 bytes)."""
    if len(seal) != SEAL_BYTES:
        return False
    try:
        r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
        return recover_address(digest, r, s, seal[64]) == address
    except MalformedSignature:
        return False


def log_rows(block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> list[LogRow]:
    """List the logs of a block, in order."""
    rows: list[LogRow] = []
    for index, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True)):
        for log in receipt.logs:
            topics = [topic.to_bytes(32, "big") for topic in log.topics]
            first, second, third, fourth = topics + [None] * (4 - len(topics))
            row = (
                block.number,
                len(rows),
                index,
                transaction.hash,
                log.address,
                first,
                second,
                third,
                fourth,
                log.data,
            )
            rows.append(row)
    return rows


def _acknowledgements(block: BlockAPI, filled: _Filled) -> list[Outcome]:
    pairs: list[Outcome] = []
    before = 0
    for waiting, receipt in zip(filled.accepted, filled.receipts, strict=True):
        acknowledged = Receipt(
            transaction_hash=waiting.transaction.hash,
            block_number=block.number,
            block_hash=block.hash,
            succeeded=receipt.state_root == b"\x01",
            gas_used=receipt.gas_used - before,
        )
        before = receipt.gas_used
        pairs.append((waiting, acknowledged))
    return pairs
