"""What a ledger's words become in the one that succeeds it. `tests/integration` does it with whole ledgers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.errors.protocol import UnmappedEdition, UnmappedWord
from aeo_ledger.protocol import succession
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.inventory import THIS_EDITION, Inventory
from aeo_ledger.protocol.layouts import GOVERNANCE, SUCCESSION, pack, unpack
from aeo_ledger.protocol.succession import edition_of, read_successor, succeed
from aeo_ledger.protocol.tables import PREDECESSOR_FIELDS, Contract, Table, predecessor_key

SEAM = Predecessor(
    chain_id=5,
    consortium=b"\1" * 20,
    governance=b"\2" * 20,
    registers=b"\3" * 20,
    number=70,
    header=b"\4" * 32,
    time=900,
)
NAMED = {
    (Table.SUCCESSION, key): word
    for key, word in enumerate([pack(SUCCESSION, consortium=11, effective=1_000), 6, 12, 13, 21, 22, 23])
}
GOVERNED = {name: number for number, name in enumerate(GOVERNANCE, 1)}
OLD = Inventory(
    words={
        (table, 3): 100 + table
        for table in Table
        if table not in {Table.SUCCESSION, Table.GOVERNANCE, Table.PREDECESSOR}
    }
    | {(Table.GOVERNANCE, 0): pack(GOVERNANCE, **GOVERNED)}
    | NAMED,
    standings={b"\7" * 32: (1, 2)},
)


def seam_words(seam: int, of: Predecessor) -> dict[tuple[Table, int], int]:
    values = (of.time, of.number, of.header, of.chain_id, of.consortium, of.governance, of.registers)
    numbers = [value if isinstance(value, int) else int.from_bytes(value, "big") for value in values]
    return {
        (Table.PREDECESSOR, predecessor_key(seam, field)): number
        for field, number in zip(PREDECESSOR_FIELDS, numbers, strict=True)
    }


def test_every_table_has_its_row() -> None:
    """A new table needs a row that says what becomes of its words."""
    assert set(succession._ROWS) == set(Table)


def test_words_go_over_as_they_are_but_for_the_succession_and_the_block_of_the_last_change() -> None:
    new = succeed(OLD, THIS_EDITION, SEAM)
    carried = {place: word for place, word in OLD.words.items() if place[0] not in {Table.SUCCESSION, Table.GOVERNANCE}}
    assert new.standings == OLD.standings
    governance = new.words.pop((Table.GOVERNANCE, 0))  # type: ignore[attr-defined]
    assert unpack(GOVERNANCE, governance) == GOVERNED | {"validators_changed_in": 0}
    assert new.words == carried | seam_words(0, SEAM)


def test_a_second_seam_comes_after_the_first() -> None:
    first = succeed(OLD, THIS_EDITION, SEAM)
    later = replace(SEAM, time=2_000, number=9, chain_id=6)
    second = succeed(Inventory(words={**first.words, **NAMED}, standings=first.standings), THIS_EDITION, later)
    assert second.words == {**first.words, **seam_words(1, later)}


@pytest.mark.parametrize("table", list(Table), ids=lambda table: table.name)
def test_a_word_without_a_row_is_refused(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    rows = {known: row for known, row in succession._ROWS.items() if known is not table}
    monkeypatch.setattr(succession, "_EDITIONS", ((THIS_EDITION, rows),))
    old = Inventory(words={**OLD.words, (table, 8): 1}, standings={})
    with pytest.raises(UnmappedWord) as refusal:
        succeed(old, THIS_EDITION, SEAM)
    assert (refusal.value.table, refusal.value.key) in old.words
    assert refusal.value.table == table


@pytest.mark.parametrize("contract", list(Contract))
def test_an_edition_is_known_by_all_its_codes(contract: Contract) -> None:
    assert edition_of(dict(THIS_EDITION.code_hashes)) is THIS_EDITION
    with pytest.raises(UnmappedEdition):
        edition_of({**THIS_EDITION.code_hashes, contract: bytes(32)})


def test_the_successor_is_read_from_the_words_that_name_it() -> None:
    named = read_successor(lambda table, key: NAMED[table, key])
    assert named is not None
    assert (named.effective, named.chain_id) == (1_000, 6)
    assert [int.from_bytes(named.addresses[contract], "big") for contract in Contract] == [11, 12, 13]
    assert [int.from_bytes(named.code_hashes[contract], "big") for contract in Contract] == [21, 22, 23]
    assert read_successor(lambda _table, _key: 0) is None
