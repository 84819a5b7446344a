"""The rules of execution: py-evm's Berlin, with what QBFT takes away from a chain that was mined.

Real nodes get the same state root from the same blocks only if nothing here pays, or even touches, the proposer, and if
difficulty is always 1.
"""

from __future__ import annotations

from typing import Any

from eth.abc import BlockAPI, BlockHeaderAPI, ComputationAPI, ReceiptAPI
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.vm.forks.berlin import BerlinVM
from eth.vm.forks.byzantium.headers import configure_header, create_header_from_parent
from eth.vm.spoof import SpoofTransaction
from eth_hash.auto import keccak
from eth_typing import Address

from aeo_ledger.primitives.hashes import keccak256

GAS_LIMIT = 60_000_000
"""Gas that one block, and so one transaction, may use."""

# py-evm hashes through eth-hash, whose automatic choice takes three times as long; hashing is a tenth of a bulk load.
keccak.hasher = keccak256  # type: ignore[assignment]


def _difficulty(_parent: BlockHeaderAPI, _timestamp: int) -> int:
    return 1


class QbftVM(BerlinVM):
    """Berlin without proof of work: seals are made and kept beside the block, since py-evm knows none."""

    extra_data_max_bytes = 128
    """extraData as hashed, without seals: 38 bytes."""
    consensus_class = NoProofConsensus
    compute_difficulty = staticmethod(_difficulty)
    create_header_from_parent = staticmethod(create_header_from_parent(_difficulty))
    configure_header = configure_header(difficulty_fn=_difficulty)

    @staticmethod
    def get_block_reward() -> int:
        """Return 0: nobody mines."""
        return 0

    def _assign_block_rewards(self, block: BlockAPI) -> None:
        """Leave the proposer alone: a touch would leave an empty account, and a state root that real nodes refuse."""

    @classmethod
    def validate_receipt(cls, receipt: ReceiptAPI) -> None:
        """Skip looking for each topic in the bloom filter that was made of those very topics a moment ago."""


class QbftChain(Chain):
    """One network's chain; `configure(chain_id=...)` makes the class for a network."""

    vm_configuration = ((0, QbftVM),)  # type: ignore[assignment]


def simulate(  # noqa: D417 (the others say themselves)
    chain: Chain, header: BlockHeaderAPI, *, sender: bytes, to: bytes, value: int, data: bytes, gas: int
) -> tuple[ComputationAPI, int]:
    """Execute a call on the state after a block, keep nothing, and tell the outcome and the gas used before refunds.

    Args:
        to: 20 bytes, or none to create a contract.
        header: The block whose state, number and time the call sees.
    """
    vm = chain.get_vm(header)
    unsigned = vm.create_unsigned_transaction(
        nonce=vm.state.get_nonce(Address(sender)), gas_price=0, gas=gas, to=Address(to), value=value, data=data
    )
    transaction: Any = SpoofTransaction(unsigned, from_=Address(sender))
    computation = vm.state.apply_transaction(transaction)
    return computation, gas - computation.get_gas_remaining()
