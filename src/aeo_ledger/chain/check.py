"""Read a ledger's whole file, and report everything that was damaged since it was written.

This checks every page, every row of both tables, and every reference from one node to another. Of every block it checks the header and its
parent, the seals by the validators that the contract named, the transactions, receipts and logs, and the look-ups that lead to them. It
does not execute blocks again: that is an audit. The results of execution were checked when the block was sealed, and the hashes that are
checked here commit to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI
from eth.constants import BLANK_ROOT_HASH, EMPTY_SHA3
from eth.exceptions import ReceiptNotFound, TransactionNotFound
from rlp.exceptions import RLPException

from aeo_ledger.chain.connection import select, stream
from aeo_ledger.chain.genesis import Genesis
from aeo_ledger.chain.header import quorum
from aeo_ledger.chain.logs import BY_TOPIC, rows_of_logs
from aeo_ledger.chain.reader import Reader
from aeo_ledger.chain.rules import QbftChain, QbftVM
from aeo_ledger.chain.sealing import is_seal_of, log_rows
from aeo_ledger.chain.store import HASH_BYTES, Store
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.chain import BlockUnknown, DamagedLedger
from aeo_ledger.primitives.hashes import keccak256

_KNOWN: Final = 1 << 18
"""Size of the cache of nodes that exist."""
_NOWHERE: Final = frozenset({BLANK_ROOT_HASH, EMPTY_SHA3})
"""Hashes of an empty trie and of empty code; no row stores these."""

Progress = Callable[[str, int], None]
"""Called with a kind of things, such as "blocks", and how many more of them were read."""


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was read, and which damage was found."""

    path: Path
    head: int = 0
    head_hash: bytes = b""
    """32 bytes."""
    genesis_hash: bytes = b""
    """32 bytes."""
    read: dict[str, int] = field(default_factory=dict)
    """How many things of each kind."""
    damage: dict[str, AeoLedgerError] = field(default_factory=dict)
    """One error for each damaged part, by the part."""

    def note(self, error: AeoLedgerError) -> None:
        """Record damage."""
        self.damage.setdefault(error.part if isinstance(error, DamagedLedger) else str(error), error)


def check_ledger(path: Path, *, progress: Progress = lambda _what, _more: None) -> Checked:
    """Read a whole ledger; another process may have it open.

    Args:
        path: Its file.
        progress: See `Progress`.

    Raises:
        MalformedLedger, FileUnavailable: There is no ledger, or it cannot be opened.
    """
    checked = Checked(path=path)
    try:
        store = Store(path, exclusive=False)
    except DamagedLedger as error:
        checked.note(error)
        return checked
    try:
        _Check(store, checked, progress).run()
    finally:
        store.close()
    return checked


class _Check:
    def __init__(self, store: Store, checked: Checked, progress: Progress) -> None:
        self._store, self._checked, self._progress = store, checked, progress
        self._connection = store.connection
        self._has_node = lru_cache(_KNOWN)(self._look_for_node)

    def run(self) -> None:
        """Check all parts; damage that stops one does not stop the others."""
        self._connection.execute("BEGIN")  # one transaction, so that everything is read as of one moment
        for part in (self._pages, self._nodes, self._links, self._blocks):
            try:
                part()
            except DamagedLedger as error:
                self._checked.note(error)

    def _count(self, what: str, more: int = 1) -> None:
        self._checked.read[what] = self._checked.read.get(what, 0) + more
        self._progress(what, more)

    def _note(self, part: str, reason: str) -> None:
        self._checked.note(DamagedLedger(path=str(self._store.path), part=part, reason=reason))

    def _pages(self) -> None:
        for (said,) in stream(self._connection, "its pages", "PRAGMA integrity_check"):
            text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
            if text != "ok":
                self._note(f"its pages: {text}", "SQLite's integrity check reports it")
        self._count("pages", select(self._connection, "its header", "PRAGMA page_count")[0][0])

    def _nodes(self) -> None:
        for key, value in stream(self._connection, "table nodes", "SELECT key, value FROM nodes"):
            self._count("nodes")
            row = f"table nodes, row {key.hex() if isinstance(key, bytes) else key}"
            if not isinstance(value, bytes) or keccak256(value) != key:
                self._note(row, "its hash is not its key")
                continue
            for named in _references(value):
                if not self._has_node(named):
                    self._note(f"table nodes, row {named.hex()}", f"it is missing, and row {key.hex()} names it")

    def _look_for_node(self, key: bytes) -> bool:
        return bool(select(self._connection, "table nodes", "SELECT 1 FROM nodes WHERE key = ?", (key,)))

    def _links(self) -> None:
        for row in self._store.links.walk():
            self._count("links")
            if isinstance(row, DamagedLedger):
                self._checked.note(row)

    def _blocks(self) -> None:
        genesis = Genesis.from_json(json.loads(self._store.genesis))
        chain = QbftChain.configure(chain_id=genesis.chain_id)(self._store.reading)
        reader = Reader(chain, self._store, genesis.validators_contract)
        head = reader.head
        self._checked.head, self._checked.head_hash = head.block_number, head.hash
        parent: BlockHeaderAPI | None = None
        for number in range(head.block_number + 1):
            self._count("blocks")
            try:
                header = reader.header(number)
                if number == 0:
                    self._check_genesis(header, genesis)
                elif parent is not None:
                    self._check_header(reader, header, parent)
                self._check_content(reader, header)
                parent = header
            except (DamagedLedger, BlockUnknown) as error:
                self._checked.note(error)
                parent = None

    def _check_genesis(self, header: BlockHeaderAPI, genesis: Genesis) -> None:
        self._checked.genesis_hash = header.hash
        if header.hash != genesis.hash():
            self._note("block 0", "it does not follow from the stored genesis")

    def _check_header(self, reader: Reader, header: BlockHeaderAPI, parent: BlockHeaderAPI) -> None:
        """Compare a header with its parent, and its seals with the validators."""
        number = header.block_number
        if (parent.block_number + 1, parent.hash) != (number, header.parent_hash):
            self._note(f"look-up of block {number}", f"it leads to a block whose parent is not block {number - 1}")
        seated = reader.validators(parent)
        seals: list[bytes] = rlp.decode(self._store.seals(number))
        sealed = [address for address in seated if any(is_seal_of(address, header.hash, seal) for seal in seals)]
        self._count("seals", len(seals))
        if len(sealed) != len(seals) or len(seals) < quorum(len(seated)):
            self._note(f"seals of block {number}", f"{len(sealed)} of {len(seals)} are of its {len(seated)} validators")

    def _check_content(self, reader: Reader, header: BlockHeaderAPI) -> None:
        """Compare the stored content of a block with what its header commits to."""
        number = header.block_number
        if header.state_root != BLANK_ROOT_HASH:
            self._store.reading[header.state_root]
        block = reader.block(header)
        receipts: Any = reader.chain.chaindb.get_receipts(header, QbftVM.get_receipt_builder())
        logs = log_rows(block, tuple(receipts))
        self._count("logs", len(logs))
        if logs != self._store.find_logs(number, number):
            self._note(f"logs of block {number}", "they differ from those in its receipts")
        for key, _ in rows_of_logs(logs):
            if key.startswith(BY_TOPIC):
                self._store.links.demand(key)
        self._check_look_ups(reader, block)

    def _check_look_ups(self, reader: Reader, block: BlockAPI) -> None:
        for index, transaction in enumerate(block.transactions):
            self._count("transactions")
            try:
                found = reader.chain.chaindb.get_transaction_index(transaction.hash)
            except (TransactionNotFound, ReceiptNotFound):
                found = None
            if found != (block.number, index):
                self._note(f"look-up of transaction 0x{transaction.hash.hex()}", f"it leads to {found}")


def _references(value: bytes) -> Iterator[bytes]:
    """List the nodes and code that a trie node refers to; empty if the value is not a trie node."""
    try:
        yield from _named(rlp.decode(value))
    except RLPException:  # code
        return


def _named(node: Any) -> Iterator[bytes]:
    if not isinstance(node, list) or len(node) not in {2, 17}:
        return
    is_leaf = len(node) == 2 and isinstance(node[0], bytes) and node[0][:1] >= b"\x20"
    for child in () if is_leaf else node[1:] if len(node) == 2 else node[:16]:
        if isinstance(child, list):
            yield from _named(child)
        elif len(child) == HASH_BYTES:
            yield child
    if is_leaf and isinstance(node[1], bytes):
        yield from _named_by_account(node[1])


def _named_by_account(value: bytes) -> Iterator[bytes]:
    """List the storage trie and the code that an account refers to; empty if the value is not an account."""
    try:
        fields = rlp.decode(value)
    except RLPException:
        return
    if (
        isinstance(fields, list)
        and len(fields) == 4
        and all(isinstance(part, bytes) and len(part) == HASH_BYTES for part in fields[2:])
    ):
        yield from (part for part in fields[2:] if part not in _NOWHERE)
