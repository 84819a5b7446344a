from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated
from aeo_ledger.protocol.tables import (
    PREDECESSOR_FIELDS,
    Table,
    epoch_key,
    lane_key,
    pair_key,
    predecessor_key,
    record_slot,
    withholding_key,
    word_slot,
)


def artifact(contract: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("aeo_ledger.ledger") / f"artifacts/{contract}.json").read_text())
    return loaded


def element(slot: int, key: int) -> int:
    """Derive the slot of a mapping's element as Vyper does."""
    return int.from_bytes(keccak256(slot.to_bytes(32, "big") + key.to_bytes(32, "big")), "big")


@pytest.mark.parametrize("contract", ["Consortium", "Registers"])
@pytest.mark.parametrize("table", Table)
def test_a_word_lies_where_the_compiler_puts_it(contract: str, table: Table) -> None:
    variable = artifact(contract)["storage_layout"]["tables"]
    assert variable["type"] == "HashMap[uint256, HashMap[uint256, uint256]]"
    for key in (0, 1, (1 << 256) - 1):
        assert word_slot(table, key) == element(element(variable["slot"], table), key)


def test_a_record_lies_where_the_compiler_puts_it() -> None:
    variable = artifact("Registers")["storage_layout"]["standings"]
    assert variable["type"] == "HashMap[bytes32, Standing]"
    entry = bytes(range(32))
    assert record_slot(entry) == element(variable["slot"], int.from_bytes(entry, "big"))


@pytest.mark.parametrize("contract", ["Consortium", "Governance", "Registers"])
def test_what_is_generated_is_of_the_committed_artifacts(contract: str) -> None:
    compiled = artifact(contract)
    code_hash = keccak256(bytes.fromhex(compiled["runtime"][2:]))
    assert getattr(generated, f"{contract.upper()}_CODE_HASH") == code_hash
    for variable, where in compiled["storage_layout"].items():
        assert getattr(generated, f"{contract.upper()}_{variable.upper()}_SLOT") == where["slot"]


def test_no_two_tables_share_a_number() -> None:
    assert len(Table) == len(Table.__members__)


def test_no_two_pairs_or_lanes_share_a_key() -> None:
    parties, lanes = (0, 1, 2, 255, 256, 65_535), (0, 1, 15)
    assert len({pair_key(a, b) for a in parties for b in parties}) == len(parties) ** 2
    assert len({lane_key(a, b, n) for a in parties for b in parties for n in lanes}) == len(parties) ** 2 * len(lanes)
    assert lane_key(1, 2, 3) == 0x01_0002_03


def test_no_two_epochs_or_fields_of_seams_share_a_key() -> None:
    assert len({epoch_key(party, epoch) for party in (1, 2, 255) for epoch in (0, 1, 65_535)}) == 9
    keys = [predecessor_key(seam, field) for seam in range(3) for field in PREDECESSOR_FIELDS]
    assert keys == [seam << 8 | field for seam in range(3) for field in range(7)]


def test_governance_stores_only_the_address_of_consortium() -> None:
    assert artifact("Governance")["storage_layout"].keys() == {"consortium"}


def test_a_withholding_is_kept_by_recogniser_and_entry() -> None:
    entry = bytes(range(32))
    assert withholding_key(7, entry) == element(7, int.from_bytes(entry, "big"))
