"""Flip bits in a ledger's file, and tell whether anything was answered or sealed that rests on them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.errors import Malformed, Unavailable
from aeo_ledger.errors.chain import BlockUnfinished, DamagedLedger

Question = tuple[str, tuple[Any, ...]]
TABLES: Mapping[str, tuple[str, ...]] = {"nodes": ("key", "value"), "links": ("key", "value", "own", "next")}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One field of one row."""

    table: str
    key: bytes
    column: str
    value: bytes

    def __str__(self) -> str:
        return f"{self.column} of {self.key.hex() or 'the first row'} in {self.table}"


def cells(path: Path) -> list[Cell]:
    """List every field of every row that has a bit to flip."""
    with closing(sqlite3.connect(path)) as file:
        return [
            Cell(table=table, key=row[0], column=column, value=value)
            for table, columns in TABLES.items()
            for row in file.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608
            for column, value in zip(columns, row, strict=True)
            if value
        ]


def flip(path: Path, cell: Cell, bit: int) -> None:
    """Flip one bit of a field, as a disk does; counted from its first, and round again if there are fewer."""
    value = bytearray(cell.value)
    bit %= 8 * len(value)
    value[bit // 8] ^= 1 << bit % 8
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        # a row may stand where the flipped one would go: then that one is lost
        update = f"UPDATE OR REPLACE {cell.table} SET {cell.column} = ? WHERE key = ?"  # noqa: S608
        file.execute(update, (bytes(value), cell.key))


def flip_in_file(path: Path, bit: int) -> None:
    """Flip one bit of the file itself, wherever it is."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def overwrite(path: Path, at: int, data: bytes) -> None:
    """Put other bytes into the file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def questions(ledger: EmbeddedLedger, *, accounts: Mapping[str, list[str]]) -> list[Question]:
    """List what can be asked of a ledger, so that every row is asked for: accounts with their slots, blocks, transactions, logs."""
    ask = ledger.rpc.request
    asked: list[Question] = [("eth_blockNumber", ()), ("eth_getLogs", ({"fromBlock": "0x0"},))]
    topics: set[str] = set()
    for number in range(ledger.head + 1):
        at = hex(number)
        block = ask("eth_getBlockByNumber", [at])
        asked += [("eth_getBlockByNumber", (at, True)), ("eth_getBlockByHash", (block["hash"],))]
        asked += [("debug_getRawHeader", (at,)), ("qbft_getValidatorsByBlockNumber", (at,))]
        for transaction in block["transactions"]:
            asked += [("eth_getTransactionByHash", (transaction,)), ("eth_getTransactionReceipt", (transaction,))]
            topics |= {log["topics"][1] for log in ask("eth_getTransactionReceipt", [transaction])["logs"]}
        for address, slots in accounts.items():
            asked += [(f"eth_get{what}", (address, at)) for what in ("Balance", "Code", "TransactionCount")]
            asked += [("eth_getStorageAt", (address, slot, at)) for slot in slots]
            asked.append(("eth_getProof", (address, slots, at)))
    asked += [("eth_getLogs", ({"fromBlock": "0x0", "topics": [None, topic]},)) for topic in sorted(topics)]
    return asked


def answers(ledger: EmbeddedLedger, asked: list[Question]) -> Iterator[Any]:
    """Ask all of it; what is refused as damaged is the error."""
    for method, parameters in asked:
        try:
            yield ledger.rpc.request(method, parameters)
        except DamagedLedger as error:
            yield error


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a whole ledger answers and seals."""

    asked: list[Question]
    answered: list[Any]
    sealed: bytes
    """The header of the next block, with a transaction in it."""


@dataclass(kw_only=True)
class Found:
    """What became of a damage."""

    lies: list[str] = field(default_factory=list)
    """What was answered or sealed otherwise than it should."""
    noticed: bool = False
    """Something was refused because of it."""
    refused: Unavailable | Malformed | None = None
    """The whole ledger was, when it was opened."""


def look(open_: Callable[[], EmbeddedLedger], truth: Truth, publish: Callable[[EmbeddedLedger], object]) -> Found:
    """Open a ledger that may be damaged, ask all that can be asked, and seal a block."""
    found = Found()
    try:
        ledger = open_()
    except (Unavailable, Malformed) as error:
        return Found(noticed=True, refused=error)
    with ledger:
        for question, right, said in zip(truth.asked, truth.answered, answers(ledger, truth.asked), strict=True):
            if isinstance(said, DamagedLedger):
                found.noticed = True
            elif said != right:
                found.lies.append(f"{question}: {said!r:.200} for {right!r:.200}")
        head = int(truth.answered[0], 16)
        try:
            publish(ledger)
            ledger.seal_pending()
        except (DamagedLedger, BlockUnfinished):
            found.noticed = True
        with suppress(DamagedLedger):
            if ledger.head > head and ledger.header_rlp(head + 1) != truth.sealed:
                found.lies.append(f"sealed {ledger.header_rlp(head + 1).hex()[:200]}")
    return found


def die(_: object) -> None:
    """End the process, as a system does that runs out of memory."""
    os._exit(9)
