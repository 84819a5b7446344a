"""The transactions that wait for a block, the nonces that they take, and what became of those that came into none."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from eth.abc import SignedTransactionAPI

from aeo_ledger.chain.sealing import Outcome, Receipt, Waiting
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.chain import NonceOutOfOrder, TransactionRefused

_REMEMBERED: Final = 4_096
"""Transactions that came into no block whose causes are remembered."""


class Queue:
    """From any thread; `changed` is held while something is looked at and then done.

    Args:
        nonce_on_disk: Tells the next nonce of a sender (20 bytes) after the last block.
    """

    def __init__(self, nonce_on_disk: Callable[[bytes], int]) -> None:
        self.changed = threading.Condition()
        self._nonce_on_disk = nonce_on_disk
        self._waiting: deque[Waiting] = deque()
        self._next_nonces: dict[bytes, int] = {}
        self._failures: dict[bytes, AeoLedgerError] = {}

    def __len__(self) -> int:
        """Count what waits."""
        return len(self._waiting)

    def add(self, transaction: SignedTransactionAPI) -> Future[Receipt]:
        """Let a transaction wait, behind its sender's others.

        Raises:
            NonceOutOfOrder: It does not follow the last of them.
        """
        with self.changed:
            needed = self.next_nonce(transaction.sender)
            if transaction.nonce != needed:
                raise NonceOutOfOrder(found=transaction.nonce, needed=needed)
            waiting = Waiting(transaction=transaction)
            self._waiting.append(waiting)
            self._failures.pop(transaction.hash, None)
            self._next_nonces[transaction.sender] = needed + 1
            self.changed.notify_all()
        return waiting.done

    def next_nonce(self, sender: bytes) -> int:
        """Tell the nonce that the next transaction of a sender must have, those that wait counted."""
        with self.changed:
            known = self._next_nonces.get(sender)
            return self._nonce_on_disk(sender) if known is None else known

    def take(self) -> deque[Waiting]:
        """Take all that waits."""
        with self.changed:
            taken, self._waiting = self._waiting, deque()
        return taken

    def settle(self, left_over: deque[Waiting], outcomes: Sequence[Outcome]) -> None:
        """Put back what no block took yet, and keep the promises for what one did."""
        with self.changed:
            self._waiting.extendleft(reversed(left_over))
            for waiting, outcome in outcomes:
                if isinstance(outcome, TransactionRefused):
                    self._next_nonces.pop(waiting.transaction.sender, None)
            if not self._waiting:
                self._next_nonces.clear()
        for waiting, outcome in outcomes:
            if isinstance(outcome, TransactionRefused):
                self._fail(waiting, outcome)
            else:
                waiting.done.set_result(outcome)

    def fail(self, taken: Sequence[Waiting], error: BaseException) -> None:
        """Break all promises, since nonces build on one another, and begin anew from the state on disk."""
        with self.changed:
            waiting = [*taken, *self._waiting]
            self._waiting.clear()
            self._next_nonces.clear()
        for one in waiting:
            self._fail(one, error)

    def failure(self, transaction_hash: bytes) -> AeoLedgerError | None:
        """Tell why a transaction that was taken came into no block; None if it may yet, or was never taken."""
        return self._failures.get(transaction_hash)

    def _fail(self, waiting: Waiting, error: BaseException) -> None:
        if isinstance(error, AeoLedgerError):
            with self.changed:
                self._failures[waiting.transaction.hash] = error
                while len(self._failures) > _REMEMBERED:
                    self._failures.pop(next(iter(self._failures)))
        waiting.done.set_exception(error)
