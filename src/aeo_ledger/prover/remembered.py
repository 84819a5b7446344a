"""The past of a ledger as a gateway reads it: from the index's database, and from the node what is not there.

No storage root shows whether the rows are right, as one does for words. But whoever makes evidence from them proves it first. What does not
prove it is taken from the node, and the rows are mended; see `indexed.make_or_mend`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.ledger.topics import WRITTEN
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.archive import ACTS, LOGS, STEPS, TIMES, act_row, decode_accounts, log_row, step_row
from aeo_ledger.prover.databases import put
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.prover.past import Step
from aeo_ledger.prover.state import DAMAGES, State, read_accounts, replay_consortium

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_TOPIC_BYTES: Final = 32


class RememberedPast:
    """The past of a ledger: from the index's database, and from the node what is not there.

    Args:
        store: The database.
        node: The port to the node.
        mends: Take everything from the node, and put it in the place of rows that differ, which the log names.
    """

    def __init__(self, store: IndexStore, node: Ledger, *, mends: bool) -> None:
        self._store, self._node, self._mends = store, node, mends

    def logs(self, contract: Contract, topics: Sequence[bytes], since: int, until: int) -> list[Log]:
        """Return the logs of a contract whose topics begin so, in order, from block `since` to `until` inclusive."""
        asked = _of(contract, topics, since, until)

        def write(connection: Connection, logs: Sequence[Log]) -> None:
            connection.execute(delete(LOGS).where(asked))
            put(connection, LOGS, [log_row(contract, log) for log in logs])

        what = f"logs of {contract} up to block {until}, {' '.join(topic.hex() for topic in topics)}"
        return self._recall(
            until,
            what,
            lambda connection: _read_logs(connection, asked),
            lambda: self._node.logs(contract, topics, since=since, until=until),
            write,
        )

    def call_data(self, transaction: str) -> tuple[bytes, bytes]:
        """Return the address that a transaction calls, 20 bytes, and its call data."""
        key = parse_hex(transaction, what="hash", length=32)

        def read(connection: Connection) -> tuple[bytes, bytes] | None:
            found = connection.execute(select(ACTS.c.called, ACTS.c.data).where(ACTS.c.hash == key)).first()
            return None if found is None else (found.called, found.data)

        def write(connection: Connection, call: tuple[bytes, bytes]) -> None:
            put(connection, ACTS, [act_row(transaction, *call)])

        return self._recall(0, f"transaction {transaction}", read, lambda: self._node.call_data(transaction), write)

    def time_of(self, block: int) -> int:
        """Return a block's time, UTC seconds."""

        def read(connection: Connection) -> int | None:
            found: int | None = connection.scalar(select(TIMES.c.time).where(TIMES.c.block == block))
            return found

        def write(connection: Connection, time: int) -> None:
            put(connection, TIMES, [{"block": block, "time": time}])

        return self._recall(block, f"time of block {block}", read, lambda: self._node.time_of(block), write)

    def step(self, block: int) -> State | None:
        """Return the state of a block before or after a change of the validators, with the words of `Consortium` alone; None of another block.

        Raises:
            AeoLedgerError, ValueError, TypeError, LookupError: its rows, or those of the logs before it, were damaged. They are mended.
        """
        try:
            found = self._store.archived(block, lambda connection: _read_step(connection, block))
            if found is not None and self._mends:
                found = self._mend_step(block)
        except IndexUnavailable:
            return None
        if found is None:
            return None
        known = self._store.steps.get(block)
        if known is not None and (known.header, known.accounts) == (found.header, found.accounts):
            return known
        try:
            state = self._replay(block, found)
        except DAMAGES:
            if not self._mends:
                RememberedPast(self._store, self._node, mends=True).step(block)
            raise
        self._store.steps[block] = state
        return state

    def _mend_step(self, block: int) -> Step:
        return self._recall(
            block,
            f"block {block}, where the validators change",
            lambda connection: _read_step(connection, block),
            lambda: Step(header=self._node.header(block), accounts=read_accounts(self._node, block)),
            lambda connection, step: put(connection, STEPS, [step_row(block, step)]),
        )

    def _replay(self, block: int, step: Step) -> State:
        logs = self.logs(Contract.CONSORTIUM, [WRITTEN], 0, block)
        return replay_consortium(self._node, block, logs, step.header, step.accounts)

    def _recall(
        self,
        block: int,
        what: str,
        read: Callable[[Connection], T | None],
        fetch: Callable[[], T],
        write: Callable[[Connection, T], None],
    ) -> T:
        """Read something, or fetch it from the node; a database that does not work, or that does not reach a block yet, has nothing."""
        if not self._mends:
            with suppress(IndexUnavailable):
                found = self._store.archived(block, read)
                if found is not None:
                    return found
        told = fetch()
        if self._mends:
            with suppress(IndexUnavailable), self._store.turn() as turn:
                if turn.block >= block and _differs(lambda: read(turn.connection), told):
                    _LOG.warning("the index in %s is damaged, and mended: %s", self._store.name, what)
                    write(turn.connection, told)
        return told


def _differs(read: Callable[[], object], told: object) -> bool:
    try:
        return read() != told
    except DAMAGES:
        return True


def _of(contract: Contract, topics: Iterable[bytes], since: int, until: int) -> ColumnElement[bool]:
    """Select the logs of a contract and some blocks whose topics begin with these."""
    conditions = [LOGS.c.contract == contract.value, LOGS.c.block.between(since, until)]
    if beginning := b"".join(topics):
        following = (int.from_bytes(beginning, "big") + 1).to_bytes(
            len(beginning), "big"
        )  # an event's hash is not all ones
        conditions += [LOGS.c.topics >= beginning, LOGS.c.topics < following]
    return and_(*conditions)


def _read_logs(connection: Connection, asked: ColumnElement[bool]) -> list[Log]:
    found = connection.execute(select(LOGS).where(asked).order_by(LOGS.c.block, LOGS.c.place))
    return [
        Log(
            block=row.block,
            index=row.place,
            transaction=to_hex(row.act),
            topics=tuple(row.topics[at : at + _TOPIC_BYTES] for at in range(0, len(row.topics), _TOPIC_BYTES)),
            data=row.data,
        )
        for row in found
    ]


def _read_step(connection: Connection, block: int) -> Step | None:
    found = connection.execute(select(STEPS.c.header, STEPS.c.accounts).where(STEPS.c.block == block)).first()
    return None if found is None else Step(header=found.header, accounts=decode_accounts(found.accounts))
