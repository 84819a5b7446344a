"""Execute blocks one after another with unmodified py-evm, starting from a genesis file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.db.schema import SchemaV1
from eth.exceptions import VMError
from eth.vm.forks.berlin import BerlinVM
from eth.vm.forks.byzantium.headers import configure_header, create_header_from_parent
from eth.vm.interrupt import MissingBytecode
from eth.vm.spoof import SpoofTransaction
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak
from eth_typing import Address
from eth_utils.exceptions import ValidationError
from trie.exceptions import MissingTraversalNode, MissingTrieNode

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


class PlainVM(BerlinVM):
    """Berlin with difficulty 1 and QBFT's long extra data, without rewards; the proposer's account is not touched."""

    extra_data_max_bytes = 1 << 16
    consensus_class = NoProofConsensus
    create_header_from_parent = staticmethod(create_header_from_parent(lambda _parent, _time: 1))
    configure_header = configure_header(difficulty_fn=lambda _parent, _time: 1)

    def _assign_block_rewards(self, block: BlockAPI) -> None: ...

    @classmethod
    def validate_header(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Do nothing: the auditor checks headers. Rules of mined chains, such as steps of the gas limit, do not apply to QBFT."""


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
        try:
            self.chain_id = int(genesis["config"]["chainId"])
            qbft = genesis["config"]["qbft"]
            self.validators_contract = _bytes(qbft["validatorcontractaddress"], 20)
            self.codes = {_bytes(address): _bytes(one.get("code", "0x")) for address, one in genesis["alloc"].items()}
            self._chain = self._start(genesis)
        except (KeyError, TypeError, ValueError, AttributeError, MalformedText, ValidationError) as error:
            raise NoAuditInput(
                what="genesis", reason=f"it cannot be read for QBFT in contract mode: {error!r}"
            ) from error

    def _start(self, genesis: Mapping[str, Any]) -> Chain:
        network = type("PlainChain", (Chain,), {"vm_configuration": ((0, PlainVM),), "chain_id": self.chain_id})
        state = {
            Address(_bytes(address)): {
                "balance": int(account.get("balance", "0x0"), 16),
                "nonce": int(account.get("nonce", "0x0"), 16),
                "code": self.codes[_bytes(address)],
                "storage": {int(slot, 16): int(word, 16) for slot, word in account.get("storage", {}).items()},
            }
            for address, account in genesis["alloc"].items()
        }
        header = {
            "difficulty": int(genesis["difficulty"], 16),
            "gas_limit": int(genesis["gasLimit"], 16),
            "timestamp": int(genesis["timestamp"], 16),
            "extra_data": _bytes(genesis["extraData"]),
            "mix_hash": _bytes(genesis["mixHash"]),
            "nonce": int(genesis["nonce"], 16).to_bytes(8, "big"),
        }
        chain: Chain = network.from_genesis(self._db, header, state)  # type: ignore[attr-defined]
        return chain

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

        Raises:
            TransactionImpossible: A transaction is not valid in this block.
        """
        vm = self._chain.get_vm(self._chain.create_header_from_parent(self.head))
        try:
            return vm.import_block(block).block
        except (ValidationError, VMError) as error:
            raise TransactionImpossible(number=block.number, reason=str(error)) from error

    def keep(self, executed: BlockAPI) -> tuple[ReceiptAPI, ...]:
        """Make an executed block the head, and return its receipts."""
        self._chain.persist_block(executed, perform_validation=False)
        builder: Any = PlainVM.get_receipt_builder()
        return tuple(self._chain.chaindb.get_receipts(executed.header, builder))

    def word(self, contract: bytes, slot: int) -> int:
        """Read a word of the head's state."""
        return int(self._chain.get_vm(self.head).state.get_storage(Address(contract), slot))

    def validators(self) -> tuple[bytes, ...]:
        """Call the contract on the head's state for the validators of the next block, 20 bytes each.

        Raises:
            NoAuditInput: Its answer cannot be read.
        """
        vm = self._chain.get_vm(self.head)
        unsigned = vm.create_unsigned_transaction(
            nonce=vm.state.get_nonce(Address(bytes(20))),
            gas_price=0,
            gas=_VIEW_GAS,
            to=Address(self.validators_contract),
            value=0,
            data=_GET_VALIDATORS,
        )
        call: Any = SpoofTransaction(unsigned, from_=Address(bytes(20)))
        output = vm.state.apply_transaction(call).output
        try:
            return tuple(bytes.fromhex(address[2:]) for address in decode(["address[]"], output)[0])
        except DecodingError as error:
            raise NoAuditInput(what="genesis", reason="its validators' contract names no validators") from error

    @staticmethod
    def block_class() -> type[BlockAPI]:
        """Return the class that decodes a block's RLP."""
        return PlainVM.get_block_class()


def _bytes(text: str, length: int | None = None) -> bytes:
    return parse_hex(text if text.startswith("0x") else f"0x{text}", what="genesis", length=length)
