"""Every word of a ledger by what it is of, and where an edition keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.protocol import generated
from aeo_ledger.protocol.inventory import NOTHING, THIS_EDITION, Inventory
from aeo_ledger.protocol.tables import Contract, Table, contract_of, record_slot, word_slot
from support.evm import ADDRESSES
from support.ledger_words import consortium_storage, governance_storage, registers_storage
from support.world import CODES, authority, found, key

ENTRY = b"\x05" * 32


@pytest.mark.parametrize("table", list(Table), ids=lambda table: table.name)
def test_a_word_lies_where_the_contracts_keep_it(table: Table) -> None:
    for number in (0, 1, 1 << 200):
        assert THIS_EDITION.word_slot(table, number) == word_slot(table, number)
    assert contract_of(table) is (Contract.REGISTERS if table.name.startswith("ALIAS") else Contract.CONSORTIUM)


def test_a_standing_lies_where_the_contract_keeps_it() -> None:
    assert THIS_EDITION.record_slot(ENTRY) == record_slot(ENTRY)
    laid = THIS_EDITION.storage(Inventory(words={}, standings={ENTRY: (7, 8)}), ADDRESSES)[Contract.REGISTERS]
    assert laid == {record_slot(ENTRY): 7, record_slot(ENTRY) + 1: 8, **registers_storage({}, {})}


def test_the_whole_storage_of_a_founding_is_laid_out_again_from_its_words() -> None:
    """This includes the addresses of the other contracts, which are in no table."""
    world = found()
    storage = {
        Contract.CONSORTIUM: consortium_storage(world.consortium),
        Contract.GOVERNANCE: governance_storage(),
        Contract.REGISTERS: registers_storage({}, {}),
    }
    assert storage == world.evm.storage
    places = [(Table(log.topics[1]), log.topics[2]) for log in world.evm.logs]
    words = THIS_EDITION.select(places, [ENTRY], lambda contract, slot: storage[contract].get(slot, 0))
    assert words.standings == {}
    assert THIS_EDITION.storage(words, ADDRESSES) == storage
    cleared = replace(words, words={**words.words, (Table.CARD, 1): 0})
    assert THIS_EDITION.storage(cleared, ADDRESSES) == storage, "a word of 0 is none"


def test_founders_are_found_by_the_keys_of_the_genesis() -> None:
    world = found()
    places = [(Table(log.topics[1]), log.topics[2]) for log in world.evm.logs]
    begun = THIS_EDITION.select(places, [], lambda contract, slot: world.evm.storage[contract].get(slot, 0))
    assert begun.founders() == {number: key(authority(number)).address for number in CODES}
    assert {KeyRole.OPERATOR, KeyRole.NODE} <= {key.role for key in world.consortium.keys.values()}
    assert NOTHING.founders() == {}
    later = replace(begun, words={**begun.words, (Table.PREDECESSOR, 0): 5})
    assert later.founders() == {}, "a successor's genesis has keys of all times"


def test_this_edition_is_the_compiled_one() -> None:
    assert THIS_EDITION.code_hashes == {
        Contract.CONSORTIUM: generated.CONSORTIUM_CODE_HASH,
        Contract.GOVERNANCE: generated.GOVERNANCE_CODE_HASH,
        Contract.REGISTERS: generated.REGISTERS_CODE_HASH,
    }
