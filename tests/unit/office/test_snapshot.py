from __future__ import annotations

from pathlib import Path

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, LaneState, PartyState, RegisterMode, Status
from aeo_ledger.errors.files import OversizedFile, UnreadableFile
from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.evidence import SNAPSHOT_FORM
from aeo_ledger.evidence.snapshot import MAX_BYTES
from aeo_ledger.office.snapshot import Comparison, compare, read_snapshot
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import ProvenSnapshot, verify_snapshot
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    DE_TRADER,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    entry_of,
    lane,
    lookup_keys,
    party,
    trust,
)
from support.snapshots import seal_snapshot


def before() -> CustomsFacts:
    return CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2).grant(DE_TRADER, EU, 1)


def prove(world: CustomsFacts) -> ProvenSnapshot:
    return verify_snapshot(seal_snapshot(world), trust(), now=NOW, max_age=300)


def told(world: CustomsFacts) -> tuple[Comparison, list[tuple[str, str, str | None, str | None]]]:
    found = compare(prove(before()), prove(world))
    return found, [(one.subject, one.field, one.before, one.after) for one in found.differences]


def test_nothing_changed_is_told_as_nothing() -> None:
    assert compare(prove(before()), prove(before())) == Comparison(differences=(), other_words=0)


def test_a_standing_is_told_with_its_register_type_and_holder() -> None:
    world = before().grant(
        BY_TRADER, BY, 2, status=Status.SUSPENDED, kind=EventKind.SUSPEND, since=NOW - DAY, sequence=2, recorded_at=NOW - 5
    )  # fmt: skip
    found, rows = told(world)
    subject = f"BY type 3 holder 0x{entry_of(BY_TRADER, BY, 2)[3:].hex()}"
    assert rows == [
        (subject, "status", "active", "suspended"),
        (subject, "kind", "grant", "suspend"),
        (
            subject,
            "since",
            "2025-09-02 08:00:00Z (2025-09-02 11:00:00 in Europe/Minsk)",
            "2027-01-14 08:00:00Z (2027-01-14 11:00:00 in Europe/Minsk)",
        ),
    ]
    assert found.other_words == 0


def test_a_new_standing_and_one_under_an_unknown_type_are_told() -> None:
    found, rows = told(before().grant(DE_TRADER, EU, 0).grant(DE_TRADER, EU, 7))
    assert {subject.split(" holder")[0] for subject, *_ in rows} == {"EU type AEOC", "EU type 7"}
    assert ("status", None, "active") in {row[1:] for row in rows}
    assert found.other_words == 2  # their heads


def test_a_trader_in_a_keyed_register_is_named_with_its_key_alone() -> None:
    tin = Tin("KZ123456789012")
    old = CustomsFacts().keyed(KZ).grant(BY_TRADER, BY, 2)
    new = CustomsFacts().keyed(KZ).grant(BY_TRADER, BY, 2, status=Status.SUSPENDED).grant(tin, KZ, 1)
    pseudonym = f"KZ type 2 holder 0x{new.entry_of(tin, KZ, 1)[3:].hex()}"

    def subjects(keys: LookupKeys) -> set[str]:
        return {one.subject for one in compare(prove(old), prove(new), [tin, BY_TRADER], keys).differences}

    assert subjects(lookup_keys(KZ)) == {f"KZ type 2 {tin}", f"BY type 3 {BY_TRADER}"}
    assert subjects(NO_KEYS) == subjects(lookup_keys(KZ, types=(0,))) == {pseudonym, f"BY type 3 {BY_TRADER}"}
    with pytest.raises(WrongLookupKey):
        subjects(lookup_keys(KZ, secret=bytes(32)))


def test_a_standing_that_is_gone_is_told() -> None:
    world = before()
    del world.records[entry_of(DE_TRADER, EU, 1)]
    _, rows = told(world)
    assert ("status", "active", None) in {row[1:] for row in rows}


def test_recognitions_are_told_lane_by_lane() -> None:
    world = before().recognise(
        CN, BY, lane(state=LaneState.SUSPENDED, until=NOW + DAY, types=0b101), lane(benefits=0b11)
    )
    found, rows = told(world)
    first = "CN recognises BY, lane 0"
    assert rows[:3] == [
        (first, "state", "open", "suspended"),
        (first, "types", ", ".join(map(str, range(16))), "0, 2"),
        (first, "until", "none", "2027-01-16 08:00:00Z (2027-01-16 16:00:00 in Asia/Shanghai)"),
    ]
    assert ("CN recognises BY, lane 1", "benefits", None, "fewer_document_checks, fewer_inspections") in rows
    assert ("CN recognises BY, lane 1", "arrangement", None, "CN-BY") in rows
    assert found.other_words == 0  # the pair's count of lanes is named, and tells nothing more


def test_parties_and_registers_are_told() -> None:
    world = before()
    world.parties[PL] = party(PL, state=PartyState.EXPELLED)
    world.registers[EU] = Register(mode=RegisterMode.OPEN, types=0b111)
    found, rows = told(world)
    assert rows == [("register of EU", "types", "0, 1", "0, 1, 2"), ("party PL", "state", "active", "expelled")]
    assert found.other_words == 0


def test_what_cannot_be_named_is_counted() -> None:
    found, rows = told(before().withhold(CN, BY_TRADER, BY, 2))
    assert rows == [("CN recognises BY", "withheld", "0", "1")]
    assert found.other_words == 1


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    snapshot, file = seal_snapshot(before()), tmp_path / "snapshot"
    with pytest.raises(UnreadableFile):
        read_snapshot(file)
    file.write_bytes(SNAPSHOT_FORM.encode_cbor(snapshot))
    assert read_snapshot(file) == snapshot
    with file.open("r+b") as longer:
        longer.truncate(MAX_BYTES + 1)
    with pytest.raises(OversizedFile) as refusal:
        read_snapshot(file)
    assert (refusal.value.path, refusal.value.limit) == (str(file), MAX_BYTES)
