"""An index that proves: all words of the contracts that decide answers, kept up from a node's logs, and compared with the sealed root.

The node is asked for a header, logs and account proofs once for each block. Words, their proofs and snapshots come from memory. If the
words do not give the storage root under a block's header, the block is not used: either the node's logs or the genesis is wrong. So the
index is never ahead of its own header or behind it.

The contracts log every word that they write. A standing's head is not logged, but follows from its events. The words of the genesis were
never logged, and the slot of a key cannot be guessed, so the port must know them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from aeo_ledger.customs.consortium import extend_head
from aeo_ledger.errors.prover import StorageNotRebuilt
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.ledger.port import Ledger, Log, Proof
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN, read_entry, read_event, read_place, read_word
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table, record_slot, word_slot
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.prover.index_store import IndexStore, Stored
from aeo_ledger.prover.trie import EMPTY, Row, Trie
from aeo_ledger.verify import NodePool, verify_account

_MOST_BLOCKS: Final = 1_000
"""Blocks whose logs are fetched in one request; Besu refuses more than 5,000."""
_LOGS: Final = 10_000
"""Logs that one answer should have: about 6 MB."""
_KEPT: Final = 8
"""States of the last blocks that stay readable, for answers that were begun before a new block."""
_RECORDED_AT: Final = RECORD["recorded_at"]


@dataclass(frozen=True, kw_only=True)
class State:
    """All words at one block, compared with its storage roots. It never changes, so any thread may read it."""

    header: bytes
    """The block's header with its seals, RLP."""
    accounts: Mapping[Contract, tuple[bytes, ...]]
    """Trie nodes that prove each contract's account, RLP, root first."""
    tries: Mapping[Contract, Trie]
    """The words of the contracts that decide answers."""
    entries: Sequence[bytes]
    """The entry of each standing, 32 bytes, in the order in which they were recorded; perhaps later ones after them."""
    standings: int
    """How many of these entries are recorded at this block."""

    @cached_property
    def decoded(self) -> Header:
        """The header's fields."""
        return decode_header(self.header)

    @cached_property
    def block(self) -> int:
        """The block's number."""
        return self.decoded.number

    def word(self, contract: Contract, slot: int) -> int:
        """Read a word; 0 means that there is none."""
        return int.from_bytes(self.tries[contract].read(_hashed(slot)), "big")

    def prove(self, contract: Contract, slots: Sequence[int]) -> Proof:
        """Prove an account and some of its words."""
        nodes: dict[bytes, None] = {}
        for slot in slots:
            nodes.update(dict.fromkeys(self.tries[contract].prove(_hashed(slot))))
        return Proof(account_nodes=self.accounts[contract], storage_nodes=tuple(nodes))

    @cached_property
    def snapshot(self) -> Snapshot:
        """Every word in one document, for a border post without a network."""
        rows = {contract: dict.fromkeys(trie.rows()) for contract, trie in self.tries.items()}
        standings = []
        for entry in sorted(self.entries[: self.standings]):
            keys = [_hashed(slot) for slot in _slots_of(entry)]
            words = [self.tries[Contract.REGISTERS].read(key) for key in keys]
            standings.append(entry + b"".join(words))
            for key, word in zip(keys, words, strict=True):
                del rows[Contract.REGISTERS][key + word]
        return Snapshot(
            header=self.header,
            nodes=tuple(dict.fromkeys(node for contract in WITH_ANSWERS for node in self.accounts[contract])),
            consortium=b"".join(rows[Contract.CONSORTIUM]),
            registers=b"".join(rows[Contract.REGISTERS]),
            standings=b"".join(standings),
        )


class Index:
    """The words of one ledger as of its newest block.

    Args:
        ledger: The port to its node.
        store: Keeps the words over a restart, and shares them with other processes; None keeps them in memory only.
    """

    def __init__(self, ledger: Ledger, store: IndexStore | None = None) -> None:
        self._ledger, self._store = ledger, store
        self._recent: deque[State] = deque(maxlen=_KEPT)
        self._entries: list[bytes] = []
        self._span = 16
        self._one_at_a_time = threading.Lock()

    @property
    def newest(self) -> State | None:
        """The state of the newest block that was read; None if none was read yet."""
        return self._recent[-1] if self._recent else None

    def at(self, block: int) -> State | None:
        """Return the state of a block; None if it is not one of the last ones that were read."""
        return next((state for state in reversed(self._recent) if state.block == block), None)

    def advance(self) -> State:
        """Read up to the newest block, and return its state.

        Raises:
            StorageNotRebuilt: genesis and logs do not give the sealed storage root; the last good state stays.
            Unavailable: the node does not answer; the last state stays.
        """
        with self._one_at_a_time:
            head = self._ledger.head()
            while (state := self.newest) is None or state.block < head:
                self._recent.append(self._read(state, head))
            return state

    def _read(self, state: State | None, head: int) -> State:
        """Read the next blocks, as many as one request for logs should cover."""
        first = 0 if state is None else state.block + 1
        last = min(head, first + self._span - 1)
        changes = _Changes(state) if state is not None else self._begin()
        count = changes.read_logs(self._ledger, first, last)
        self._span = min(_MOST_BLOCKS, 2 * self._span, max(1, self._span * _LOGS // max(count, 1)))
        return self._compare(changes, last)

    def _begin(self) -> _Changes:
        """Begin with the words of the genesis."""
        begun, addresses = self._ledger.beginning, {contract: self._ledger.address(contract) for contract in Contract}
        changes = _Changes(None)
        for contract, words in THIS_EDITION.storage(begun, addresses).items():
            if contract in WITH_ANSWERS:
                changes.words[contract] = {_hashed(slot): _bytes(word) for slot, word in words.items()}
        changes.entries.extend(begun.standings)
        return changes

    def _compare(self, changes: _Changes, block: int) -> State:
        """Apply changes, and compare the words with the storage roots under a block's header."""
        header = self._ledger.header(block)
        state_root = decode_header(header).state_root
        accounts = {contract: self._ledger.prove(contract, [], block).account_nodes for contract in Contract}
        tries = changes.apply()
        for contract, trie in tries.items():
            address = self._ledger.address(contract)
            needed = verify_account(NodePool(accounts[contract]), state_root, address).storage_root
            if trie.root != needed:
                raise StorageNotRebuilt(contract=contract, block=block, found=trie.root, needed=needed)
        known = 0 if changes.before is None else changes.before.standings
        self._entries[known:] = changes.entries
        return State(
            header=header, accounts=accounts, tries=tries, entries=self._entries, standings=known + len(changes.entries)
        )


class _Changes:
    """The words that some blocks write."""

    def __init__(self, before: State | None) -> None:
        self.before = before
        self.words: dict[Contract, dict[bytes, bytes]] = {contract: {} for contract in WITH_ANSWERS}
        """By hashed slot, 32 bytes each."""
        self.entries: list[bytes] = []
        """Entries of new standings."""

    def read_logs(self, ledger: Ledger, first: int, last: int) -> int:
        """Read the logs of some blocks, and return how many there are."""
        count = 0
        for contract in WITH_ANSWERS:
            for log in ledger.logs(contract, [], since=first, until=last):
                count += 1
                if log.topics[0] == WRITTEN:
                    table, key = read_place(log)
                    self.words[contract][_hashed(word_slot(Table(table), key))] = _bytes(read_word(log))
                elif log.topics[0] == STATUS_CHANGED:
                    self._change_status(log)
        return count

    def apply(self) -> dict[Contract, Trie]:
        """Make the tries after these changes."""
        return {contract: self._old(contract).changed(self.rows(contract)) for contract in WITH_ANSWERS}

    def rows(self, contract: Contract) -> list[Row]:
        """List the changed rows, ascending."""
        return sorted(key + word for key, word in self.words[contract].items())

    def _change_status(self, log: Log) -> None:
        entry, (record, document) = read_entry(log), read_event(log)
        record_key, head_key = (_hashed(slot) for slot in _slots_of(entry))
        head = self._word(head_key)
        if not any(self._word(record_key)):
            self.entries.append(entry)
        signed = record & ~(_RECORDED_AT.mask << _RECORDED_AT.at)
        event = struct_hash("StatusEvent", {"entry": entry, "record": signed, "document": document})
        words = self.words[Contract.REGISTERS]
        words[record_key], words[head_key] = _bytes(record), extend_head(head, event, _RECORDED_AT.of(record))

    def _word(self, key: bytes) -> bytes:
        return self.words[Contract.REGISTERS].get(key) or self._old(Contract.REGISTERS).read(key)

    def _old(self, contract: Contract) -> Trie:
        return EMPTY if self.before is None else self.before.tries[contract]


def _slots_of(entry: bytes) -> tuple[int, int]:
    """Compute the slots of a standing's record and of its head."""
    slot = record_slot(entry)
    return slot, slot + 1


def _hashed(slot: int) -> bytes:
    return keccak256(_bytes(slot))


def _bytes(word: int) -> bytes:
    return word.to_bytes(32, "big")
