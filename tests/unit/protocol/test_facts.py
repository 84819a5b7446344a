from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest

from aeo_ledger.customs.arrangement import Pair, Register
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.customs import HistoryNeeded, UnreadableValue
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import NotedWords, Predecessor, WordView
from aeo_ledger.protocol.layouts import GOVERNANCE, pack
from aeo_ledger.protocol.tables import (
    PREDECESSOR_FIELDS,
    Contract,
    Table,
    epoch_key,
    pair_key,
    predecessor_key,
    record_slot,
    withholding_key,
    word_slot,
)
from support.sealed_world import BY, BY_TRADER, CN, DAY, NOW, CustomsFacts, entry_of, inquire, lane

ENTRY = entry_of(BY_TRADER, BY, 2)


def world() -> CustomsFacts:
    return (
        CustomsFacts().recognise(CN, BY, lane(), lane(until=1)).grant(BY_TRADER, BY, 2).withhold(CN, BY_TRADER, BY, 2)
    )


class Reader:
    """Words of a world, and how often each was read."""

    def __init__(self, there: CustomsFacts) -> None:
        self.words, self.reads = there.words(), Counter[tuple[Contract, int]]()

    def __call__(self, contract: Contract, slot: int) -> int:
        self.reads[contract, slot] += 1
        return self.words[contract].get(slot, 0)


def test_the_facts_of_the_words_are_those_that_were_written() -> None:
    there = world()
    view = WordView(Reader(there))
    for number in range(1, 9):
        assert view.party(number) == there.party(number)
        assert view.register(number) == there.register(number)
    assert view.pair(CN, BY) == Pair(lanes=2, withheld=1, amendments=2)
    assert view.pair(BY, CN) == Pair()
    assert [view.lane(CN, BY, at) for at in range(2)] == there.lanes[CN, BY]
    assert view.lane(CN, BY, 2) is None
    assert view.withholding(CN, ENTRY) == there.withholding(CN, ENTRY)
    assert view.withholding(BY, ENTRY) is None
    assert view.record(ENTRY) == there.record(ENTRY)
    assert view.record(entry_of(BY_TRADER, BY, 1)) is None
    assert view.successor() is None


def test_a_successor_is_read_with_its_time() -> None:
    assert WordView(Reader(world().supersede(5))).successor() == ((0xABC).to_bytes(20, "big"), 5)


def read(words: dict[tuple[Table, int], int]) -> WordView:
    slots = {word_slot(*where): word for where, word in words.items()}
    return WordView(lambda contract, slot: slots.get(slot, 0) if contract is Contract.CONSORTIUM else 0)


def test_epochs_end_and_replacements_take_as_long_as_the_words_say() -> None:
    delay = pack(GOVERNANCE, replacement_delay=77, parties=3)
    view = read({(Table.EPOCH_END, epoch_key(5, 2)): 9, (Table.GOVERNANCE, 0): delay})
    assert (view.epoch_end(5, 2), view.epoch_end(5, 1), view.epoch_end(2, 5)) == (9, 0, 0)
    assert view.replacement_delay() == 77


def seam(number: int, **altered: int) -> dict[tuple[Table, int], int]:
    values = {name: 10 * (number + 1) + place for place, name in enumerate(PREDECESSOR_FIELDS)} | altered
    return {(Table.PREDECESSOR, predecessor_key(number, name)): value for name, value in values.items()}


def test_predecessors_are_read_from_their_words_until_a_seam_has_no_time() -> None:
    assert read({}).predecessors() == ()
    found = read({**seam(0), **seam(1), **seam(2, time=0), **seam(3)}).predecessors()
    assert [(one.time, one.number, one.chain_id) for one in found] == [(10, 11, 13), (20, 21, 23)]
    assert found[0] == Predecessor(
        time=10,
        number=11,
        header=(12).to_bytes(32, "big"),
        chain_id=13,
        consortium=(14).to_bytes(20, "big"),
        governance=(15).to_bytes(20, "big"),
        registers=(16).to_bytes(20, "big"),
    )
    assert [found[0].address(contract)[-1] for contract in Contract] == [14, 15, 16]
    with pytest.raises(UnreadableValue):
        read(seam(0, registers=1 << 160)).predecessors()


def words_of(asked: Inquiry, reader: Reader) -> dict[tuple[Contract, int], int]:
    view = NotedWords(reader)
    with suppress(HistoryNeeded):
        decide(asked, view, entries_of(BY_TRADER))
    return view.words


def test_shared_facts_are_read_once() -> None:
    reader = Reader(world())
    view = WordView(reader)
    for _ in range(3):
        decide(inquire(BY_TRADER, CN), view, entries_of(BY_TRADER))
    assert reader.reads[Contract.CONSORTIUM, word_slot(Table.PAIR, pair_key(CN, BY))] == 1
    assert reader.reads[Contract.REGISTERS, record_slot(ENTRY)] == 3


def test_the_words_of_a_proof_are_those_that_its_decision_reads_and_the_successor() -> None:
    reader = Reader(world())
    found = words_of(inquire(BY_TRADER, CN), reader)
    assert found.keys() == reader.reads.keys()
    assert found[Contract.REGISTERS, record_slot(ENTRY)] == reader.words[Contract.REGISTERS][record_slot(ENTRY)]
    assert found[Contract.CONSORTIUM, word_slot(Table.SUCCESSION, 0)] == 0
    assert decide(
        inquire(BY_TRADER, CN), WordView(lambda contract, slot: found[contract, slot]), entries_of(BY_TRADER)
    ) == decide(inquire(BY_TRADER, CN), world(), entries_of(BY_TRADER))


def test_where_nothing_was_ever_withheld_the_pair_proves_it_for_every_entry() -> None:
    there = world()
    there.withholdings.clear()
    found = words_of(inquire(BY_TRADER, CN), Reader(there))
    assert (Contract.CONSORTIUM, word_slot(Table.WITHHOLDING, withholding_key(CN, ENTRY))) not in found
    assert (Contract.CONSORTIUM, word_slot(Table.PAIR, pair_key(CN, BY))) in found


def test_a_need_for_history_is_proven_by_words_and_a_missing_key_is_not() -> None:
    asked = inquire(BY_TRADER, CN, time=NOW - DAY)
    changed = world()
    changed.records[ENTRY] = replace(changed.records[ENTRY], sequence=2, recorded_at=NOW)
    changed.withholdings.clear()
    found = words_of(asked, Reader(changed))
    with pytest.raises(HistoryNeeded):
        decide(asked, WordView(lambda contract, slot: found[contract, slot]), entries_of(BY_TRADER))
    keyed = world()
    keyed.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    with pytest.raises(KeyNeeded):
        words_of(asked, Reader(keyed))


@pytest.mark.parametrize(
    ("table", "key", "what"), [(Table.PARTY, BY, "party"), (Table.REGISTER, BY, "register"), (Table.LANE, 0, "lane")]
)
def test_a_word_that_no_contract_writes_proves_nothing(table: Table, key: int, what: str) -> None:
    key = key or pair_key(CN, BY) << 8
    view = WordView(lambda _, slot: (1 << 256) - 1 if slot == word_slot(table, key) else 0)
    with pytest.raises(UnreadableValue) as refusal:
        {"party": view.party, "register": view.register, "lane": lambda _: view.lane(CN, BY, 0)}[what](key)
    assert refusal.value.what == what
