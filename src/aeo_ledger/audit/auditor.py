"""Check one block after another; the first invalid one raises an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import rlp
from eth.abc import BlockAPI, ReceiptAPI
from eth.db.trie import make_trie_root_and_nodes
from eth_abi.exceptions import DecodingError
from rlp.exceptions import RLPException

from aeo_ledger.audit.replay import Replay, naming_missing_nodes
from aeo_ledger.audit.scratch import Nodes
from aeo_ledger.customs.vocabulary import EventKind, KeyRole, name_number
from aeo_ledger.errors import show_utc
from aeo_ledger.errors.audit import ActUnsigned, BlockDiffers, NoAuditInput
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.ledger.bindings import decode_act
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.protocol.words import decode_key, decode_party
from aeo_ledger.verify import SealedHeader, TrustBundle, ValidatorSet, verify_header

_MAX_GAS_LIMIT: Final = (1 << 63) - 1
"""Engines disagree on how much the gas limit may change between blocks, and GoQuorum's first blocks change it much. So any change is valid."""
_DONE: Final = b"\x01"
"""Status in the receipt of a transaction that took effect."""


class Auditor:
    """Checks blocks, counts what it checked, and keeps the state after the last block."""

    def __init__(
        self,
        genesis: Mapping[str, Any],
        trust: TrustBundle | None = None,
        *,
        first: int = 0,
        nodes: Nodes | None = None,
    ) -> None:
        """Start from block 0.

        Args:
            genesis: The network's genesis file.
            trust: Pins the genesis and a checkpoint.
            first: Blocks before this one are executed only for their state, and otherwise assumed to be valid.
            nodes: A source of state from before the audited blocks; `begin_after` needs it.
        """
        self._replay = Replay(genesis, nodes)
        self._trust = trust
        self.first = first
        self.is_checkpoint_seen = trust is not None and trust.checkpoint.number == 0
        """The checkpoint of the trust bundle was among the checked blocks, with the pinned hash."""
        self._validators: tuple[bytes, ValidatorSet] | None = None
        self._codes: dict[bytes, str] = {}
        hashes = {code_hash: contract for contract, code_hash in THIS_EDITION.code_hashes.items()}
        found = {address: hashes.get(keccak256(code)) for address, code in self._replay.codes.items()}
        self.contracts = {address: contract for address, contract in found.items() if contract is not None}
        """This version's contracts in the genesis, by address; calls of other contracts are executed and not decoded."""
        self.blocks = 0
        self.transactions = self.reverted = self.seals = self.gas = self.executed_gas = 0
        self.acts: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.signers: Counter[str] = Counter()
        if trust is not None:
            self._check_pinned(trust)

    @property
    def next_number(self) -> int:
        """The number of the next block to check; block 0 may be omitted."""
        return self._replay.head.block_number + 1

    @property
    def head_hash(self) -> bytes:
        """On-chain hash of the last block that was checked, 32 bytes."""
        return bytes(self._replay.head.hash)

    @property
    def chain_id(self) -> int:
        """Chain id of the genesis."""
        return self._replay.chain_id

    def _check_pinned(self, trust: TrustBundle) -> None:
        """Compare the genesis with the trust bundle: its hash, its chain id, its contracts."""
        _demand(0, "chain id", str(self._replay.chain_id), str(trust.chain_id))
        _demand(0, "hash", to_hex(self.head_hash), to_hex(trust.genesis_hash))
        for contract in Contract:
            address = trust.address(contract)
            found = keccak256(self._replay.codes.get(address, b""))
            _demand(0, f"hash of the code at {to_hex(address)}", to_hex(found), to_hex(trust.code_hash(contract)))

    def check(self, raw: bytes) -> None:
        """Check a block, RLP with seals, and make it the head.

        Raises:
            BlockDiffers: It contradicts its parent, its content or its execution.
            HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify.verify_header`.
            RulesUnknown: This version does not know the rules of this block.
            TransactionImpossible: A transaction is not valid in this block.
            ActUnsigned: An act took effect with the signature of an unknown key.
            MissingNode: A part of the state before it is missing.
            MalformedHeader, NoAuditInput: The bytes are not a block.
        """
        with naming_missing_nodes():
            self._check(raw)

    def _check(self, raw: bytes) -> None:
        header = self._read_header(raw)
        if header.number == 0 and self.next_number == 1:
            _demand(0, "hash", to_hex(header.hash()), to_hex(self.head_hash))
            self.blocks += self.first == 0
            return
        self._check_link(header)
        place, rules = (header.number, header.timestamp), self._replay.rules
        is_judged = header.number >= self.first
        sealed = verify_header(header, self._may_seal(), forks=rules.forks_if_known(*place)) if is_judged else None
        rules.demand_known(*place)
        block = self._read_block(raw, header)
        if sealed is None:
            self._replay.keep(self._execute(header, block))
            return
        self._check_content(header, block)
        receipts = self._replay.keep(self._execute(header, block))
        self._check_checkpoint(sealed)
        self.blocks += 1
        self.seals += len(sealed.sealers)
        self.gas += header.gas_used
        for transaction, receipt in zip(block.transactions, receipts, strict=True):
            self._count(header.number, transaction, receipt)

    def _check_content(self, header: Header, block: BlockAPI) -> None:
        """Check what a header commits to, and the fees in it."""
        number, parent = header.number, self._replay.head
        _demand(number, "number of uncles", str(len(block.uncles)), "0")
        _demand(number, "number of withdrawals", str(len(getattr(block, "withdrawals", ()))), "0")
        root, _ = make_trie_root_and_nodes(block.transactions)
        _demand(number, "transactions root", to_hex(header.transactions_root), to_hex(root))
        for part, needed in (
            ("base_fee_per_gas", self._replay.rules.base_fee(block.header, parent)),
            ("excess_blob_gas", self._replay.rules.excess_blob_gas(block.header, parent)),
        ):
            if needed is not None:
                _demand(number, part.replace("_", " "), str(getattr(block.header, part)), str(needed))

    def begin_after(self, raw: bytes) -> None:
        """Assume that a block, RLP with seals, and all blocks before it are valid; check the blocks after it.

        Its state is read from `nodes` by hash, starting from the root in its header, so that no other state can be substituted.

        Raises:
            MalformedHeader, NoAuditInput: The bytes are not a block.
        """
        header = self._read_header(raw)
        self._replay.begin_after(self._read_block(raw, header).header)
        self.first = header.number + 1

    def _execute(self, header: Header, block: BlockAPI) -> BlockAPI:
        executed = self._replay.execute(block)
        self._compare(header, executed)
        self.executed_gas += header.gas_used
        return executed

    def _read_header(self, raw: bytes) -> Header:
        """Decode a block's header with seals."""
        what = f"block {self.next_number}"
        try:
            items: Any = rlp.decode(raw)
        except RLPException as error:
            raise NoAuditInput(what=what, reason=f"it is not a block: {error}") from error
        if not isinstance(items, list) or not items or not isinstance(items[0], list):
            raise NoAuditInput(what=what, reason="it is not a block: needed a list that begins with a header")
        return decode_header(rlp.encode(items[0]))

    def _read_block(self, raw: bytes, header: Header) -> BlockAPI:
        """Decode the whole block, and make its header that without seals, which is the header that py-evm knows."""
        try:
            block: BlockAPI = rlp.decode(raw, sedes=self._replay.block_class(header.number, header.timestamp))
        except (RLPException, TypeError) as error:
            reason = f"it is not a block under the rules of its number and time: {error}"
            raise NoAuditInput(what=f"block {header.number}", reason=reason) from error
        if header.number:
            round_0 = rlp.encode([header.vanity, list(header.listed_validators), list(header.vote), b"", []])
            block = block.copy(header=block.header.copy(extra_data=round_0))
        return block

    def _check_link(self, header: Header) -> None:
        parent = self._replay.head
        number = self.next_number
        _demand(number, "number", str(header.number), str(number))
        _demand(number, "parent hash", to_hex(header.parent_hash), to_hex(bytes(parent.hash)))
        if header.timestamp <= parent.timestamp:
            raise BlockDiffers(
                number=number,
                part="timestamp",
                found=show_utc(header.timestamp),
                needed=f"later than its parent's {show_utc(parent.timestamp)}",
            )
        if not header.gas_used <= header.gas_limit <= _MAX_GAS_LIMIT:
            needed = f"at least the {header.gas_used} that it used, at most 2**63 - 1"
            raise BlockDiffers(number=number, part="gas limit", found=str(header.gas_limit), needed=needed)

    def _may_seal(self) -> ValidatorSet:
        """Return the validators by the contract on the parent's state; cached while the state is the same."""
        root = bytes(self._replay.head.state_root)
        if self._validators is None or self._validators[0] != root:
            self._validators = root, ValidatorSet(self._replay.validators())
        return self._validators[1]

    @staticmethod
    def _compare(header: Header, executed: BlockAPI) -> None:
        """Compare a header with the result of execution; the most informative difference comes first."""
        made = executed.header
        pairs = (
            ("gas used", header.gas_used, made.gas_used),
            ("state root", header.state_root, made.state_root),
            ("receipts root", header.receipts_root, made.receipt_root),
            ("logs bloom", header.bloom, made.bloom.to_bytes(256, "big")),
            ("hash", header.hash(), made.hash),
        )
        for part, found, needed in pairs:
            if found != needed:
                raise BlockDiffers(number=header.number, part=part, found=_text(found), needed=_text(needed))

    def _check_checkpoint(self, sealed: SealedHeader) -> None:
        if self._trust is not None and sealed.header.number == self._trust.checkpoint.number:
            _demand(sealed.header.number, "hash", to_hex(sealed.hash), to_hex(self._trust.checkpoint.hash))
            self.is_checkpoint_seen = True

    # ---- acts ----

    def _count(self, number: int, transaction: Any, receipt: ReceiptAPI) -> None:
        """Count a transaction. If it is an act that took effect, check each signature against the ledger's keys."""
        self.transactions += 1
        if receipt.state_root != _DONE:
            self.reverted += 1
            return
        address = bytes(transaction.to)
        contract = self.contracts.get(address)
        act = self._read_act(number, contract, bytes(transaction.data)) if contract is not None else None
        if act is None:
            self.acts["other"] += 1
            return
        self.acts[act.name] += 1
        if act.name == "Publication":
            kinds: Any = act.values["events"]
            self.events.update(name_number(RECORD["kind"].of(event["record"]), EventKind) for event in kinds)
        for signer in self._signers(number, act, address):
            self.signers[self._owner(number, act, signer)] += 1

    @staticmethod
    def _read_act(number: int, contract: Contract, data: bytes) -> SignedAct | None:
        try:
            return decode_act(contract, data)
        except (DecodingError, MalformedSignature) as error:
            raise BlockDiffers(
                number=number, part="an act that took effect", found=str(error), needed="one that can be read"
            ) from error

    def _signers(self, number: int, act: SignedAct, address: bytes) -> tuple[bytes, ...]:
        try:
            return act.signers(chain_id=self._replay.chain_id, address=address)
        except MalformedSignature as error:
            raise BlockDiffers(
                number=number,
                part=f"a signature of a {act.name}",
                found=str(error),
                needed="one that recovers to a key",
            ) from error

    def _owner(self, number: int, act: SignedAct, signer: bytes) -> str:
        """Return the code of the party whose key signed, and the key's role."""
        if signer not in self._codes:
            consortium = next(a for a, contract in self.contracts.items() if contract is Contract.CONSORTIUM)
            key = decode_key(self._replay.word(consortium, word_slot(Table.KEY, int.from_bytes(signer, "big"))))
            if key is None:
                raise ActUnsigned(number=number, message=act.name, signer=signer)
            party = decode_party(self._replay.word(consortium, word_slot(Table.PARTY, key.party)))
            code = party.code if party is not None else str(key.party)
            self._codes[signer] = f"{code} {KeyRole(key.role).name.lower()}"
        return self._codes[signer]


def check_links(headers: Iterable[bytes], *, number: int, block_hash: bytes) -> None:
    """Check that each block's parent hash is the hash of the block before, and nothing else.

    Args:
        headers: Their headers in order, RLP with seals.
        number: The number of the first block.
        block_hash: The hash that the first block must have, 32 bytes.

    Raises:
        BlockDiffers: The first block has another hash, or a block does not follow the one before.
        MalformedHeader: An item is not a header.
    """
    parent: bytes | None = None
    for raw in headers:
        header = decode_header(raw)
        _demand(number, "number", str(header.number), str(number))
        if parent is None:
            _demand(number, "hash", to_hex(header.hash()), to_hex(block_hash))
        else:
            _demand(number, "parent hash", to_hex(header.parent_hash), to_hex(parent))
        number, parent = number + 1, header.hash()


def _demand(number: int, part: str, found: str, needed: str) -> None:
    if found != needed:
        raise BlockDiffers(number=number, part=part, found=found, needed=needed)


def _text(value: int | bytes) -> str:
    return str(value) if isinstance(value, int) else to_hex(bytes(value))
