"""The port to a ledger behind an index: what stands now comes from memory, the past from the index's database, the rest from the node."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self, TypeVar

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.ledger.port import Ledger, Log, Proof
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.state import DAMAGES, State

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.prover.index_store import IndexStore
    from aeo_ledger.prover.remembered import RememberedPast

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_EVERY_S: Final = 0.2
"""Seconds between two looks for a new block."""

_CALLS: Final = 256
"""Transactions whose call data are kept: 10 MB at most."""


class IndexedLedger(Ledger):
    """A port whose newest block is the index's. Use it in a `with` block: there a thread follows the node.

    `head` asks the node, so what is prepared on its block is prepared on the newest state, whichever process published last. If the node
    does not answer, the last block goes on to answer, and its age can be seen; and until it answers the thread, nobody else asks it,
    because each request would wait for a node that hangs.
    """

    def __init__(self, node: Ledger, store: IndexStore | None = None) -> None:
        super().__init__(node.provider, node.contracts, beginning=node.beginning, predecessors=node.predecessors)
        self.index = Index(node, store)
        self._node, self._mends = node, False
        self._call_data = lru_cache(maxsize=_CALLS)(super().call_data)
        self._chain_id = lru_cache(maxsize=1)(super().chain_id)
        self._fault: Exception | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="aeo-ledger index", daemon=True)

    def __enter__(self) -> Self:
        """Read the ledger, and follow it until the `with` block ends.

        Raises:
            IndexOfOtherLedger: the database is of another ledger.
        """
        with suppress(Unavailable):  # the thread tries again, and `fault` says why
            self.index.advance()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop following."""
        self._closing.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._closing.wait(_EVERY_S):
            self._advance()

    def _advance(self) -> None:
        try:
            self.index.advance()
            self._fault = None
        except Exception as fault:  # noqa: BLE001 (a thread that ended would leave old answers, and nobody would know)
            if str(fault) != str(self._fault):
                _LOG.warning("the index does not follow: %s", fault)
            self._fault = fault

    def head(self) -> int:
        """Fetch the newest block's number, and bring the index there. If the node does not answer, it is the index's block."""
        if self.last is not None:
            return self.last
        if self._is_silent and self.index.newest is not None:
            return self.index.newest.block
        try:
            return self.index.advance().block
        except Unavailable:
            if self.index.newest is None:
                raise
            return self.index.newest.block

    @property
    def fault(self) -> str | None:
        """Why the index does not follow the node; None if it does."""
        return None if self._fault is None else str(self._fault)

    @property
    def _is_silent(self) -> bool:
        """Whether the node gave the thread no answer; an error is one."""
        return isinstance(self._fault, Unavailable) and not isinstance(self._fault, NodeFailed)

    def trouble(self) -> str | None:
        """Return why nothing can be published now: the node is silent, or what it says; None if publishing works."""
        return self.fault if self._is_silent else super().trouble()

    def chain_id(self) -> int:
        """Return the chain id, which never changes."""
        return self._chain_id()

    def header(self, block: int) -> bytes:
        """Return a header in RLP, with seals."""
        state = self._state(block)
        return super().header(block) if state is None else state.header

    def time_of(self, block: int) -> int:
        """Return a block's time, UTC seconds."""
        state = self.index.at(block)
        if state is not None:
            return state.decoded.timestamp
        past = self._past
        return super().time_of(block) if past is None else past.time_of(block)

    def word(self, contract: Contract, slot: int, block: int) -> int:
        """Read one storage word."""
        state = self._state(block)
        if state is None or contract not in state.tries:
            return super().word(contract, slot, block)
        return state.word(contract, slot)

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:
        """Return the trie nodes that prove an account and some of its words."""
        state = self._state(block)
        if state is None or (slots and contract not in state.tries):
            return super().prove(contract, slots, block)
        return state.prove(contract, slots)

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        """Return the logs of a contract that match the topics (None: any), in order, from block `since` to `until` inclusive."""
        past, exact = self._past, [topic for topic in topics if topic is not None]
        if past is None or contract not in WITH_ANSWERS or len(exact) < len(topics):
            return super().logs(contract, topics, since=since, until=until)
        return past.logs(contract, exact, since, until)

    def all_logs(self, contract: Contract, topics: Sequence[bytes | None], *, until: int) -> list[Log]:
        """Return the logs as `logs` does, from block 0."""
        if self._past is None:
            return super().all_logs(contract, topics, until=until)
        return self.logs(contract, topics, until=until)

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        """Return what a transaction calls; histories share transactions, and its hash says that it never changes."""
        past = self._past
        return self._call_data(transaction) if past is None else past.call_data(transaction)

    def mending(self) -> Self:
        """Return the same ledger, which takes the past from the node and mends the index's database."""
        other = copy(self)
        other._mends = True  # noqa: SLF001 (its own)
        return other

    @property
    def _past(self) -> RememberedPast | None:
        """The past; None if no database keeps it."""
        store = self.index.archive
        if store is None:
            return None
        from aeo_ledger.prover.remembered import RememberedPast  # noqa: PLC0415 (needs the extra, as the store does)

        return RememberedPast(store, self._node, mends=self._mends)

    def _state(self, block: int) -> State | None:
        """Return the state of one of the last blocks, or of one around a change of the validators; None of another one."""
        past = self._past if (state := self.index.at(block)) is None else None
        return state if past is None else past.step(block)

    def await_sealed(self, raw_transaction: bytes, *, timeout_s: float) -> Sealed:
        """Wait until a transaction is in a block, and until the index has this block."""
        sealed = super().await_sealed(raw_transaction, timeout_s=timeout_s)
        with suppress(Unavailable):  # it is sealed: the index will have it later
            self.index.advance()
        return sealed


def from_node(ledger: Ledger) -> Ledger:
    """Return a ledger whose past comes from the node, for what nobody can prove to be complete; rows of the index that differ are mended."""
    return ledger.mending() if isinstance(ledger, IndexedLedger) and ledger.index.archive is not None else ledger


def make_or_mend(ledger: Ledger, make: Callable[[Ledger], T]) -> T:
    """Make something that is proven before it is given away; if the index's past does not prove it, make it from the node, and mend the index."""
    try:
        return make(ledger)
    except DAMAGES:
        if not isinstance(ledger, IndexedLedger) or ledger.index.archive is None:
            raise
        return make(ledger.mending())


def fault_of(ledger: Ledger) -> str | None:
    """Return why a ledger's index does not follow its node; None if it does, or if there is no index."""
    return ledger.fault if isinstance(ledger, IndexedLedger) else None


def database_fault_of(ledger: Ledger) -> str | None:
    """Return why a ledger's index has only memory now; None if its database works, or if there is none."""
    fault = ledger.index.fault if isinstance(ledger, IndexedLedger) else None
    return None if fault is None else str(fault)


def at_hand(ledger: Ledger) -> Ledger | None:
    """Return a ledger as of the newest block in memory, a moment old at most: reading it asks no node. None if there is no index."""
    if not isinstance(ledger, IndexedLedger) or ledger.index.newest is None:
        return None
    return ledger.as_of(ledger.index.newest.block)
