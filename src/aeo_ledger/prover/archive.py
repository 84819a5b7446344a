"""The tables of the past in the index's database. They are written in one transaction with the words of its blocks; see `remembered`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Index,
    MetaData,
    String,
    Table,
    delete,
)

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.ledger.port import Log
from aeo_ledger.primitives.cbor import encode_cbor, parse_cbor
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.databases import Blob, Number, put
from aeo_ledger.prover.past import Past, Step

TABLES: Final = MetaData()
LOGS: Final = Table(
    "logs",
    TABLES,
    Column("block", Number, primary_key=True, autoincrement=False),
    Column("place", Number, primary_key=True, autoincrement=False),
    Column("contract", String, nullable=False),
    Column("topics", Blob, nullable=False),
    Column("act", Blob, nullable=False),
    Column("data", Blob, nullable=False),
    sqlite_with_rowid=False,
)
Index("logs_of_a_subject", LOGS.c.contract, LOGS.c.topics, LOGS.c.block)
ACTS: Final = Table(
    "acts",
    TABLES,
    Column("hash", Blob, primary_key=True),
    Column("called", Blob, nullable=False),
    Column("data", Blob, nullable=False),
)
TIMES: Final = Table(
    "times",
    TABLES,
    Column("block", Number, primary_key=True, autoincrement=False),
    Column("time", Number, nullable=False),
)
STEPS: Final = Table(
    "steps",
    TABLES,
    Column("block", Number, primary_key=True, autoincrement=False),
    Column("header", Blob, nullable=False),
    Column("accounts", Blob, nullable=False),
)
_TOPIC_BYTES: Final = 32
_DOCUMENT: Final = "account proofs"
_LONGEST: Final = 1 << 20
_MOST_NODES: Final = 64


def write_past(connection: Connection, past: Past) -> None:
    """Write what some blocks add, and replace what is there."""
    put(connection, LOGS, [log_row(contract, log) for contract, log in past.logs])
    put(connection, ACTS, [act_row(transaction, *call) for transaction, call in past.acts.items()])
    put(connection, TIMES, [{"block": block, "time": time} for block, time in past.times.items()])
    put(connection, STEPS, [step_row(block, step) for block, step in past.steps.items()])


def clear_past(connection: Connection) -> None:
    """Delete everything."""
    for table in TABLES.sorted_tables:
        connection.execute(delete(table))


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


def log_row(contract: Contract, log: Log) -> dict[str, Any]:
    """Write a log as its row."""
    return {
        "block": log.block,
        "place": log.index,
        "contract": contract.value,
        "topics": b"".join(log.topics),
        "act": _bytes(log.transaction),
        "data": log.data,
    }


def act_row(transaction: str, called: bytes, data: bytes) -> dict[str, Any]:
    """Write what a transaction calls as its row."""
    return {"hash": _bytes(transaction), "called": called, "data": data}


def step_row(block: int, step: Step) -> dict[str, Any]:
    """Write a block beside a change of the validators as its row."""
    return {"block": block, "header": step.header, "accounts": encode_accounts(step.accounts)}


def _bytes(transaction: str) -> bytes:
    return parse_hex(transaction, what="hash", length=32)
