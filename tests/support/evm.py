"""The contracts in a bare EVM with Berlin rules: no blocks, no chain; time and block number are what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.exceptions import Revert
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.berlin.state import BerlinState
from eth.vm.message import Message
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from aeo_ledger.ledger.bindings import artifact, encode_constructor
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.rlp import encode
from aeo_ledger.protocol.tables import Contract

CHAIN_ID = 2_024
ADDRESSES = {
    Contract.CONSORTIUM: b"\xc0" * 20,
    Contract.GOVERNANCE: b"\x90" * 20,
    Contract.REGISTERS: b"\xe9" * 20,
}
RELAY = b"\x11" * 20
EMPTY_ROOT = keccak256(encode(b""))
_GAS = 1 << 32

keccak.hasher = keccak256  # type: ignore[assignment]  # three times as fast as eth-hash's automatic choice


@dataclass(frozen=True, slots=True)
class Log:
    contract: Contract
    topics: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    reverted: bool
    output: bytes
    logs: tuple[Log, ...]
    gas: int
    """Of the execution, refunds not taken off; without what a transaction costs before it starts."""


class _RecordingState(BerlinState):
    """Remembers which slots were ever written, reverted writes included: a trie keeps their hashes only."""

    def set_storage(self, address: Any, slot: int, value: int) -> None:
        self.__dict__.setdefault("written", set()).add((bytes(address), slot))
        super().set_storage(address, slot, value)


@dataclass
class Evm:
    """One state, from deployment on."""

    time: int
    block: int = 1
    chain_id: int = CHAIN_ID
    logs: list[Log] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._seat({}, EMPTY_ROOT)
        self.storage: dict[Contract, dict[int, int]] = {contract: {} for contract in Contract}
        """Every slot that is not zero."""
        self.spent = 0
        """Gas of the last execution, as in `Outcome`."""

    def fork(self) -> Evm:
        """Make another one that goes on from here."""
        state: Any = self.state
        state.persist()
        other = Evm(self.time, self.block, self.chain_id, list(self.logs))
        other._seat(dict(self._store.kv_store), state.state_root)
        other.storage = {contract: dict(words) for contract, words in self.storage.items()}
        return other

    def _seat(self, nodes: dict[bytes, bytes], root: bytes) -> None:
        self._store = MemoryDB(nodes)
        self.state = _RecordingState(AtomicDB(self._store), self._context(), root)

    def _context(self) -> ExecutionContext:
        return ExecutionContext(
            coinbase=bytes(20),
            timestamp=self.time,
            block_number=self.block,
            difficulty=1,
            mix_hash=bytes(32),
            gas_limit=60_000_000,
            prev_hashes=(),
            chain_id=self.chain_id,
        )

    def deploy(self, contract: Contract, *arguments: Any) -> Outcome:
        initcode = bytes.fromhex(artifact(contract)["bytecode"][2:]) + encode_constructor(contract, *arguments)
        address = ADDRESSES[contract]
        return self._execute(Message(_GAS, b"", RELAY, 0, b"", initcode, create_address=address))

    def call(self, contract: Contract, data: bytes, *, relay: bytes = RELAY) -> Outcome:
        address = ADDRESSES[contract]
        code = self.state.get_code(address)
        return self._execute(Message(_GAS, address, relay, 0, data, code))

    def _execute(self, message: Message) -> Outcome:
        state: Any = self.state
        state.execution_context = self._context()
        state.lock_changes()
        origin = state.get_transaction_context_class()(gas_price=0, origin=RELAY)
        creates = message.is_create
        run = state.computation_class.apply_create_message if creates else state.computation_class.apply_message
        computation = run(state, message, origin)
        if computation.is_error and not isinstance(computation.error, Revert):
            raise AssertionError(f"the EVM failed: {computation.error!r}")
        contracts = {address: contract for contract, address in ADDRESSES.items()}
        for address, slot in state.__dict__.pop("written", ()):
            words = self.storage[contracts[address]]
            words[slot] = state.get_storage(address, slot)
            if words[slot] == 0:
                del words[slot]
        logs = (
            tuple(
                Log(contracts[address], tuple(topics), data) for address, topics, data in computation.get_log_entries()
            )
            if not computation.is_error
            else ()
        )
        self.logs += logs
        self.spent = computation.get_gas_used()
        return Outcome(computation.is_error, computation.output, logs, computation.get_gas_used())

    def put(self, contract: Contract, words: dict[int, int]) -> None:
        """Write slots as no act does."""
        state: Any = self.state
        for slot, word in words.items():
            state.set_storage(ADDRESSES[contract], slot, word)
        state.__dict__.pop("written", None)
        kept = self.storage[contract]
        self.storage[contract] = {slot: word for slot, word in {**kept, **words}.items() if word}

    def storage_root(self, contract: Contract) -> bytes:
        """Read the root that an account proof would bind the contract's storage to, 32 bytes."""
        state: Any = self.state
        state.make_state_root()
        root: bytes = state._account_db._get_account(ADDRESSES[contract]).storage_root
        return root


def root_of(storage: dict[int, int]) -> bytes:
    """Build the root of a storage from its slots alone."""
    trie = HexaryTrie({})
    for slot, word in storage.items():
        trie[keccak256(slot.to_bytes(32, "big"))] = encode(word.to_bytes(32, "big").lstrip(b"\0"))
    return bytes(trie.root_hash)
