"""Run a contract's constructor in the embedded EVM, to get the account that a genesis needs."""

from __future__ import annotations

from collections.abc import Mapping

from eth.abc import ComputationAPI
from eth.consensus.context import ConsensusContext
from eth.db.atomic import AtomicDB
from eth.db.chain import ChainDB
from eth.rlp.headers import BlockHeader
from eth.vm.chain_context import ChainContext
from eth.vm.forks.berlin.state import BerlinState
from eth.vm.message import Message
from eth_typing import Address, BlockNumber

from aeo_ledger.chain.genesis import Account, Genesis
from aeo_ledger.chain.rules import QbftVM
from aeo_ledger.errors.chain import ConstructorFailed

_GAS = 1 << 40
"""Enough for any constructor: it runs once, and gas is free."""


class _WritesKnown(BerlinState):
    """A state that records which slots were written, since a trie has only their hashes."""

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        if not hasattr(self, "written"):
            self.written: set[tuple[bytes, int]] = set()
        self.written.add((address, slot))
        super().set_storage(address, slot, value)


class _DeploymentVM(QbftVM):
    _state_class = _WritesKnown


def run_constructor(
    *,
    chain_id: int,
    timestamp: int,
    address: bytes,
    initcode: bytes,
    alloc: Mapping[bytes, Account] | None = None,
    sender: bytes = bytes(20),
) -> Account:
    """Run a constructor at block 0 and return the account that it creates, for a genesis.

    Args:
        chain_id: The constructor's `chain.id`.
        timestamp: Its block's time, UTC seconds.
        address: The contract's address, 20 bytes; in a genesis any address may be chosen.
        initcode: Bytecode followed by the ABI-encoded arguments.
        alloc: Contracts that the constructor may call; its changes to *these* are not returned.
        sender: Its `msg.sender`.

    Raises:
        ConstructorFailed: It reverted, or its code is over the limit of 24,576 bytes (EIP-170).
    """
    db = AtomicDB()
    genesis = Genesis(chain_id=chain_id, timestamp=timestamp, validators_contract=bytes(20), alloc=alloc or {})
    at = genesis.write_to(db)
    header = BlockHeader(
        difficulty=1, block_number=BlockNumber(0), gas_limit=_GAS, timestamp=timestamp, state_root=at.state_root
    )
    vm = _DeploymentVM(header, ChainDB(db), ChainContext(chain_id), ConsensusContext(db))
    message = Message(
        gas=_GAS,
        to=Address(b""),
        sender=Address(sender),
        value=0,
        data=b"",
        code=initcode,
        create_address=Address(address),
    )
    state = vm.state
    context = state.get_transaction_context_class()(gas_price=0, origin=Address(sender))
    computation: ComputationAPI = state.computation_class.apply_create_message(state, message, context)
    if computation.is_error:
        raise ConstructorFailed(address=address, reason=repr(computation.error), output=computation.output)
    slots = {slot for owner, slot in getattr(state, "written", ()) if owner == address}
    words = {slot: state.get_storage(Address(address), slot) for slot in sorted(slots)}
    return Account(code=state.get_code(Address(address)), storage={slot: word for slot, word in words.items() if word})
