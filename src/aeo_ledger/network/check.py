"""Check an embedded network's folder: read its whole ledger, and compare it with the marks, the genesis and the trust bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from aeo_ledger.chain import Checked, EmbeddedLedger, Genesis, check_ledger
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.chain import DamagedLedger
from aeo_ledger.office.ask import read_file, read_genesis_file, read_trust
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex


def check_network(
    folder: Path, *, progress: Callable[[str, int], None] = lambda _what, _more: None, marks: Path | None = None
) -> Checked:
    """Read everything in a network's folder except its keys; another process may have it open.

    Args:
        folder: The network's folder, or a copy of it.
        progress: Called with a kind of things, and how many more of them were read.
        marks: The folder of this machine's marks, if not the default.

    Returns:
        What was read, and which rows, blocks, marks and files are damaged.

    Raises:
        MalformedLedger, FileUnavailable: there is no ledger, or it cannot be opened.
    """
    path = folder / "ledger.sqlite"
    checked = check_ledger(path, progress=progress)
    for part in (_check_marks, _check_genesis, _check_trust):
        try:
            with EmbeddedLedger.open_to_read(path, marks=marks) as ledger:
                part(folder, ledger)
        except AeoLedgerError as error:
            checked.note(error)
    return checked


def is_demonstration(folder: Path) -> bool:
    """Tell whether a network was founded for a demonstration: its genesis says so, and its trust bundle pins this genesis.

    Raises:
        UnreadableFile, MalformedDocument, MalformedGenesis: a file cannot be read.
        DamagedLedger: the bundle pins another block 0.
    """
    path = folder / "genesis.json"
    genesis = Genesis.from_json(read_genesis_file(path))
    _demand(path, "block 0", genesis.hash(), read_trust(folder / "trust.json").genesis_hash)
    return genesis.is_demonstration


def _check_marks(_: Path, ledger: EmbeddedLedger) -> None:
    ledger.compare_marks()


def _check_genesis(folder: Path, ledger: EmbeddedLedger) -> None:
    path = folder / "genesis.json"
    try:
        found = Genesis.from_json(json.loads(read_file(path))).hash()
    except ValueError as error:
        raise DamagedLedger(path=str(path), part="all of it", reason=f"it is not JSON: {error}") from error
    _demand(path, "block 0", found, _hash(ledger, 0))


def _check_trust(folder: Path, ledger: EmbeddedLedger) -> None:
    path = folder / "trust.json"
    trust = read_trust(path)
    _demand(path, "genesis hash", trust.genesis_hash, _hash(ledger, 0))
    if trust.checkpoint.number <= ledger.head:
        _demand(path, "checkpoint", trust.checkpoint.hash, _hash(ledger, trust.checkpoint.number))


def _hash(ledger: EmbeddedLedger, number: int) -> bytes:
    block = ledger.rpc.request("eth_getBlockByNumber", [hex(number)])
    return parse_hex(block["hash"], what="hash", length=32)


def _demand(path: Path, part: str, found: bytes, needed: bytes) -> None:
    if found != needed:
        raise DamagedLedger(path=str(path), part=part, reason=f"it is {to_hex(found)}, the ledger has {to_hex(needed)}")
