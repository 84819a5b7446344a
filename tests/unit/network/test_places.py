"""`places.json` names each word of block 0, and is compared with the genesis."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.network import SlotUnexplained
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.network.places import PLACES, encode_places, read_inventory
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.inventory import THIS_EDITION, Inventory
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from support.evm import ADDRESSES

ENTRIES = (b"\x01" * 32, b"\x02" * 32)
BEGUN = Inventory(
    words={(Table.PARTY, 1): 7, (Table.PARTY, 2): 8, (Table.KEY, 1 << 159): 9, (Table.ALIAS, 5): 10},
    standings=dict.fromkeys(ENTRIES, (11, 12)),
)
STORAGE = THIS_EDITION.storage(BEGUN, ADDRESSES)


def read(folder: Path, storage: dict[Contract, dict[int, int]] = STORAGE) -> Inventory:
    return read_inventory(folder / PLACES, storage, THIS_EDITION, ADDRESSES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / PLACES).write_text(encode_places(BEGUN))
    return tmp_path


def test_what_is_written_is_read_again(folder: Path) -> None:
    assert read(folder) == BEGUN
    assert '"party": "0x' + "0" * 63 + "1" + "0" * 63 + '2"' in (folder / PLACES).read_text()


def test_a_slot_that_is_not_explained_is_named(folder: Path) -> None:
    slot = word_slot(Table.CARD, 4)
    with pytest.raises(SlotUnexplained) as refusal:
        read(folder, {**STORAGE, Contract.CONSORTIUM: {**STORAGE[Contract.CONSORTIUM], slot: 1}})
    assert (refusal.value.contract, refusal.value.hashed_slot) == (
        "consortium",
        keccak256(slot.to_bytes(32, "big")),
    )


@pytest.mark.parametrize("contract", list(Contract))
def test_contracts_that_trust_another_address_are_not_explained(folder: Path, contract: Contract) -> None:
    other = {**STORAGE[contract], THIS_EDITION.partner_slots[contract]: 5}
    with pytest.raises(SlotUnexplained) as refusal:
        read(folder, {**STORAGE, contract: other})
    assert refusal.value.contract == contract


def alter(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        document = json.loads((folder / PLACES).read_text())
        change(document)
        (folder / PLACES).write_text(json.dumps(document))

    return write


@pytest.mark.parametrize(
    "spoil",
    [
        alter(lambda document: document.update(format="aeo-ledger/places/2")),
        alter(lambda document: document.update(more=1)),
        alter(lambda document: document.pop("standings")),
        alter(lambda document: document["words"].update(authority="0x")),
        alter(lambda document: document["words"].update(party=document["words"]["party"][:-2])),
        alter(lambda document: document["words"].update(party=5)),
        alter(lambda document: document["words"].update(party=document["words"]["party"] + "00" * 31 + "01")),
        alter(lambda document: document["words"].update(card="0x" + "00" * 31 + "01")),
        alter(lambda document: document.update(standings=document["standings"] + "01" * 32)),
        alter(lambda document: document.update(standings="0x" + "03" * 32)),
        lambda folder: (folder / PLACES).write_text("{"),
    ],
    ids=["format", "more", "less", "table", "cut", "kind", "twice", "no word", "entry twice", "no standing", "no JSON"],
)
def test_what_is_no_such_file_or_names_what_is_not_there_is_malformed(
    folder: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(folder)
    with pytest.raises(MalformedDocument):
        read(folder)


def test_a_folder_without_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read(tmp_path)
