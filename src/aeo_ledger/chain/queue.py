"""The queue of transactions that wait for a block, the senders' next nonces, and the failed transactions."""

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
"""Number of failed transactions whose causes are remembered."""


class Queue:
    """The queue. Any thread may use it; a caller that reads and then acts on it must hold `changed`.

    Args:
        nonce_on_disk: Returns the next nonce of a sender (20 bytes) after the last block.
    """

    def __init__(self, nonce_on_disk: Callable[[bytes], int]) -> None:
        self.changed = threading.Condition()
        self._nonce_on_disk = nonce_on_disk
        self._waiting: deque[Waiting] = deque()
        self._next_nonces: dict[bytes, int] = {}
        self._failures: dict[bytes, AeoLedgerError] = {}

    def __len__(self) -> int:
        """Count the waiting transactions."""
        return len(self._waiting)

    def add(self, transaction: SignedTransactionAPI) -> Future[Receipt]:
        """Add a transaction, and return the future of its receipt.

        Raises:
            NonceOutOfOrder: Its nonce is not the sender's next.
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
        """Return the nonce of a sender's next transaction, waiting transactions counted."""
        with self.changed:
            known = self._next_nonces.get(sender)
            return self._nonce_on_disk(sender) if known is None else known

    def take(self) -> deque[Waiting]:
        """Remove and return all waiting transactions."""
        with self.changed:
            taken, self._waiting = self._waiting, deque()
        return taken

    def settle(self, left_over: deque[Waiting], outcomes: Sequence[Outcome]) -> None:
        """Put back the transactions that are left over, and resolve the futures of the others."""
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
        """Fail all transactions, since each nonce depends on the one before, and start again from the state on disk."""
        with self.changed:
            waiting = [*taken, *self._waiting]
            self._waiting.clear()
            self._next_nonces.clear()
        for one in waiting:
            self._fail(one, error)

    def failure(self, transaction_hash: bytes) -> AeoLedgerError | None:
        """Return why no block contains an accepted transaction; None if one still may, or if it was never accepted."""
        return self._failures.get(transaction_hash)

    def _fail(self, waiting: Waiting, error: BaseException) -> None:
        if isinstance(error, AeoLedgerError):
            with self.changed:
                self._failures[waiting.transaction.hash] = error
                while len(self._failures) > _REMEMBERED:
                    self._failures.pop(next(iter(self._failures)))
        waiting.done.set_exception(error)
