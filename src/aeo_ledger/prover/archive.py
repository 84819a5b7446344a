"""The past in the index's database, written in one transaction with the words of its blocks.

No storage root shows whether these rows are right, as one does for words. But whoever makes evidence from them proves it first. What does not
prove it is read from the node, and the rows are mended; see `indexed`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    delete,
    select,
)

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.ledger.topics import WRITTEN
from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.databases import put
from aeo_ledger.prover.past import Past, Step
from aeo_ledger.prover.state import DAMAGES, State, read_accounts, replay_consortium

if TYPE_CHECKING:  # it imports this module
    from aeo_ledger.prover.index_store import IndexStore

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

TABLES: Final = MetaData()
_LOGS: Final = Table(
    "logs",
    TABLES,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("contract", String, nullable=False),
    Column("topics", LargeBinary, nullable=False),
    Column("act", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
Index("logs_of_a_subject", _LOGS.c.contract, _LOGS.c.topics, _LOGS.c.block)
_ACTS: Final = Table(
    "acts",
    TABLES,
    Column("hash", LargeBinary, primary_key=True),
    Column("called", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
_TIMES: Final = Table(
    "times",
    TABLES,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
)
_STEPS: Final = Table(
    "steps",
    TABLES,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("header", LargeBinary, nullable=False),
    Column("accounts", LargeBinary, nullable=False),
)
_TOPIC_BYTES: Final = 32
_DOCUMENT: Final = "account proofs"
_LONGEST: Final = 1 << 20
_MOST_NODES: Final = 64


def write_past(connection: Connection, past: Past) -> None:
    """Write what some blocks add, and replace what is there."""
    put(connection, _LOGS, [_log_row(contract, log) for contract, log in past.logs])
    put(connection, _ACTS, [_act_row(transaction, *call) for transaction, call in past.acts.items()])
    put(connection, _TIMES, [{"block": block, "time": time} for block, time in past.times.items()])
    put(connection, _STEPS, [_step_row(block, step) for block, step in past.steps.items()])


def clear_past(connection: Connection) -> None:
    """Delete everything."""
    for table in TABLES.sorted_tables:
        connection.execute(delete(table))


class Archive:
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
            connection.execute(delete(_LOGS).where(asked))
            put(connection, _LOGS, [_log_row(contract, log) for log in logs])

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
            found = connection.execute(select(_ACTS.c.called, _ACTS.c.data).where(_ACTS.c.hash == key)).first()
            return None if found is None else (found.called, found.data)

        def write(connection: Connection, call: tuple[bytes, bytes]) -> None:
            put(connection, _ACTS, [_act_row(transaction, *call)])

        return self._recall(0, f"transaction {transaction}", read, lambda: self._node.call_data(transaction), write)

    def time_of(self, block: int) -> int:
        """Return a block's time, UTC seconds."""

        def read(connection: Connection) -> int | None:
            found: int | None = connection.scalar(select(_TIMES.c.time).where(_TIMES.c.block == block))
            return found

        def write(connection: Connection, time: int) -> None:
            put(connection, _TIMES, [{"block": block, "time": time}])

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
                self._store.past(self._node, mends=True).step(block)
            raise
        self._store.steps[block] = state
        return state

    def _mend_step(self, block: int) -> Step:
        return self._recall(
            block,
            f"block {block}, where the validators change",
            lambda connection: _read_step(connection, block),
            lambda: Step(header=self._node.header(block), accounts=read_accounts(self._node, block)),
            lambda connection, step: put(connection, _STEPS, [_step_row(block, step)]),
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


def encode_accounts(accounts: Mapping[Contract, Sequence[bytes]]) -> bytes:
    """Encode the nodes that prove the contracts' accounts, as CBOR."""
    return encode_cbor({contract.value: list(nodes) for contract, nodes in accounts.items()})


def decode_accounts(data: bytes) -> dict[Contract, tuple[bytes, ...]]:
    """Decode the nodes that prove the contracts' accounts; none if they are damaged, so that they prove nothing."""
    try:
        found = parse_cbor(data, document=_DOCUMENT, max_bytes=_LONGEST)
        fields = Fields(found, document=_DOCUMENT, text_only=False)
        fields.demand(list(Contract))
        return {contract: fields.binaries(contract.value, _MOST_NODES) for contract in Contract}
    except MalformedDocument:
        return {}


def _read_logs(connection: Connection, asked: ColumnElement[bool]) -> list[Log]:
    found = connection.execute(select(_LOGS).where(asked).order_by(_LOGS.c.block, _LOGS.c.place))
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
    found = connection.execute(select(_STEPS.c.header, _STEPS.c.accounts).where(_STEPS.c.block == block)).first()
    return None if found is None else Step(header=found.header, accounts=decode_accounts(found.accounts))


def _of(contract: Contract, topics: Iterable[bytes], since: int, until: int) -> ColumnElement[bool]:
    """Select the logs of a contract and some blocks whose topics begin with these."""
    conditions = [_LOGS.c.contract == contract.value, _LOGS.c.block.between(since, until)]
    if beginning := b"".join(topics):
        following = (int.from_bytes(beginning, "big") + 1).to_bytes(
            len(beginning), "big"
        )  # an event's hash is not all ones
        conditions += [_LOGS.c.topics >= beginning, _LOGS.c.topics < following]
    return and_(*conditions)


def _log_row(contract: Contract, log: Log) -> dict[str, Any]:
    return {
        "block": log.block,
        "place": log.index,
        "contract": contract.value,
        "topics": b"".join(log.topics),
        "act": _bytes(log.transaction),
        "data": log.data,
    }


def _act_row(transaction: str, called: bytes, data: bytes) -> dict[str, Any]:
    return {"hash": _bytes(transaction), "called": called, "data": data}


def _step_row(block: int, step: Step) -> dict[str, Any]:
    return {"block": block, "header": step.header, "accounts": encode_accounts(step.accounts)}


def _bytes(transaction: str) -> bytes:
    return parse_hex(transaction, what="hash", length=32)
