"""The rules of execution: py-evm's Berlin without the rules of mining.

Real nodes compute the same state root from the same blocks only under two conditions: nothing here pays, or even touches, the
proposer's account; and the difficulty is always 1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Final

from eth.abc import BlockAPI, BlockHeaderAPI, ComputationAPI, ReceiptAPI
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.exceptions import VMError
from eth.vm.forks.berlin import BerlinVM
from eth.vm.forks.berlin.computation import BerlinComputation
from eth.vm.forks.byzantium.headers import configure_header, create_header_from_parent
from eth.vm.spoof import SpoofTransaction
from eth_hash.auto import keccak
from eth_typing import Address

from aeo_ledger.primitives.hashes import keccak256

GAS_LIMIT = 60_000_000
"""Gas that one block, and so one transaction, may use at most."""

CALL_GAS: Final = 10_000_000
"""Gas that a call (`eth_call`) may use at most: the largest publication takes 6 million."""

CALL_S: Final = 5.0
"""Seconds that such a call may take at most. py-evm runs about 13 million gas a second, and far less for a few slow opcodes."""

_MOST_PAIRS: Final = 4
"""Most pairs of a pairing check in a call: each takes 0.3 s here, since its gas price assumes native code."""
_MOST_ROUNDS: Final = 10_000
"""Most rounds of BLAKE2 F in a call: they take 0.2 s."""

# py-evm hashes through eth-hash, whose default takes three times as long; hashing is a tenth of the time of a bulk load.
keccak.hasher = keccak256  # type: ignore[assignment]


def _difficulty(_parent: BlockHeaderAPI, _timestamp: int) -> int:
    return 1


class QbftVM(BerlinVM):
    """Berlin without proof of work. py-evm knows no seals, so they are made and stored apart from the block."""

    extra_data_max_bytes = 128
    """extraData without seals has 38 bytes."""
    consensus_class = NoProofConsensus
    compute_difficulty = staticmethod(_difficulty)
    create_header_from_parent = staticmethod(create_header_from_parent(_difficulty))
    configure_header = configure_header(difficulty_fn=_difficulty)

    @staticmethod
    def get_block_reward() -> int:
        """Return 0: nobody mines."""
        return 0

    def _assign_block_rewards(self, block: BlockAPI) -> None:
        """Do nothing: touching the proposer's account would create an empty account, and a state root that real nodes refuse."""

    @classmethod
    def validate_receipt(cls, receipt: ReceiptAPI) -> None:
        """Do nothing: py-evm would look up each topic in the bloom filter that was just made of these topics."""


class QbftChain(Chain):
    """The chain of a network; `configure(chain_id=...)` makes the network's class."""

    vm_configuration = ((0, QbftVM),)  # type: ignore[assignment]


class CallTooLong(Exception):
    """A call exceeded its time; no contract can catch this."""


class _TimedComputation(BerlinComputation):
    """Berlin with a deadline, `state.until`. Precompiled contracts run in one step, so their input is limited instead."""

    def consume_gas(self, amount: int, reason: str) -> None:
        """Check the deadline at each step, since each step uses gas."""
        if time.monotonic() > self.state.until:  # type: ignore[attr-defined]
            raise CallTooLong
        super().consume_gas(amount, reason)


def _bounded(address: int, is_too_large: Callable[[bytes], bool]) -> dict[Address, Any]:
    """Limit the input of a precompiled contract in a call."""
    place = Address(address.to_bytes(20, "big"))
    run = BerlinComputation.get_precompiles()[place]

    def bounded(computation: ComputationAPI) -> Any:
        if is_too_large(computation.msg.data_as_bytes):
            raise VMError("this input is larger than this node computes in a call")
        return run(computation)

    return {place: bounded}


_TimedComputation._precompiles = (  # noqa: SLF001 (py-evm has no public name for them)
    dict(BerlinComputation.get_precompiles())
    | _bounded(8, lambda data: len(data) > 192 * _MOST_PAIRS)
    | _bounded(9, lambda data: int.from_bytes(data[:4], "big") > _MOST_ROUNDS)
)


def simulate(  # noqa: D417 (the other arguments explain themselves)
    chain: Chain,
    header: BlockHeaderAPI,
    *,
    sender: bytes,
    to: bytes,
    value: int,
    data: bytes,
    gas: int,
    within_s: float = math.inf,
) -> tuple[ComputationAPI, int]:
    """Execute a call on the state after a block without changing it; return the outcome, and the gas used before refunds.

    Args:
        to: 20 bytes, or empty to create a contract.
        header: The block whose state, number and time the call sees.
        within_s: Seconds that the call may take.

    Raises:
        CallTooLong: It takes longer.
    """
    vm: Any = chain.get_vm(header)
    vm.state.computation_class, vm.state.until = _TimedComputation, time.monotonic() + within_s
    unsigned = vm.create_unsigned_transaction(
        nonce=vm.state.get_nonce(Address(sender)), gas_price=0, gas=gas, to=Address(to), value=value, data=data
    )
    transaction: Any = SpoofTransaction(unsigned, from_=Address(sender))
    computation = vm.state.apply_transaction(transaction)
    return computation, gas - computation.get_gas_remaining()
