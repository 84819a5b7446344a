"""The embedded ledger as its users hold it: make, open, publish, read, export, close."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import BinaryIO, Self

from web3.providers.eth_tester import EthereumTesterProvider

from aeo_ledger.chain.clock import Clock, ClockWatch
from aeo_ledger.chain.genesis import Genesis
from aeo_ledger.chain.header import quorum
from aeo_ledger.chain.provider import LedgerProvider
from aeo_ledger.chain.reader import Reader
from aeo_ledger.chain.rpc import JsonRpc
from aeo_ledger.chain.rules import QbftChain
from aeo_ledger.chain.sealing import BlockMaker, Outcome, Receipt, Sealer, Waiting
from aeo_ledger.chain.store import Store
from aeo_ledger.chain.tester import make_tester_provider
from aeo_ledger.errors import (
    ClockDoubtful,
    LedgerClosed,
    LedgerExists,
    NonceOutOfOrder,
    QuorumMissing,
    TransactionRefused,
)

BANNER = (
    "AEO Ledger, embedded: a simulation on one machine, which holds all validators' keys. "
    "Blocks, seals and evidence are real; that nobody alone can rewrite them is not."
)
"""To be shown whenever an embedded ledger is opened."""

_LOOK_S = 1.0
"""Seconds between two looks of an idle sealing thread at the clock, so that a jump is noticed."""

_LOG = logging.getLogger(__name__)


class EmbeddedLedger:
    """A chain of one process. All methods may be called from any thread; one thread of its own seals.

    Blocks are sealed at most one a block period, each with all transactions that waited (as far as gas goes), and an
    empty one every `heartbeat_s` seconds, so that whoever reads can prove how fresh the answer is. None is ever dated
    in the wall clock's future.
    """

    banner = BANNER

    def __init__(
        self, store: Store, genesis: Genesis, sealers: Sequence[Sealer], *, clock: Clock, heartbeat_s: float
    ) -> None:
        self._store = store
        self.genesis = genesis
        network = QbftChain.configure(chain_id=genesis.chain_id)
        self._reader = Reader(network(store.reading), store, genesis.validators_contract)
        self._maker = BlockMaker(network(store.writing), store, genesis.validators_contract, sealers)
        self._sealers = {sealer.address for sealer in sealers}
        self._clock, self._watch = clock, ClockWatch(clock)
        self._heartbeat_s = heartbeat_s
        self._changed = threading.Condition()
        self._sealing = threading.Lock()
        self._queue: deque[Waiting] = deque()
        self._next_nonces: dict[bytes, int] = {}
        self._closed = False
        self._thread: threading.Thread | None = None
        self.rpc = JsonRpc(self._reader, self)
        """The same ledger as JSON-RPC, for a server."""

    @staticmethod
    def create(path: Path, genesis: Genesis) -> None:
        """Make a ledger's file with block 0; it is there whole or not at all.

        Raises:
            LedgerExists: Something is at `path` already.
        """
        if path.exists():
            raise LedgerExists(path=str(path))
        with Store.create(path, json.dumps(genesis.to_json())) as values:
            genesis.seat(values)

    @classmethod
    def open(
        cls,
        path: Path,
        sealers: Sequence[Sealer] = (),
        *,
        clock: Clock | None = None,
        heartbeat_s: float = 30,
        confirm_clock: bool = False,
        background: bool = True,
    ) -> Self:
        """Open a ledger for this process alone.

        Args:
            path: The file that `create` made.
            sealers: The validators whose keys are at hand; without any, the ledger can only be read.
            clock: Where time comes from.
            heartbeat_s: Seconds after which an idle ledger seals an empty block.
            confirm_clock: Somebody looked at the clock: open though the last block is more than `clock.PAUSE_S` old.
            background: Seal in a thread of its own; otherwise only `seal_pending` seals.

        Raises:
            LedgerInUse: Another process has it open.
            MalformedLedger: There is no ledger at `path`.
            MalformedGenesis: The genesis kept in it was damaged.
            ClockDoubtful: The pause is too long to be believed unasked. (A clock *before* the last block opens: one can
                read.)
        """
        store = Store(path)
        try:
            genesis = Genesis.from_json(json.loads(store.genesis))
            ledger = cls(store, genesis, sealers, clock=clock or Clock(), heartbeat_s=heartbeat_s)
            if sealers and not confirm_clock:
                ledger._watch.check_pause(ledger._reader.head.timestamp)
        except BaseException:
            store.close()
            raise
        if sealers and background:
            ledger._thread = threading.Thread(target=ledger._keep_sealing, name="aeo-ledger sealing", daemon=True)
            ledger._thread.start()
        return ledger

    def __enter__(self) -> Self:
        """Use the ledger in a `with` block, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # ---- publishing ----

    def submit(self, raw_transaction: bytes) -> Future[Receipt]:
        """Queue a signed transaction; the promise is kept when its block is sealed and on disk.

        The transaction is not executed here: whoever sends it asks `eth_call` first what it would do. If it reverts in
            its block, the receipt says so. The promise is broken with `ClockDoubtful`, `QuorumMissing`, `StorageFailed`
            or `LedgerClosed` if no block took it.

        Raises:
            MalformedTransaction: It cannot be decoded, or is of a type that Berlin has not.
            TransactionRefused: Signature, chain id or gas are wrong.
            NonceOutOfOrder: It does not follow its sender's last one (those that wait included).
            ClockDoubtful, QuorumMissing, LedgerClosed: Nothing can be published now.
        """
        transaction = self._reader.decode_transaction(raw_transaction)
        if not self._sealers:
            validators = len(self._reader.validators(self._reader.head))
            raise QuorumMissing(held=0, needed=quorum(validators), validators=validators)
        with self._changed:
            if self._closed:
                raise LedgerClosed
            self._watch.now(self._reader.head.timestamp)
            needed = self._next_nonce(transaction.sender)
            if transaction.nonce != needed:
                raise NonceOutOfOrder(found=transaction.nonce, needed=needed)
            waiting = Waiting(transaction=transaction)
            self._queue.append(waiting)
            self._next_nonces[transaction.sender] = needed + 1
            self._changed.notify_all()
        return waiting.done

    def next_nonce(self, sender: bytes) -> int:
        """Tell the nonce that the next transaction of a sender (20 bytes) must have, those that wait counted."""
        with self._changed:
            return self._next_nonce(sender)

    def _next_nonce(self, sender: bytes) -> int:
        known = self._next_nonces.get(sender)
        return self._reader.nonce(sender) if known is None else known

    def seal_pending(self) -> int:
        """Seal one block as soon as the block period allows, with what waits, even if nothing does; return its number.

        Raises:
            ClockDoubtful, QuorumMissing, StorageFailed: No block could be made; what waited has been told so.
        """
        with self._sealing:
            if self._reader.closed:
                raise LedgerClosed
            taken: list[Waiting] = []
            try:
                timestamp = self._await_period()
                with self._changed:
                    queue, self._queue = self._queue, deque()
                taken = list(queue)
                outcomes = self._maker.make(queue, timestamp)
            except BaseException as error:
                self._break_promises(taken, error)
                raise
            self._keep_promises(queue, outcomes)
            return self._reader.head.block_number

    def _await_period(self) -> int:
        """Wait until a block may be dated by the wall clock, and return that date."""
        last = self._reader.head.timestamp
        due = last + self.genesis.block_period_s
        while (now := self._watch.now(last)) < due:
            self._clock.sleep(due - now)
        return int(now)

    def _keep_promises(self, left_over: deque[Waiting], outcomes: Sequence[Outcome]) -> None:
        with self._changed:
            self._queue.extendleft(reversed(left_over))
            for waiting, outcome in outcomes:
                if isinstance(outcome, TransactionRefused):
                    self._next_nonces.pop(waiting.transaction.sender, None)
            if not self._queue:
                self._next_nonces.clear()
        for waiting, outcome in outcomes:
            if isinstance(outcome, TransactionRefused):
                waiting.done.set_exception(outcome)
            else:
                waiting.done.set_result(outcome)

    def _break_promises(self, taken: Sequence[Waiting], error: BaseException) -> None:
        """Tell all that wait, since their nonces build on one another, and begin anew from the state on disk."""
        with self._changed:
            waiting = [*taken, *self._queue]
            self._queue.clear()
            self._next_nonces.clear()
        for one in waiting:
            one.done.set_exception(error)

    def _keep_sealing(self) -> None:
        while self._await_work():
            try:
                self.seal_pending()
            except Exception as error:  # noqa: BLE001 (who waits has been told; the ledger tries again)
                _LOG.warning("no block was sealed: %s", error)
                with self._changed:
                    self._changed.wait(_LOOK_S)

    def _await_work(self) -> bool:
        """Wait until something is queued or the heartbeat is due; tell False when closed with nothing left to seal."""
        with self._changed:
            while not self._queue:
                if self._closed:
                    return False
                rest = self._until_heartbeat()
                if rest <= 0:
                    return True
                self._changed.wait(min(rest, _LOOK_S))
            return True

    def _until_heartbeat(self) -> float:
        last = self._reader.head.timestamp
        try:
            return self._heartbeat_s - (self._watch.now(last) - last)
        except ClockDoubtful:
            return _LOOK_S

    def confirm_clock(self) -> None:
        """Take the wall clock for right although it jumped: somebody looked."""
        self._watch.confirm()

    # ---- reading ----

    def provider(self) -> LedgerProvider:
        """Make a provider for web3, which needs `ExtraDataToPOAMiddleware` as with any QBFT network."""
        return LedgerProvider(self.rpc)

    def tester_provider(self) -> EthereumTesterProvider:
        """Make web3's own provider for eth-tester over this ledger, for tests of contracts that are written for it."""
        return make_tester_provider(self._reader, self)

    @property
    def head(self) -> int:
        """The number of the last block on disk."""
        return self._reader.head.block_number

    def header_rlp(self, number: int) -> bytes:
        """Encode a block's header as engines exchange it, seals inside.

        Raises:
            BlockUnknown: There is no such block yet.
        """
        return self._reader.header_rlp(number)

    def export(self, out: BinaryIO, *, first: int = 0, last: int | None = None) -> int:
        """Write blocks, all or from `first` to `last`, RLP after RLP, and return how many.

        Besu's `blocks import` takes all of them; GoQuorum's `admin_importChain` takes any piece without block 0.
        """
        numbers = range(first, (self.head if last is None else last) + 1)
        out.writelines(self._reader.block_rlp(number) for number in numbers)
        return len(numbers)

    def close(self) -> None:
        """Seal what waits (if a thread seals; otherwise it is told `LedgerClosed`), and give up the file."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        with self._sealing:
            self._break_promises((), LedgerClosed())
            self._reader.close()
