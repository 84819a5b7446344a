"""One register out of a proven snapshot: complete, and found whole even where a writer hid a standing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.verify import Superseded, TooFewSeals, WrongStorageRoot
from aeo_ledger.evidence import Snapshot, decode_header
from aeo_ledger.evidence.snapshot import STANDING_ROW
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.verify import Checkpoint, ValidatorSet
from aeo_ledger.verify.facts import verify_all_facts
from support.sealed_world import ADDRESSES, BY, BY_TRADER, CN, DE_TRADER, EU, NOW, entry_of, trust
from support.snapshots import CROWD, TRUST, crowded, head_of, seal_snapshot, taken

ENTRY = entry_of(BY_TRADER, BY, 2)


def state_of(snapshot: Snapshot, pinned: Any = TRUST) -> RegisterState:
    return RegisterState(verify_all_facts(snapshot, pinned, now=NOW), BY)


def test_it_holds_every_standing_of_its_register_and_no_other() -> None:
    state = state_of(seal_snapshot(crowded().grant(DE_TRADER, EU)))
    assert set(state.records) == {ENTRY, *(entry_of(tin, BY, 2) for tin in CROWD)}
    assert state.record(ENTRY) == state.records[ENTRY]
    assert state.record(entry_of(BY_TRADER, BY, 0)) is None
    assert state.standing_head(ENTRY) == head_of(ENTRY)
    assert (state.time, state.block, len(state.block_hash)) == (NOW, 100, 32)
    assert state.opened is not None
    assert list(RegisterState(state.words, EU).records) == [entry_of(DE_TRADER, EU)]


def test_lanes_and_withholdings_are_those_of_a_recogniser() -> None:
    state = state_of(seal_snapshot(crowded().withhold(CN, BY_TRADER, BY, 2)))
    assert [lane.types for lane in state.lanes(CN)] == [0b100, 0b110]
    assert list(state.lanes(EU)) == []
    assert state.withheld(CN, ENTRY)
    assert not state.withheld(CN, entry_of(CROWD[0], BY, 2))


def test_a_hidden_standing_is_found_by_whoever_knows_its_entry() -> None:
    state = state_of(seal_snapshot(crowded(), named=False))
    assert not state.records
    assert state.record(ENTRY) == state_of(taken()).record(ENTRY) is not None


def test_a_standing_that_is_left_out_leaves_nothing_proven() -> None:
    with pytest.raises(WrongStorageRoot):
        state_of(replace(taken(), standings=taken().standings[STANDING_ROW:]))


def test_the_pinned_checkpoint_needs_no_seals_and_any_other_block_does() -> None:
    snapshot = seal_snapshot(crowded(), seals=0, number=0)
    place = Checkpoint(number=0, hash=decode_header(snapshot.header).hash(), time=NOW)
    assert state_of(snapshot, trust(checkpoint=place)).record(ENTRY) is not None
    with pytest.raises(TooFewSeals):
        state_of(snapshot, trust(checkpoint=replace(place, hash=bytes(32))))


def test_a_predecessors_seam_proves_no_present_register() -> None:
    snapshot = seal_snapshot(crowded(), seals=0)
    header = decode_header(snapshot.header)
    addresses = {contract.value: address for contract, address in ADDRESSES.items()}
    seam = Predecessor(chain_id=1, number=header.number, header=header.hash(), time=header.timestamp, **addresses)
    other = {"consortium": b"\x0c" * 20, "governance": b"\x91" * 20, "registers": b"\xea" * 20}
    place = Checkpoint(number=5, hash=bytes(32), time=NOW)
    pinned = trust(
        chain_id=77, validators=ValidatorSet((b"\x44" * 20,)), checkpoint=place, predecessors=(seam,), **other
    )
    with pytest.raises(Superseded):
        state_of(snapshot, pinned)
