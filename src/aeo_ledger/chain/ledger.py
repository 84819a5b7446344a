"""The embedded ledger's interface: create, open, publish, read, export, close."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from copy import copy
from pathlib import Path
from typing import BinaryIO, Self

from web3.providers.eth_tester import EthereumTesterProvider

from aeo_ledger.chain.clock import Clock, ClockWatch
from aeo_ledger.chain.genesis import Genesis
from aeo_ledger.chain.header import quorum
from aeo_ledger.chain.mark import Marks, marks_of_machine
from aeo_ledger.chain.provider import LedgerProvider
from aeo_ledger.chain.queue import Queue
from aeo_ledger.chain.reader import Reader
from aeo_ledger.chain.rpc import JsonRpc
from aeo_ledger.chain.rules import QbftChain
from aeo_ledger.chain.sealing import BlockMaker, Receipt, Sealer, Waiting
from aeo_ledger.chain.store import Store
from aeo_ledger.chain.tester import make_tester_provider
from aeo_ledger.chain.trouble import Trouble
from aeo_ledger.errors import AeoLedgerError, Unavailable
from aeo_ledger.errors.chain import (
    ClockDoubtful,
    DamagedLedger,
    LedgerClosed,
    LedgerExists,
    QuorumMissing,
    StorageFailed,
)
from aeo_ledger.errors.files import FileExists

BANNER = (
    "AEO Ledger, embedded: a simulation on one machine, which holds all validators' keys. "
    "Blocks, seals and evidence are real; that nobody alone can rewrite them is not."
)
"""Every program that opens an embedded ledger must show this."""

_LOOK_S = 1.0
"""An idle sealing thread reads the clock after this many seconds, so that a jump is noticed."""


class EmbeddedLedger:
    """A chain in one process. All methods may be called from any thread; a thread of the ledger seals.

    It seals at most one block in a block period, with all queued transactions that fit the gas limit. When idle, it seals an empty block every
    `heartbeat_s` seconds, so that readers can prove how fresh an answer is. No block is dated in the future of the wall clock.
    """

    banner = BANNER

    def __init__(
        self, store: Store, sealers: Sequence[Sealer], *, clock: Clock, heartbeat_s: float, marks: Path
    ) -> None:
        self.genesis = genesis = Genesis.from_json(json.loads(store.genesis))
        network = QbftChain.configure(chain_id=genesis.chain_id)
        self._reader = reader = Reader(network(store.reading), store, genesis.validators_contract)
        self._marks = Marks(store.path, reader.header(0).hash, marks)
        self._maker = BlockMaker(network(store.writing), store, genesis.validators_contract, sealers, self._marks)
        self._sealers = {sealer.address for sealer in sealers}
        self._clock, self._heartbeat_s = clock, heartbeat_s
        self._watch = ClockWatch(clock)
        self._refusal = store.refusal
        """Why nothing can be published until the ledger is opened again."""
        self._trouble = Trouble()
        self._queue = Queue(reader.nonce)
        self._changed = self._queue.changed
        self._sealing = threading.Lock()
        self._closed = False
        self._opened = ExitStack()
        self._thread: threading.Thread | None = None
        self.rpc = JsonRpc(reader, self)
        """The same ledger as JSON-RPC, for a server."""

    @staticmethod
    def create(path: Path, genesis: Genesis) -> None:
        """Create a ledger's file with block 0, atomically.

        Raises:
            LedgerExists: `path` exists.
            FileUnavailable, StorageFailed: The file cannot be written.
        """
        try:
            with Store.create(path, json.dumps(genesis.to_json()).encode()) as values:
                genesis.write_to(values)
        except FileExists as error:
            raise LedgerExists(path=str(path)) from error

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
        marks: Path | None = None,
    ) -> Self:
        """Open a ledger exclusively for this process.

        A fault that only stops publishing does not stop opening: an implausible clock, a full or read-only disk, a block not yet finished.
        Then `trouble` reports it, and publishing raises it.

        Args:
            path: The file that `create` made.
            sealers: The validators whose keys are available; without any, the ledger can only be read.
            clock: The source of time.
            heartbeat_s: Seconds after which an idle ledger seals an empty block.
            confirm_clock: A person has checked the clock, although the last block is older than `clock.PAUSE_S`.
            background: Seal in a thread; otherwise only `seal_pending` seals.
            marks: The folder of this machine's marks; see `chain.mark`.

        Raises:
            LedgerInUse: Another process has it or a copy of it open.
            LedgerSetBack: It is an older or incomplete copy.
            MalformedLedger: There is no ledger at `path`.
            DamagedLedger, FileUnavailable: It cannot be read.
        """
        machine = marks or marks_of_machine()
        with ExitStack() as opened:
            store = opened.enter_context(closing(Store(path)))
            ledger = cls(store, sealers, clock=clock or Clock(), heartbeat_s=heartbeat_s, marks=machine)
            ledger._prepare(opened, confirm_clock=confirm_clock)
            ledger._opened = opened.pop_all()
        if sealers and background and ledger._refusal is None:
            ledger._freshen()
            ledger._thread = threading.Thread(target=ledger._keep_sealing, name="aeo-ledger sealing", daemon=True)
            ledger._thread.start()
        return ledger

    def _prepare(self, opened: ExitStack, *, confirm_clock: bool) -> None:
        """Check what is cheap to check, compare the ledger with its marks, and finish a decided block.

        A fault that only stops publishing is recorded and not raised.
        """
        if self.genesis.hash() != self._reader.header(0).hash:
            raise DamagedLedger(
                path=str(self._reader.store.path), part="block 0", reason="it does not follow from the stored genesis"
            )
        if self._sealers:
            opened_at = None if confirm_clock else self._reader.head.timestamp
            self._watch = ClockWatch(self._clock, opened_at=opened_at)
            try:
                opened.enter_context(self._marks.lock())
            except StorageFailed as error:
                self._refusal = error
        self._maker.unfinished = self.compare_marks()
        if self._refusal is not None:
            self._trouble.mention(self._refusal)
        elif self._sealers:
            try:
                self._reader.sealed(self._reader.head)
                self._reader.validators(self._reader.head)
                self._maker.finish()
            except Unavailable as error:
                self._trouble.note(error)

    def compare_marks(self) -> bytes:
        """Compare the ledger with its marks; return the decided block that it does not contain yet, or empty bytes.

        Raises:
            LedgerSetBack: It is an older or incomplete copy.
            DamagedLedger, FileUnavailable: A mark cannot be read.
        """
        return self._marks.compare(lambda: self.head, lambda number: self._reader.header(number).hash)

    @classmethod
    def open_to_read(cls, path: Path, *, marks: Path | None = None) -> Self:
        """Open a ledger for reading only, even while another process seals, or on a read-only disk.

        It may be an outdated copy: `compare_marks` checks that.

        Raises:
            MalformedLedger: There is no ledger at `path`.
            DamagedLedger, FileUnavailable: It cannot be read.
        """
        with ExitStack() as opened:
            store = opened.enter_context(closing(Store(path, exclusive=False)))
            ledger = cls(store, (), clock=Clock(), heartbeat_s=0, marks=marks or marks_of_machine())
            ledger._opened = opened.pop_all()
        return ledger

    def __enter__(self) -> Self:
        """Enter a `with` block, which closes the ledger at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the ledger."""
        self.close()

    def submit(self, raw_transaction: bytes) -> Future[Receipt]:
        """Queue a signed transaction; the future has its receipt when its block is sealed and on disk.

        This does not execute it: the sender should try it with `eth_call` first. If it reverts in its block, the receipt says so. If no
        block contains it, the future raises `ClockDoubtful`, `QuorumMissing`, `StorageFailed` or `LedgerClosed`.

        Raises:
            MalformedTransaction: It cannot be decoded, or has a type that Berlin does not have.
            TransactionRefused: Signature, chain id or gas are wrong.
            NonceOutOfOrder: Its nonce does not follow the sender's last one, queued transactions included.
            Unavailable: Nothing can be published now; see `trouble`.
        """
        transaction = self._reader.decode_transaction(raw_transaction)
        with self._changed:
            if (cause := self.trouble()) is not None:
                raise cause
            return self._queue.add(transaction)

    def trouble(self) -> Unavailable | None:
        """Return why nothing can be published now: closed, keys missing, disk, clock; None if publishing works."""
        if self._closed:
            return LedgerClosed()
        if not self._sealers:
            validators = len(self._reader.validators(self._reader.head))
            return QuorumMissing(held=0, needed=quorum(validators), validators=validators)
        if self._refusal is not None:
            return copy(self._refusal)
        if (cause := self._trouble.cause) is not None:
            return cause
        try:
            self._watch.now(self._reader.head.timestamp)
        except ClockDoubtful as doubt:
            self._trouble.mention(doubt)
            return doubt
        return None

    def failure(self, transaction_hash: bytes) -> AeoLedgerError | None:
        """Return why no block contains an accepted transaction; None if one still may, or if it was never accepted."""
        return self._queue.failure(transaction_hash)

    def next_nonce(self, sender: bytes) -> int:
        """Return the nonce of a sender's (20 bytes) next transaction, queued transactions counted."""
        return self._queue.next_nonce(sender)

    def seal_pending(self) -> int:
        """Seal one block of the queued transactions, even if there are none, as soon as the block period allows; return its number.

        If an earlier block was decided and could not be written, this finishes that block instead.

        Raises:
            Unavailable: No block could be made; the queued transactions' futures raise the same error.
        """
        with self._sealing:
            if self._reader.closed:
                raise LedgerClosed
            if self._refusal is not None:
                raise copy(self._refusal)
            taken: list[Waiting] = []
            try:
                if self._maker.unfinished:
                    self._maker.finish()
                else:
                    timestamp = self._await_period()
                    queue = self._queue.take()
                    taken = list(queue)
                    self._queue.settle(queue, self._maker.make(queue, timestamp))
            except BaseException as error:
                self._note(error)
                self._queue.fail(taken, error)
                raise
            self._trouble.clear()
            return self._reader.head.block_number

    def _note(self, error: BaseException) -> None:
        """Record what stopped sealing, except the clock, which is read again each time."""
        if isinstance(error, Unavailable) and not isinstance(error, ClockDoubtful):
            self._trouble.note(error)
        elif isinstance(error, Exception):
            self._trouble.mention(error)

    def _await_period(self) -> int:
        """Wait until the block period has passed, and return the next block's timestamp."""
        last = self._reader.head.timestamp
        due = last + self.genesis.block_period_s
        while (now := self._watch.now(last)) < due:
            self._clock.sleep(due - now)
        return int(now)

    def _freshen(self) -> None:
        """Seal an overdue heartbeat block at opening, so that the first answers are fresh."""
        if self._until_heartbeat() <= 0 and self._trouble.cause is None:
            with suppress(Unavailable):  # the cause has been recorded
                self.seal_pending()

    def _keep_sealing(self) -> None:
        while True:
            try:
                if not self._await_work():
                    return
                self.seal_pending()
            except Exception as error:  # noqa: BLE001 (the futures have the error; the ledger tries again)
                self._note(error)
                with self._changed:
                    if self._closed:
                        return
                    self._changed.wait(_LOOK_S)

    def _await_work(self) -> bool:
        """Wait until there is something to seal, or to try again; return False when the ledger is closed and its queue empty."""
        with self._changed:
            while not self._queue:
                if self._closed:
                    return False
                rest = self._until_heartbeat()
                if rest <= 0 or self._trouble.cause is not None:
                    return True
                self._changed.wait(min(rest, _LOOK_S))
            return True

    def _until_heartbeat(self) -> float:
        last = self._reader.head.timestamp
        try:
            return self._heartbeat_s - (self._watch.now(last) - last)
        except ClockDoubtful as doubt:
            self._trouble.mention(doubt)
            return _LOOK_S

    def confirm_clock(self) -> None:
        """Accept the wall clock although it jumped: a person has checked it."""
        self._watch.confirm()

    def provider(self) -> LedgerProvider:
        """Make a provider for web3. As with any QBFT network, web3 needs `ExtraDataToPOAMiddleware`."""
        return LedgerProvider(self.rpc)

    def tester_provider(self) -> EthereumTesterProvider:
        """Make web3's eth-tester provider over this ledger, for tests of contracts that use it."""
        return make_tester_provider(self._reader, self)

    @property
    def head(self) -> int:
        """The number of the last block on disk."""
        return self._reader.head.block_number

    def header_rlp(self, number: int) -> bytes:
        """Encode a block's header in the form that engines exchange, with seals.

        Raises:
            BlockUnknown: There is no such block yet.
        """
        return self._reader.header_rlp(number)

    def block_rlp(self, number: int) -> bytes:
        """Encode a whole block, with seals: header, transactions, no uncles.

        Raises:
            BlockUnknown: There is no such block yet.
        """
        return self._reader.block_rlp(number)

    def gas_used(self, number: int) -> int:
        """Return the gas that a block used."""
        return self._reader.header(number).gas_used

    def node(self, node_hash: bytes) -> bytes | None:
        """Read a trie node or code by its hash, 32 bytes; None if there is none.

        Raises:
            DamagedLedger: Its row is damaged.
        """
        return self._reader.store.reading.node(node_hash)

    def export(self, out: BinaryIO, *, first: int = 0, last: int | None = None) -> int:
        """Write blocks `first` to `last` (default: all) as RLP, and return their number. Besu imports this form; GoQuorum too, without block 0."""
        numbers = range(first, (self.head if last is None else last) + 1)
        out.writelines(self._reader.block_rlp(number) for number in numbers)
        return len(numbers)

    def copy(self, path: Path) -> None:
        """Copy the ledger as it is now, even while it is sealing.

        Raises:
            FileExists: `path` exists.
            FileUnavailable, StorageFailed, DamagedLedger: It cannot be copied.
        """
        self._reader.store.copy(path)

    def close(self) -> None:
        """Close the file. A sealing thread seals the queue first; without one, queued transactions fail with `LedgerClosed`."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        with self._sealing:
            self._queue.fail((), LedgerClosed())
            self._reader.closed = True
            self._opened.close()
