"""Rebuild a ledger's storage from its genesis and logs, compare it with the sealed roots, and take snapshots."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.errors.prover import StorageNotRebuilt
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN, read_entry, read_event, read_place, read_word
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table, record_slot, word_slot
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.verify import NodePool, verify_account

_BLOCKS: Final = 1_000
"""Blocks whose logs are fetched in one request."""
_RECORDED_AT: Final = RECORD["recorded_at"]


class Replica:
    """A copy of the storage of the contracts that decide answers, updated from a node's logs. Any thread may use it; they take turns.

    The contracts log every word that they write. A standing's head is not logged, but follows from its events. The words of the
    genesis were never logged, and the slot of a key cannot be guessed, so the port must know them.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        begun, addresses = ledger.beginning, {contract: ledger.address(contract) for contract in Contract}
        self._words = THIS_EDITION.storage(replace(begun, standings={}), addresses)
        self._standings = {entry: (record, _bytes(head)) for entry, (record, head) in begun.standings.items()}
        self._next_block = 0
        self._taken: tuple[int, Snapshot] | None = None
        self._one_at_a_time = threading.Lock()

    def take(self) -> Snapshot:
        """Take a snapshot as of the newest block; it is cached, and the next one reads newer logs only.

        Raises:
            StorageNotRebuilt: genesis and logs do not give the sealed storage root.
            Unavailable: the node does not answer.
        """
        with self._one_at_a_time:
            block = self._ledger.head()
            if self._taken is None or self._taken[0] != block:
                self._taken = block, self._take(block)
            return self._taken[1]

    def _take(self, block: int) -> Snapshot:
        """Take a snapshot as of a block that is not older than the logs read so far."""
        header = self._ledger.header(block)
        self._read_logs(block)
        rows = {contract: self._rows(contract) for contract in WITH_ANSWERS}
        standings = sorted(self._standings.items())
        nodes: dict[bytes, None] = {}
        for contract in WITH_ANSWERS:
            proof = self._ledger.prove(contract, [], block).account_nodes
            nodes |= dict.fromkeys(proof)
            complete = rows[contract]
            if contract is Contract.REGISTERS:
                complete = sorted([*complete, *(row for standing in standings for row in _slots_of(*standing))])
            self._compare(contract, complete, proof, decode_header(header).state_root, block)
        return Snapshot(
            header=header,
            nodes=tuple(nodes),
            consortium=b"".join(key + word for key, word in rows[Contract.CONSORTIUM]),
            registers=b"".join(key + word for key, word in rows[Contract.REGISTERS]),
            standings=b"".join(entry + _bytes(record) + head for entry, (record, head) in standings),
        )

    def _read_logs(self, until: int) -> None:
        while self._next_block <= until:
            last = min(until, self._next_block + _BLOCKS - 1)
            for contract in WITH_ANSWERS:
                for log in self._ledger.logs(contract, [WRITTEN], since=self._next_block, until=last):
                    self._write(contract, log)
            for log in self._ledger.logs(Contract.REGISTERS, [STATUS_CHANGED], since=self._next_block, until=last):
                self._change_status(log)
            self._next_block = last + 1

    def _write(self, contract: Contract, log: Log) -> None:
        table, key = read_place(log)
        self._words[contract][word_slot(Table(table), key)] = read_word(log)

    def _change_status(self, log: Log) -> None:
        entry, (record, document) = read_entry(log), read_event(log)
        _, head = self._standings.get(entry, (0, NO_HEAD))
        signed = record & ~(_RECORDED_AT.mask << _RECORDED_AT.at)
        event = struct_hash("StatusEvent", {"entry": entry, "record": signed, "document": document})
        self._standings[entry] = record, extend_head(head, event, _RECORDED_AT.of(record))

    def _rows(self, contract: Contract) -> list[tuple[bytes, bytes]]:
        return sorted((_hashed(slot), _bytes(word)) for slot, word in self._words[contract].items() if word)

    def _compare(
        self,
        contract: Contract,
        rows: list[tuple[bytes, bytes]],
        nodes: tuple[bytes, ...],
        state_root: bytes,
        block: int,
    ) -> None:
        needed = verify_account(NodePool(nodes), state_root, self._ledger.address(contract)).storage_root
        found = derive_root((key, rlp.encode(word.lstrip(b"\0"))) for key, word in rows)
        if found != needed:
            raise StorageNotRebuilt(contract=contract, block=block, found=found, needed=needed)


def _slots_of(entry: bytes, standing: tuple[int, bytes]) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    slot = record_slot(entry)
    return (_hashed(slot), _bytes(standing[0])), (_hashed(slot + 1), standing[1])


def _hashed(slot: int) -> bytes:
    return keccak256(_bytes(slot))


def _bytes(word: int) -> bytes:
    return word.to_bytes(32, "big")
