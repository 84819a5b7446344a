"""The embedded ledger behind eth-tester's interface, for tests of contracts: the same chain and the same seals.

The gateway does not use this. eth-tester scans blocks for transactions and logs, executes queued transactions twice, keeps no
revert data and gives no proofs; `provider` behaves like a node. eth-tester's snapshots and time travel are refused: a sealed
chain cannot do that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from eth_tester import EthereumTester
from eth_tester.backends.pyevm import PyEVMBackend
from eth_tester.backends.pyevm.serializers import serialize_transaction, serialize_transaction_receipt
from eth_tester.exceptions import BlockNotFound, TransactionNotFound
from eth_tester.validation import DefaultValidator
from web3.providers.eth_tester import EthereumTesterProvider
from web3.providers.eth_tester.defaults import API_ENDPOINTS

from aeo_ledger.chain.reader import Reader
from aeo_ledger.errors.chain import BlockUnknown


class Publisher(Protocol):
    """Accepts transactions and seals blocks."""

    def submit(self, raw_transaction: bytes) -> object:
        """Queue a signed transaction."""

    def seal_pending(self) -> int:
        """Seal a block of the queued transactions and return its number."""


class LedgerBackend(PyEVMBackend):  # type: ignore[misc]
    """eth-tester's backend over a ledger: it reads through eth-tester's code, and publishes through the ledger's queue."""

    def __init__(self, reader: Reader, publisher: Publisher) -> None:
        self.chain, self.account_keys = reader.chain, ()
        self._reader, self._publisher = reader, publisher

    def send_raw_transaction(self, raw_transaction: bytes) -> bytes:
        """Queue a signed transaction and return its hash."""
        self._publisher.submit(raw_transaction)
        return self._reader.decode_transaction(raw_transaction).hash

    def mine_blocks(self, num_blocks: int = 1, coinbase: bytes = b"") -> tuple[bytes, ...]:  # noqa: ARG002 (QBFT's)
        """Seal `num_blocks` blocks, a block period apart, and return their hashes."""
        return tuple(self._reader.header(self._publisher.seal_pending()).hash for _ in range(num_blocks))

    def get_block_by_number(self, *wanted: Any) -> dict[str, Any]:
        """Serve a block with its seals."""
        return self._with_seals(super().get_block_by_number(*wanted))

    def get_block_by_hash(self, block_hash: bytes, *wanted: Any) -> dict[str, Any]:
        """Serve a block with its seals."""
        try:
            self._reader.header_by_hash(block_hash)
        except BlockUnknown as error:
            raise BlockNotFound(str(error)) from error
        return self._with_seals(super().get_block_by_hash(block_hash, *wanted))

    def _with_seals(self, block: dict[str, Any]) -> dict[str, Any]:
        if block["number"] > self._reader.head.block_number:
            return block  # the pending block, which is not sealed
        sealed = self._reader.sealed(self._reader.header(block["number"]))
        return block | {"extra_data": sealed.extra_data}

    def get_transaction_by_hash(self, transaction_hash: bytes) -> dict[str, Any]:
        """Find a transaction by its index, not by scanning."""
        served: dict[str, Any] = serialize_transaction(*self._find(transaction_hash), is_pending=False)
        return served

    def get_transaction_receipt(self, transaction_hash: bytes) -> dict[str, Any]:
        """Find a receipt by its transaction's index, not by scanning."""
        block, transaction, index = self._find(transaction_hash)
        receipts = block.get_receipts(self.chain.chaindb)
        served: dict[str, Any] = serialize_transaction_receipt(
            block, receipts, transaction, index, is_pending=False, vm=None
        )
        return served

    def _find(self, transaction_hash: bytes) -> tuple[Any, Any, int]:
        found = self._reader.transaction(transaction_hash)
        if found is None:
            raise TransactionNotFound(f"no transaction 0x{transaction_hash.hex()} on this chain")
        header, index, transaction = found
        return self._reader.block(header), transaction, index

    def _normalize_transaction(self, transaction: Mapping[str, Any], block_number: Any = "latest") -> Any:
        """Set gas price 0, where eth-tester would set a dynamic fee, which Berlin does not have."""
        return super()._normalize_transaction({"gas_price": 0, **transaction}, block_number)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("a sealed chain can neither go back nor run ahead of the clock")

    reset_to_genesis = take_snapshot = revert_to_snapshot = time_travel = _refuse


class _AnyExtraData(DefaultValidator):  # type: ignore[misc]
    """eth-tester's checks, except that extraData has 32 bytes: a sealed header's extraData is longer."""

    @staticmethod
    def validate_outbound_block(block: Mapping[str, Any]) -> None:
        DefaultValidator.validate_outbound_block({**block, "extra_data": bytes(32)})


def make_tester_provider(reader: Reader, publisher: Publisher) -> EthereumTesterProvider:
    """Make web3's eth-tester provider over a ledger. It seals a transaction before it answers."""
    tester = EthereumTester(LedgerBackend(reader, publisher), validator=_AnyExtraData())
    chain_id = reader.chain.chain_id
    ours = {
        "eth": {**API_ENDPOINTS["eth"], "chainId": lambda *_: hex(chain_id), "gasPrice": lambda *_: "0x0"},
        "net": {**API_ENDPOINTS["net"], "version": lambda *_: str(chain_id)},
    }
    return EthereumTesterProvider(tester, api_endpoints={**API_ENDPOINTS, **ours})
