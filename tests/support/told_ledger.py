"""A ledger of invented blocks that a node serves: logs, headers and account proofs, from real tries; it can be made to lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from random import Random
from typing import Self

import rlp
from trie import HexaryTrie
from web3.providers import BaseProvider

from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.port import Ledger, Log, Proof
from aeo_ledger.ledger.topics import STATUS_CHANGED, topics_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.inventory import THIS_EDITION, Inventory
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import Contract, Table, contract_of, record_slot, slot_of
from aeo_ledger.protocol.typed_data import struct_hash
from support.sealed_world import ADDRESSES, CODE_HASHES, NOW
from support.sealing import KEYS, UNSEALED, seal

_RECORDED_AT = RECORD["recorded_at"]


def throw(seed: int) -> Random:
    """Make dice that fall alike each time."""
    return Random(seed)  # noqa: S311


@dataclass
class Block:
    """A block, and the whole state after it."""

    header: bytes
    roots: dict[Contract, bytes]
    state_root: bytes
    logs: list[tuple[Contract, Log]] = field(default_factory=list)


class ToldLedger(Ledger):
    """A node in memory. Its methods answer like a node's; `asked` counts them."""

    def __init__(self, beginning: Inventory | None = None) -> None:
        began = beginning or Inventory(words={(Table.GOVERNANCE, 0): 7, (Table.PARTY, 1): 11}, standings={})
        super().__init__(BaseProvider(), ADDRESSES, beginning=began)
        storage = THIS_EDITION.storage(began, ADDRESSES)
        self._nodes: dict[bytes, bytes] = {}
        self._tries = {contract: HexaryTrie(self._nodes) for contract in Contract}
        for contract, words in storage.items():
            for slot, word in words.items():
                self._write(contract, slot, word)
        self.heads = {entry: head.to_bytes(32, "big") for entry, (_, head) in began.standings.items()}
        self.blocks: list[Block] = []
        self.asked: list[str] = []
        self.visible: int | None = None
        """The last block that the node shows; None for all."""
        self.gas_used = 0
        """Another value makes another history of the same words."""
        self.alter: Callable[[list[Log]], list[Log]] = list
        self._seal([])

    def seal(self, words: dict[tuple[Table, int], int], events: Sequence[tuple[bytes, int]] = ()) -> None:
        """Seal a block that writes words, and records events: entry and record, whose time must be set."""
        logs: list[tuple[Contract, Log]] = []

        def log(contract: Contract, topics: Sequence[bytes | None], data: bytes) -> None:
            told = tuple(topic for topic in topics if topic is not None)
            transaction = to_hex(keccak256(b"%d" % len(self.blocks)))
            logs.append(
                (
                    contract,
                    Log(block=len(self.blocks), index=len(logs), transaction=transaction, topics=told, data=data),
                )
            )

        for (table, key), word in words.items():
            self._write(*slot_of(table, key), word)
            log(contract_of(table), topics_of(table, key), word.to_bytes(32, "big"))
        for entry, record in events:
            signed = record & ~(_RECORDED_AT.mask << _RECORDED_AT.at)
            event = struct_hash("StatusEvent", {"entry": entry, "record": signed, "document": b"\5" * 32})
            head = self.heads[entry] = extend_head(self.heads.get(entry, NO_HEAD), event, _RECORDED_AT.of(record))
            self._write(Contract.REGISTERS, record_slot(entry), record)
            self._write(Contract.REGISTERS, record_slot(entry) + 1, int.from_bytes(head, "big"))
            log(Contract.REGISTERS, [STATUS_CHANGED, entry], record.to_bytes(32, "big") + b"\5" * 32)
        self._seal(logs)

    def seal_random(self, dice: Random, size: int = 12) -> None:
        """Seal a block of invented words, some of them 0, and events."""
        words = {
            (Table(dice.choice((1, 2, 10, 12, 32, 33))), dice.randrange(60)): dice.choice((0, 1, dice.getrandbits(256)))
            for _ in range(dice.randrange(size))
        }
        entries = [keccak256(bytes([dice.randrange(200)])) for _ in range(dice.randrange(size))]
        self.seal(words, [(entry, dice.getrandbits(255) | 1) for entry in entries])

    def forked(self, length: int) -> ToldLedger:
        """Copy the ledger as it was after some blocks."""
        other = copy(self)
        other.blocks, other.asked, other.heads = self.blocks[:length], [], {}
        other.gas_used = 1
        other._tries = {
            contract: HexaryTrie(self._nodes, root) for contract, root in self.blocks[length - 1].roots.items()
        }
        for block in other.blocks:
            for _, log in block.logs:
                if log.topics[0] == STATUS_CHANGED:
                    slot = record_slot(log.topics[1]) + 1
                    head, _ = other.reference(Contract.REGISTERS, slot)
                    other.heads[log.topics[1]] = head.to_bytes(32, "big")
        return other

    def reference(self, contract: Contract, slot: int) -> tuple[int, list[bytes]]:
        """Read and prove a word of the last block with the `trie` library."""
        trie, key = HexaryTrie(self._nodes, self.blocks[-1].roots[contract]), keccak256(slot.to_bytes(32, "big"))
        encoded = trie[key]
        nodes = [rlp.encode(node) for node in trie.get_proof(key)]
        word = int.from_bytes(rlp.decode(encoded), "big") if encoded else 0
        return word, [node for place, node in enumerate(nodes) if place == 0 or len(node) >= 32]

    def _write(self, contract: Contract, slot: int, word: int) -> None:
        key = keccak256(slot.to_bytes(32, "big"))
        if word:
            self._tries[contract][key] = rlp.encode(word)
        elif key in self._tries[contract]:
            del self._tries[contract][key]

    def _seal(self, logs: list[tuple[Contract, Log]]) -> None:
        accounts = HexaryTrie(self._nodes)
        for contract, trie in self._tries.items():
            accounts[keccak256(ADDRESSES[contract])] = rlp.encode([b"\1", b"", trie.root_hash, CODE_HASHES[contract]])
        number = len(self.blocks)
        header = replace(
            UNSEALED, state_root=accounts.root_hash, number=number, timestamp=NOW + number, gas_used=self.gas_used
        )
        header = seal(header, KEYS[0])
        roots = {contract: trie.root_hash for contract, trie in self._tries.items()}
        self.blocks.append(Block(header.encode(), roots, accounts.root_hash, logs))

    # ---- what a node answers ----

    def head(self) -> int:
        return len(self.blocks) - 1 if self.visible is None else self.visible

    def header(self, block: int) -> bytes:
        self.asked.append("header")
        if not 0 <= block < len(self.blocks):
            raise NodeFailed(method="eth_getBlockByNumber", detail=f"no block {block}")
        return self.blocks[block].header

    def time_of(self, block: int) -> int:
        self.asked.append("time")
        return decode_header(self.blocks[block].header).timestamp

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        self.asked.append("act")
        return ADDRESSES[Contract.REGISTERS], parse_hex(transaction, what="hash")

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        self.asked.append("logs")
        return self.alter(
            [
                log
                for block in self.blocks[since : until + 1]
                for where, log in block.logs
                if where is contract and list(log.topics[: len(topics)]) == list(topics)
            ]
        )

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:
        assert not slots, "an index asks for accounts alone"
        self.asked.append("prove")
        accounts = HexaryTrie(self._nodes, self.blocks[block].state_root)
        nodes = accounts.get_proof(keccak256(ADDRESSES[contract]))
        return Proof(account_nodes=tuple(rlp.encode(node) for node in nodes), storage_nodes=())

    def as_of(self, block: int) -> Self:
        other = copy(self)
        other.visible = block
        return other
