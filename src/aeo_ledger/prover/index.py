"""An index that proves: all words of the contracts that decide answers, kept up from a node's logs, and compared with the sealed roots.

The node is asked for a header, logs and account proofs once for each block. Words, their proofs and snapshots come from memory. If the
words do not give the storage roots under a block's header, the block is not used: the node's logs, or the genesis, are wrong. So the index
is never ahead of its own header, nor behind it.

The contracts log every word that they write. A standing's head is not logged, but follows from its events. The words of the genesis were
never logged, and the slot of a key cannot be guessed, so the port must know them.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from copy import copy
from typing import TYPE_CHECKING, Final

from aeo_ledger.errors import AeoLedgerError, Unavailable
from aeo_ledger.errors.prover import DatabaseOfOthers, IndexDamaged, IndexOfOtherLedger, IndexUnavailable
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.port import LOG_BLOCKS, Ledger
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.past import read_past
from aeo_ledger.prover.state import DAMAGES, NO_BLOCK, Changes, State, apply_changes, read_changes

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.prover.index_store import IndexStore, Turn

_LOGS: Final = 10_000
"""Logs that one answer should have at most: about 6 MB."""
_KEPT: Final = 8
"""States of the last blocks that can be read, for answers that were begun before a new block."""
_NAMED: Final = 5
"""Damaged rows that are named in the log."""
_SLOW_S: Final = 5.0
"""Seconds from which on a database is slow to fail."""
_REST: Final = 10
"""How much longer than it took such a database is left alone, so that it does not keep the index behind."""

_LOG = logging.getLogger(__name__)


class Index:
    """The words of one ledger as of its newest block. Any thread may use it.

    Args:
        ledger: The port to its node.
        store: Keeps the words over a restart, and shares them with other processes; None keeps them in memory only. If it does not
            work, memory is enough: `fault` says why, and what is missing is written when it works again.
    """

    def __init__(self, ledger: Ledger, store: IndexStore | None = None) -> None:
        self._ledger, self._store = ledger, store
        self._addresses = {contract: ledger.address(contract) for contract in Contract}
        self._recent: deque[State] = deque(maxlen=_KEPT)
        self._stored: State | None = None
        self._span = 16
        self._one_at_a_time = threading.Lock()
        self._tried_at = -math.inf
        self._failed: AeoLedgerError | None = None
        self._rest_until = -math.inf
        self.fault: IndexUnavailable | IndexOfOtherLedger | DatabaseOfOthers | None = None
        """Why the database is not used now."""

    @property
    def newest(self) -> State | None:
        """The state of the newest block that was read; None if none was read yet."""
        return self._recent[-1] if self._recent else None

    @property
    def archive(self) -> IndexStore | None:
        """The database, if it is in use and has this ledger's past."""
        return None if self._stored is None or self.fault is not None else self._store

    def at(self, block: int) -> State | None:
        """Return the state of a block; None if it is not one of the last ones that were read."""
        return next((state for state in tuple(self._recent) if state.block == block), None)

    def advance(self) -> State:
        """Read up to the newest block, and return its state.

        Raises:
            StorageNotRebuilt: genesis and logs do not give the sealed storage roots. The last good state stays, here and below.
            IndexOfOtherLedger, DatabaseOfOthers: the database is of another ledger or something else, and nothing was read yet.
            Unavailable: the node does not answer. What other processes wrote to the database until then was taken over.
        """
        asked_at = time.monotonic()
        with self._one_at_a_time:
            if self._tried_at < asked_at:  # else this thread waited for an attempt that is new enough
                self._tried_at = time.monotonic()
                self._failed = None
                try:
                    self._advance()
                except AeoLedgerError as error:
                    self._failed = error
            if self._failed is not None:
                raise copy(self._failed)
            return self._recent[-1]

    def _advance(self) -> None:
        try:
            head = self._ledger.head()
        except Unavailable:
            self._follow_alone()
            raise
        if self._store is not None and _block_of(self.newest) < head and time.monotonic() >= self._rest_until:
            begun = time.monotonic()
            try:
                self._share_or_remake(self._store, head)
                self.fault = None
            except (IndexUnavailable, IndexOfOtherLedger, DatabaseOfOthers) as fault:
                if self.newest is None and not isinstance(fault, IndexUnavailable):
                    raise
                self._note(fault)
                took = time.monotonic() - begun
                self._rest_until = time.monotonic() + (_REST * took if took > _SLOW_S else 0)
        while _block_of(self.newest) < head:
            state, _ = self._read(self.newest, head)
            self._recent.append(state)

    def _read(self, before: State | None, head: int) -> tuple[State, Changes]:
        """Read the next blocks, as many as one request for logs should cover; return the state after them, and what changed."""
        if before is not None and decode_header(self._ledger.header(before.block)).hash() != before.hash:
            _LOG.warning("block %d is another one than before: the index is made again", before.block)
            before = None
        block = min(head, _block_of(before) + self._span)
        changes = read_changes(self._ledger, before, block)
        self._span = max(1, min(LOG_BLOCKS, 2 * self._span, self._span * _LOGS // max(len(changes.logs), 1)))
        return apply_changes(before, changes, self._addresses), changes

    def _write(self, turn: Turn, before: State | None, head: int) -> State:
        """Read the next blocks, and write them to the database with what histories need of them; return the state after them."""
        state, changes = self._read(before, head)
        turn.write(changes, read_past(self._ledger, before, state, changes))
        return state

    def _share_or_remake(self, store: IndexStore, head: int) -> None:
        try:
            self._share(store, head)
        except IndexDamaged as damage:
            store.remake(self._ledger.header(0), self._addresses)
            self._share(store, head)
            _LOG.warning("%s; it was made anew", damage)

    def _share(self, store: IndexStore, head: int) -> None:
        """Follow the database up to a block, and write there what is missing."""
        store.prepare(self._ledger.header(0), self._addresses)
        while True:
            self._follow(store, head)
            if _block_of(self._stored) >= head:
                return
            with store.turn() as turn:
                if turn.block != _block_of(self._stored):
                    continue  # another process was faster
                state = self._write(turn, self._stored, head)
            self._take(state)

    def _follow_alone(self) -> None:
        """Without the node, take over what other processes have read: those that share a database give one answer."""
        if self._store is None or self._stored is None:
            return
        try:
            self._follow(self._store, self._stored.block)
        except IndexUnavailable as fault:
            self._note(fault)

    def _take(self, state: State) -> None:
        """Go on from a state that the database has."""
        self._stored = state
        if state.block > _block_of(self.newest):
            self._recent.append(state)

    def _follow(self, store: IndexStore, head: int) -> None:
        """Take over what other processes wrote."""
        changes = store.read(_block_of(self._stored))
        if changes.block < _block_of(self._stored):  # somebody emptied it
            self._stored, changes = None, store.read(NO_BLOCK)
        if changes.block == _block_of(self._stored):
            return
        try:
            self._take(apply_changes(self._stored, changes, self._addresses))
        except DAMAGES:
            with store.turn() as turn:
                self._take(self._mend(turn, max(0, min(head, turn.block)), store.name))

    def _mend(self, turn: Turn, block: int, name: str) -> State:
        """Make a damaged database again, and name the damaged rows in the log."""
        found = turn.read(NO_BLOCK)
        try:
            return apply_changes(None, found, self._addresses)  # another process was faster
        except DAMAGES as damage:
            _LOG.warning("the index in %s is damaged, and made again: %s", name, damage)
        state = None
        while _block_of(state) < block or state is None:
            state = self._write(turn, state, block)
        rows = found.differences(turn.read(NO_BLOCK)) if found.block == block else []
        if rows:
            _LOG.warning("%d rows were damaged: %s", len(rows), ", ".join(rows[:_NAMED]))
        return state

    def _note(self, fault: IndexUnavailable | IndexOfOtherLedger | DatabaseOfOthers) -> None:
        """Keep a fault of the database, and log it once."""
        if str(fault) != str(self.fault):
            _LOG.warning("%s", fault)
        self.fault = fault


def _block_of(state: State | None) -> int:
    return NO_BLOCK if state is None else state.block
