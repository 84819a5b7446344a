"""Execute blocks one after another with unmodified py-evm, starting from a genesis file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI
from eth.db.atomic import AtomicDB
from eth.db.chain import ChainDB
from eth.db.schema import SchemaV1
from eth.exceptions import VMError
from eth.rlp.headers import BlockHeader
from eth.vm.chain_context import ChainContext
from eth.vm.interrupt import MissingBytecode
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak
from eth_typing import Address, BlockNumber
from eth_utils.exceptions import ValidationError
from trie.exceptions import MissingTraversalNode, MissingTrieNode

from aeo_ledger.audit.rules import PLAIN_BERLIN, read_rules
from aeo_ledger.audit.scratch import Nodes, ScratchDB
from aeo_ledger.errors.audit import NoAuditInput, TransactionImpossible
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex

_GET_VALIDATORS = keccak256(b"getValidators()")[:4]
_VIEW_GAS = 50_000_000

# py-evm hashes through eth-hash, whose default takes three times as long.
keccak.hasher = keccak256  # type: ignore[assignment]


@contextmanager
def naming_missing_nodes() -> Iterator[None]:
    """Report a trie node or code that py-evm did not find.

    Raises:
        MissingNode: One was missing.
    """
    try:
        yield
    except (MissingTrieNode, MissingTraversalNode) as error:
        raise MissingNode(node_hash=bytes(error.missing_node_hash)) from error
    except MissingBytecode as error:
        raise MissingNode(node_hash=bytes(error.missing_code_hash)) from error


class Replay:
    """A chain of blocks that were executed here."""

    def __init__(self, genesis: Mapping[str, Any], nodes: Nodes | None = None) -> None:
        self._db = AtomicDB(ScratchDB(nodes))
        self._chain = ChainDB(self._db)
        try:
            self.chain_id = int(genesis["config"]["chainId"])
            self.rules = read_rules(genesis)
            """The rules of its blocks."""
            qbft = genesis["config"]["qbft"]
            self.validators_contract = _bytes(qbft["validatorcontractaddress"], 20)
            self.codes = {_bytes(address): _bytes(one.get("code", "0x")) for address, one in genesis["alloc"].items()}
            self._chain.persist_header(self._begin(genesis))
        except (KeyError, TypeError, ValueError, AttributeError, MalformedText, ValidationError) as error:
            raise NoAuditInput(
                what="genesis", reason=f"it cannot be read for QBFT in contract mode: {error!r}"
            ) from error

    def _begin(self, genesis: Mapping[str, Any]) -> BlockHeaderAPI:
        """Write the state of block 0, and return its header."""
        empty = BlockHeader(difficulty=0, block_number=BlockNumber(-1), gas_limit=0, timestamp=0)
        state = PLAIN_BERLIN.build_state(self._db, empty, ChainContext(self.chain_id))
        for text, account in genesis["alloc"].items():
            address = Address(_bytes(text))
            state.set_balance(address, int(account.get("balance", "0x0"), 16))
            state.set_nonce(address, int(account.get("nonce", "0x0"), 16))
            state.set_code(address, self.codes[address])
            for slot, word in account.get("storage", {}).items():
                state.set_storage(address, int(slot, 16), int(word, 16))
        state.persist()
        fields = {
            "difficulty": int(genesis["difficulty"], 16),
            "block_number": 0,
            "gas_limit": int(genesis["gasLimit"], 16),
            "timestamp": int(genesis["timestamp"], 16),
            "extra_data": _bytes(genesis["extraData"]),
            "mix_hash": _bytes(genesis["mixHash"]),
            "nonce": int(genesis["nonce"], 16).to_bytes(8, "big"),
            "state_root": state.state_root,
        }
        return self.rules.genesis_header(genesis, fields)

    def begin_after(self, header: BlockHeaderAPI) -> None:
        """Make a block the head, given its header without seals. It and the blocks before it are not executed."""
        self._db[header.hash] = rlp.encode(header)
        self._db[SchemaV1.make_block_hash_to_score_lookup_key(header.hash)] = rlp.encode(header.block_number)
        self._db[SchemaV1.make_block_number_to_hash_lookup_key(header.block_number)] = header.hash
        self._db[SchemaV1.make_canonical_head_hash_lookup_key()] = header.hash

    @property
    def head(self) -> BlockHeaderAPI:
        """The last block's header, without seals; its `hash` is the on-chain hash."""
        return self._chain.get_canonical_head()

    def execute(self, block: BlockAPI) -> BlockAPI:
        """Execute a block's transactions on the head's state, and return the block that results. It is not the head yet.

        The result has what the proposer chose: coinbase, time, gas limit, fees. The auditor judges these.

        Raises:
            TransactionImpossible: A transaction is not valid in this block.
        """
        before = self.rules.header_before(block.header, self.head)
        vm = self._machine(before)
        try:
            vm.block_preprocessing(block)
            filled, receipts, _ = vm.apply_all_transactions(block.transactions, before)
            content = vm.set_block_transactions_and_withdrawals(vm.get_block(), filled, block.transactions, receipts)
            executed: BlockAPI = vm.finalize_block(vm.block_postprocessing(content)).block
        except (ValidationError, VMError) as error:
            raise TransactionImpossible(number=block.number, reason=str(error)) from error
        return executed

    def keep(self, executed: BlockAPI) -> tuple[ReceiptAPI, ...]:
        """Make an executed block the head, and return its receipts."""
        self._chain.persist_block(executed)
        builder: Any = self._machine(executed.header).get_receipt_builder()
        return tuple(self._chain.get_receipts(executed.header, builder))

    def word(self, contract: bytes, slot: int) -> int:
        """Read a word of the head's state."""
        return int(self._machine(self.head).state.get_storage(Address(contract), slot))

    def validators(self) -> tuple[bytes, ...]:
        """Call the contract on the head's state for the validators of the next block, 20 bytes each.

        Raises:
            NoAuditInput: Its answer cannot be read.
        """
        vm, nobody, contract = self._machine(self.head), Address(bytes(20)), Address(self.validators_contract)
        output = vm.execute_bytecode(
            origin=nobody,
            gas_price=0,
            gas=_VIEW_GAS,
            to=contract,
            sender=nobody,
            value=0,
            data=_GET_VALIDATORS,
            code=vm.state.get_code(contract),
        ).output
        try:
            return tuple(bytes.fromhex(address[2:]) for address in decode(["address[]"], output)[0])
        except DecodingError as error:
            raise NoAuditInput(what="genesis", reason="its validators' contract names no validators") from error

    def block_class(self, number: int, time: int) -> type[BlockAPI]:
        """Return the class that decodes the RLP of a block with this number and time."""
        kind: type[BlockAPI] = self.rules.machine(number, time).get_block_class()
        return kind

    def _machine(self, header: BlockHeaderAPI) -> Any:
        """Make a machine on the state in a header."""
        kind = self.rules.machine(header.block_number, header.timestamp)
        return kind(header, self._chain, ChainContext(self.chain_id), None)


def _bytes(text: str, length: int | None = None) -> bytes:
    return parse_hex(text if text.startswith("0x") else f"0x{text}", what="genesis", length=length)
