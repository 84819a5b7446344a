"""The embedded ledger as its users hold it: make, open, publish, read, export, close."""

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
"""To be shown whenever an embedded ledger is opened."""

_LOOK_S = 1.0
"""Seconds between two looks of an idle sealing thread at the clock, so that a jump is noticed."""


class EmbeddedLedger:
    """A chain of one process. All methods may be called from any thread; one thread of its own seals.

    Blocks are sealed at most one a block period, each with all transactions that waited (as far as gas goes), and an empty one every
    `heartbeat_s` seconds, so that whoever reads can prove how fresh the answer is. None is ever dated in the wall clock's future.
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
        """What stops publishing until the ledger is opened again."""
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
        """Make a ledger's file with block 0; it is there whole or not at all.

        Raises:
            LedgerExists: Something is at `path` already.
            FileUnavailable, StorageFailed: It cannot be made.
        """
        try:
            with Store.create(path, json.dumps(genesis.to_json()).encode()) as values:
                genesis.seat(values)
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
        """Open a ledger for this process alone.

        What only stops publishing does not stop the opening: a doubtful clock, a full or read-only disk, a block not yet finished. Then
        `trouble` says so, and publishing says it at once.

        Args:
            path: The file that `create` made.
            sealers: The validators whose keys are at hand; without any, the ledger can only be read.
            clock: Where time comes from.
            heartbeat_s: Seconds after which an idle ledger seals an empty block.
            confirm_clock: Somebody looked at the clock, although the last block is more than `clock.PAUSE_S` old.
            background: Seal in a thread of its own; otherwise only `seal_pending` seals.
            marks: Where this machine keeps its marks; see `chain.mark`.

        Raises:
            LedgerInUse: Another process has it open, or a copy of it.
            LedgerSetBack: It is an older copy, or a part of one.
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
        """Look at what is cheap to look at, hold the ledger against its marks, and finish what was decided.

        What stops publishing alone is taken note of.
        """
        if self.genesis.hash() != self._reader.header(0).hash:
            raise DamagedLedger(
                path=str(self._reader.store.path), part="block 0", reason="the genesis that is kept makes another"
            )
        if self._sealers:
            opened_at = None if confirm_clock else self._reader.head.timestamp
            self._watch = ClockWatch(self._clock, opened_at=opened_at)
            try:
                opened.enter_context(self._marks.hold())
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
        """Hold the ledger against the marks of what was sealed; return the block that was decided and is not in it yet, if any.

        Raises:
            LedgerSetBack: It is an older copy, or a part of one.
            DamagedLedger, FileUnavailable: A mark cannot be read.
        """
        return self._marks.compare(lambda: self.head, lambda number: self._reader.header(number).hash)

    @classmethod
    def open_to_read(cls, path: Path, *, marks: Path | None = None) -> Self:
        """Open a ledger to read it, be it while another process seals on it, or where nobody can write.

        It may be a copy, and older than what was sealed since: `compare_marks` tells.

        Raises:
            MalformedLedger: There is no ledger at `path`.
            DamagedLedger, FileUnavailable: It cannot be read.
        """
        with ExitStack() as opened:
            store = opened.enter_context(closing(Store(path, alone=False)))
            ledger = cls(store, (), clock=Clock(), heartbeat_s=0, marks=marks or marks_of_machine())
            ledger._opened = opened.pop_all()
        return ledger

    def __enter__(self) -> Self:
        """Use the ledger in a `with` block, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def submit(self, raw_transaction: bytes) -> Future[Receipt]:
        """Queue a signed transaction; the promise is kept when its block is sealed and on disk.

        It is not executed here: whoever sends it asks `eth_call` first what it would do. If it reverts in its block, the receipt says
        so. The promise is broken with `ClockDoubtful`, `QuorumMissing`, `StorageFailed` or `LedgerClosed` if no block took it.

        Raises:
            MalformedTransaction: It cannot be decoded, or is of a type that Berlin has not.
            TransactionRefused: Signature, chain id or gas are wrong.
            NonceOutOfOrder: It does not follow its sender's last one (those that wait included).
            Unavailable: Nothing can be published now, as `trouble` says.
        """
        transaction = self._reader.decode_transaction(raw_transaction)
        with self._changed:
            if (cause := self.trouble()) is not None:
                raise cause
            return self._queue.add(transaction)

    def trouble(self) -> Unavailable | None:
        """Tell why nothing can be published now: it is closed, keys are missing, the disk, the clock. None if all is well."""
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
        """Tell why a transaction that was taken came into no block; None if it may yet, or was never taken."""
        return self._queue.failure(transaction_hash)

    def next_nonce(self, sender: bytes) -> int:
        """Tell the nonce that the next transaction of a sender (20 bytes) must have, those that wait counted."""
        return self._queue.next_nonce(sender)

    def seal_pending(self) -> int:
        """Seal one block as soon as the block period allows, with what waits, even if nothing does; return its number.

        A block that was decided before and could not be written comes first, and is the one.

        Raises:
            Unavailable: No block could be made; what waited has been told so.
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
        """Remember what stopped sealing; the clock is looked at anew each time."""
        if isinstance(error, Unavailable) and not isinstance(error, ClockDoubtful):
            self._trouble.note(error)
        elif isinstance(error, Exception):
            self._trouble.mention(error)

    def _await_period(self) -> int:
        """Wait until a block may be dated by the wall clock, and return that date."""
        last = self._reader.head.timestamp
        due = last + self.genesis.block_period_s
        while (now := self._watch.now(last)) < due:
            self._clock.sleep(due - now)
        return int(now)

    def _freshen(self) -> None:
        """Seal the heartbeat that is overdue where the ledger lay idle: its first answers shall be as fresh as any."""
        if self._until_heartbeat() <= 0 and self._trouble.cause is None:
            with suppress(Unavailable):  # what stops it has been noted
                self.seal_pending()

    def _keep_sealing(self) -> None:
        while True:
            try:
                if not self._await_work():
                    return
                self.seal_pending()
            except Exception as error:  # noqa: BLE001 (who waits has been told; the ledger tries again)
                self._note(error)
                with self._changed:
                    if self._closed:
                        return
                    self._changed.wait(_LOOK_S)

    def _await_work(self) -> bool:
        """Wait until something is queued, the heartbeat is due, or is to be tried again; tell False when closed with nothing to seal."""
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
        """Take the wall clock for right although it jumped: somebody looked."""
        self._watch.confirm()

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

    def block_rlp(self, number: int) -> bytes:
        """Encode a whole block, seals inside: header, transactions, no uncles.

        Raises:
            BlockUnknown: There is no such block yet.
        """
        return self._reader.block_rlp(number)

    def gas_used(self, number: int) -> int:
        """Tell how much gas a block used."""
        return self._reader.header(number).gas_used

    def node(self, node_hash: bytes) -> bytes | None:
        """Read a node of any state's trie, or code, by its hash, 32 bytes; None if there is none.

        Raises:
            DamagedLedger: It is not what was written.
        """
        return self._reader.store.reading.node(node_hash)

    def export(self, out: BinaryIO, *, first: int = 0, last: int | None = None) -> int:
        """Write blocks, all or from `first` to `last`, RLP after RLP, and return how many: as Besu and GoQuorum (without block 0) import them."""
        numbers = range(first, (self.head if last is None else last) + 1)
        out.writelines(self._reader.block_rlp(number) for number in numbers)
        return len(numbers)

    def copy(self, path: Path) -> None:
        """Copy the ledger as it is now, for an archive that is read and never sealed again.

        Raises:
            FileExists: Something is at `path` already.
            FileUnavailable: It cannot be made.
        """
        self._reader.store.copy(path)

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
            self._queue.fail((), LedgerClosed())
            self._reader.closed = True
            self._opened.close()
