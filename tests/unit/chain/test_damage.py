"""A flipped bit in a ledger's file never gets into an answer or a block: what depends on it is refused by name, the rest works."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from aeo_ledger.chain import EmbeddedLedger, check_ledger
from aeo_ledger.errors.chain import DamagedLedger, MalformedLedger
from support.chain_world import (
    BOARD,
    GENESIS_TIME,
    RELAY,
    HandClock,
    TestSealer,
    genesis,
    keccak,
    open_hand_held,
    put,
    sealers,
    transaction,
)
from support.damage import TABLES, Cell, Found, Truth, answers, cells, flip, flip_in_file, look, overwrite, questions

KEYS = [bytes([n]) * 32 for n in range(1, 4)]
BLOCKS = 3
PAGE = 4_096


def _slot(key: bytes) -> str:
    return "0x" + keccak(key + (0).to_bytes(32, "big")).hex()


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A small closed ledger: its file, its marks, its answers and its seals."""

    folder: Path
    keys: list[TestSealer]
    truth: Truth
    cells: list[Cell]

    def copy(self, to: Path) -> Path:
        shutil.rmtree(to, ignore_errors=True)
        return Path(shutil.copytree(self.folder, to)) / "ledger.sqlite"

    def open(self, path: Path) -> Callable[[], EmbeddedLedger]:
        return lambda: open_hand_held(path, HandClock(wall_s=GENESIS_TIME + 1_000), self.keys)


def _publish(ledger: EmbeddedLedger) -> object:
    return ledger.submit(transaction(BLOCKS, put(KEYS[1:3], [70, 0])))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder, keys = tmp_path_factory.mktemp("whole"), sealers(4)
    path = folder / "ledger.sqlite"
    EmbeddedLedger.create(path, genesis([key.address for key in keys]))
    with open_hand_held(path, HandClock(), keys) as ledger:
        for nonce in range(BLOCKS):
            ledger.submit(transaction(nonce, put(KEYS[: nonce + 1], [10 + nonce] * (nonce + 1))))
            ledger.seal_pending()
        board, relay = "0x" + BOARD.hex(), RELAY.address
        asked = questions(ledger, accounts={board: ["0x0", *map(_slot, KEYS)], relay: []})
        answered = list(answers(ledger, asked))
    another = folder / "another" / "ledger.sqlite"
    another.parent.mkdir()
    for file in ("ledger.sqlite", "ledger.sqlite.mark"):
        shutil.copy(folder / file, another.parent / file)
    with open_hand_held(another, HandClock(wall_s=GENESIS_TIME + 1_000), keys) as ledger:
        _publish(ledger)
        sealed = ledger.header_rlp(ledger.seal_pending())
    shutil.rmtree(another.parent)
    return Whole(
        folder=folder, keys=keys, truth=Truth(asked=asked, answered=answered, sealed=sealed), cells=cells(path)
    )


def test_a_whole_ledger_answers_and_seals_as_it_should(whole: Whole, tmp_path: Path) -> None:
    path = whole.copy(tmp_path / "copy")
    assert not check_ledger(path).damage
    assert look(whole.open(path), whole.truth, _publish) == Found()
    assert not check_ledger(path).damage


def test_a_flipped_bit_in_any_field_of_any_row_is_neither_answered_from_nor_sealed(
    whole: Whole, tmp_path: Path
) -> None:
    chance = random.Random(20261122)  # noqa: S311 (a seeded test)
    unnoticed = []
    for cell in whole.cells:
        path = whole.copy(tmp_path / "copy")
        flip(path, cell, chance.randrange(1 << 20))
        assert check_ledger(path).damage, f"not named: {cell}"
        found = look(whole.open(path), whole.truth, _publish)
        assert not found.lies, f"{cell}: {found.lies}"
        assert isinstance(found.refused, DamagedLedger | None), f"{cell}: {found.refused}"
        if not found.noticed:
            unnoticed.append(cell)
    assert {(cell.table, cell.column) for cell in whole.cells} == {
        (table, column) for table, columns in TABLES.items() for column in columns
    }
    assert all(_rests_on_nothing(cell) for cell in unnoticed), [str(cell) for cell in unnoticed]


def _rests_on_nothing(cell: Cell) -> bool:
    """Parts that only the check reads: nodes that no answer needs, references over gaps that no request reads, the first row."""
    return cell.table == "nodes" or cell.column == "next" or not cell.key


def test_a_flipped_bit_anywhere_in_the_file_is_neither_answered_from_nor_sealed(whole: Whole, tmp_path: Path) -> None:
    """This includes pages and their order, so SQLite itself may read anything or nothing."""
    chance = random.Random(20261123)  # noqa: S311 (a seeded test)
    bits = 8 * (whole.folder / "ledger.sqlite").stat().st_size
    outcomes = set()
    for _ in range(120):
        path, bit = whole.copy(tmp_path / "copy"), chance.randrange(bits)
        flip_in_file(path, bit)
        found = look(whole.open(path), whole.truth, _publish)
        assert not found.lies, f"bit {bit}: {found.lies}"
        in_first_bytes = bit < 8 * 100
        assert isinstance(found.refused, DamagedLedger | None) or in_first_bytes, f"bit {bit}: {found.refused}"
        outcomes.add(found.noticed)
    assert outcomes == {False, True}


@pytest.mark.parametrize("damage", [bytes(PAGE), b"\xff" * PAGE])
def test_a_page_that_is_lost_is_noticed_whichever_it_is(whole: Whole, tmp_path: Path, damage: bytes) -> None:
    for at in range(PAGE, (whole.folder / "ledger.sqlite").stat().st_size, PAGE):
        path = whole.copy(tmp_path / "copy")
        overwrite(path, at, damage)
        named = bool(check_ledger(path).damage)
        found = look(whole.open(path), whole.truth, _publish)
        assert not found.lies, f"page {at // PAGE}: {found.lies}"
        assert named, f"page {at // PAGE}"
        assert found.noticed, f"page {at // PAGE}"


def test_a_file_whose_first_page_is_lost_is_no_ledger_that_anybody_can_tell(whole: Whole, tmp_path: Path) -> None:
    path = whole.copy(tmp_path / "copy")
    overwrite(path, 0, bytes(PAGE))
    for read in (lambda: check_ledger(path), whole.open(path)):
        with pytest.raises(MalformedLedger):
            read()


@pytest.mark.parametrize(("at", "what"), [(0, "its pages"), (68, "its header")])
def test_a_header_that_is_damaged_is_named(whole: Whole, tmp_path: Path, at: int, what: str) -> None:
    path = whole.copy(tmp_path / "copy")
    overwrite(path, at, b"\xee")
    assert set(check_ledger(path).damage) == {what}


def test_a_name_that_is_no_text_any_more_is_damage_too(whole: Whole, tmp_path: Path) -> None:
    """SQLite then copies the bytes into its own message, which Python cannot decode."""
    path = whole.copy(tmp_path / "copy")
    at = path.read_bytes().rindex(b"nodes (key BLOB")
    overwrite(path, at, b"n\xf3d")
    assert set(check_ledger(path).damage) == {"its pages"}
    assert isinstance(look(whole.open(path), whole.truth, _publish).refused, DamagedLedger)


def test_what_is_damaged_is_named_and_everything_else_goes_on(whole: Whole, tmp_path: Path) -> None:
    path = whole.copy(tmp_path / "copy")
    with whole.open(path)() as ledger:
        sent = ledger.rpc.request("eth_getBlockByNumber", ["0x2"])["transactions"][0]
    name = b"transaction-hash-to-block:%r" % bytes.fromhex(sent[2:])
    cell = next(cell for cell in whole.cells if cell.key.endswith(name) and cell.column == "value")
    flip(path, cell, 3)
    with whole.open(path)() as ledger:
        with pytest.raises(DamagedLedger) as caught:
            ledger.rpc.request("eth_getTransactionReceipt", [sent])
        assert (caught.value.path, caught.value.part) == (str(path), f"table links, row {cell.key.hex()}")
        assert ledger.rpc.request("eth_blockNumber", []) == hex(BLOCKS)
        _publish(ledger)
        assert ledger.seal_pending() == BLOCKS + 1
    assert list(check_ledger(path).damage) == [f"table links, row {cell.key.hex()}"]
