"""The check of a ledger also finds intact rows that contradict one another."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import rlp

from aeo_ledger.chain import EmbeddedLedger, check_ledger
from aeo_ledger.chain.connection import connect_writing
from aeo_ledger.chain.links import Links, first_row
from aeo_ledger.errors.chain import MalformedLedger
from support.chain_world import HandClock, TestSealer, keccak, open_hand_held, put, sealers, transaction

_ONE = put([b"\1" * 32, b"\2" * 32], [7, 8])


@pytest.fixture
def written(path: Path, hand: HandClock, keys: list[TestSealer]) -> Path:
    """Two blocks with one transaction each, and an empty block."""
    with open_hand_held(path, hand, keys) as ledger:
        for nonce in range(2):
            ledger.submit(transaction(nonce, _ONE))
            ledger.seal_pending()
        ledger.seal_pending()
    return path


def _rewrite(path: Path, prefix: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Write another value, with valid checksums, to the first row of a prefix; return its key."""
    with closing(connect_writing(path)) as connection:
        links = Links(connection)
        key, value = links.scan(prefix, prefix + b"\xff")[0]
        links.put({key: change(value)})
    return key


def _named(path: Path) -> list[str]:
    return list(check_ledger(path).damage)


def test_a_whole_ledger_is_read_to_the_end(written: Path) -> None:
    told: dict[str, int] = {}

    def tell(what: str, more: int) -> None:
        told[what] = told.get(what, 0) + more

    checked = check_ledger(written, progress=tell)
    assert checked.damage == {}
    assert checked.read == told
    assert {what: told[what] for what in ("blocks", "seals", "transactions", "logs")} == {
        "blocks": 4, "seals": 12, "transactions": 2, "logs": 2,
    }  # fmt: skip
    assert checked.head == 3
    with EmbeddedLedger.open_to_read(written) as ledger:
        for number, block_hash in ((0, checked.genesis_hash), (3, checked.head_hash)):
            block = ledger.rpc.request("eth_getBlockByNumber", [hex(number)])
            assert block["hash"] == "0x" + block_hash.hex()


def test_a_ledger_that_was_just_made_is_whole(path: Path) -> None:
    assert _named(path) == []


def _without_one(seals: bytes) -> bytes:
    encoded: bytes = rlp.encode(rlp.decode(seals)[:2])
    return encoded


def _by_strangers(seals: bytes) -> bytes:
    encoded: bytes = rlp.encode([key.seal(keccak(b"?")) for key in sealers(4, first=70)])
    return encoded


def _one_twice(seals: bytes) -> bytes:
    first, *_ = rlp.decode(seals)
    encoded: bytes = rlp.encode([first] * 4)
    return encoded


@pytest.mark.parametrize("change", [_without_one, _by_strangers, _one_twice])
def test_seals_that_are_not_a_quorums_are_named(written: Path, change: Callable[[bytes], bytes]) -> None:
    _rewrite(written, b"s", change)
    assert _named(written) == ["seals of block 1"]


def test_a_log_that_no_receipt_has_is_named(written: Path) -> None:
    _rewrite(written, b"l", lambda log: log[:-1] + b"?")
    assert _named(written) == ["logs of block 1"]


def test_a_log_that_cannot_be_found_by_its_topic_is_named(written: Path) -> None:
    """Delete a look-up as if it had never been written."""
    with closing(connect_writing(written)) as connection:
        links = Links(connection)
        rows = dict(row for row in links.walk() if isinstance(row, tuple) and row[0])
        lost = next(key for key in rows if key.startswith(b"t"))
        del rows[lost]
        connection.executescript(f"DROP TABLE links; {first_row()}")
        links.put(rows)
    assert _named(written) == [f"table links, row {lost.hex()}"]


@pytest.mark.parametrize(
    ("prefix", "change", "named"),
    [
        (b"kblock-number-to-hash:1", lambda value: value, []),
        (b"ktransaction-hash-to-block:", lambda _: rlp.encode([b"", b"\7"]), ["look-up of transaction"]),
        (b"g", lambda value: json.dumps({**json.loads(value), "timestamp": "0x1"}).encode(), ["block 0"]),
    ],
)
def test_a_row_that_says_something_else_is_named(
    written: Path, prefix: bytes, change: Callable[[bytes], bytes], named: list[str]
) -> None:
    _rewrite(written, prefix, change)
    found = _named(written)
    assert [name[: len(start)] for name, start in zip(found, named, strict=True)] == named


def test_a_number_that_leads_to_another_block_is_named(written: Path) -> None:
    with closing(connect_writing(written)) as connection:
        other = Links(connection).demand(b"kblock-number-to-hash:3")
    _rewrite(written, b"kblock-number-to-hash:2", lambda _: other)
    assert "look-up of block 2" in _named(written)


def test_a_node_that_is_missing_is_named_by_what_names_it(written: Path) -> None:
    with closing(connect_writing(written)) as connection:
        (key,) = connection.execute("SELECT key FROM nodes ORDER BY length(value) DESC").fetchone()  # the code
        connection.execute("DELETE FROM nodes WHERE key = ?", (key,))
    checked = check_ledger(written)
    damage = checked.damage[f"table nodes, row {key.hex()}"]
    assert "it is missing" in str(damage)


@pytest.mark.parametrize("content", [b"", b"Dear administration", b"SQLite format 3\0" + bytes(84)])
def test_what_is_no_ledger_is_not_checked(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter"
    path.write_bytes(content)
    with pytest.raises(MalformedLedger):
        check_ledger(path)
    with pytest.raises(MalformedLedger):
        check_ledger(tmp_path / "none")
