"""Worlds whose standings have heads, as on a ledger, and snapshots of them; tries are those of the `trie` library."""

from __future__ import annotations

from functools import cache
from typing import Any

from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import Snapshot
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.verify import ProvenSnapshot, TrustBundle, verify_snapshot
from support.sealed_world import BY, BY_TRADER, CN, NOW, CustomsFacts, SealedWorld, lane, question, trust

TRUST = trust()
ASKED = question(BY_TRADER, CN)
CROWD = [Tin(f"BY{n}") for n in range(100_000_000, 100_000_040)]


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def head_of(entry: bytes) -> bytes:
    return keccak256(b"head of " + entry)


class HeadedWorld(CustomsFacts):
    """A world with the head of each standing's history in the slot after its record."""

    @classmethod
    def of(cls, world: CustomsFacts) -> HeadedWorld:
        return cls(**vars(world))

    def words(self) -> dict[Contract, dict[int, int]]:
        words = super().words()
        words[Contract.REGISTERS] |= {record_slot(e) + 1: int.from_bytes(head_of(e), "big") for e in self.records}
        return words


def rows(words: dict[int, int]) -> list[bytes]:
    return sorted(keccak256(word(slot)) + word(number) for slot, number in words.items() if number)


def standing_rows(world: CustomsFacts) -> list[bytes]:
    return [entry + word(encode_record(record)) + head_of(entry) for entry, record in sorted(world.records.items())]


def seal_snapshot(world: CustomsFacts, *, named: bool = True, **altered: Any) -> Snapshot:
    """Seal a world and take its snapshot; standings by entry, or all words nameless. What is altered is sealed so."""
    headed = HeadedWorld.of(world)
    there = SealedWorld(headed, **altered)
    registers = dict(there.words[Contract.REGISTERS])
    if named:
        for entry in headed.records:
            slot = record_slot(entry)
            del registers[slot], registers[slot + 1]
    return Snapshot(
        header=there.header.encode(),
        nodes=there.nodes(()),
        consortium=b"".join(rows(there.words[Contract.CONSORTIUM])),
        registers=b"".join(rows(registers)),
        standings=b"".join(standing_rows(headed)) if named else b"",
    )


def crowded() -> CustomsFacts:
    world = CustomsFacts().recognise(CN, BY, lane(types=0b100, benefits=0b1), lane(types=0b110, benefits=0b10))
    for tin in CROWD:
        world.grant(tin, BY, 2)
    return world.grant(BY_TRADER, BY, 2)


@cache
def taken() -> Snapshot:
    return seal_snapshot(crowded())


def verify(
    snapshot: Snapshot, trusted: TrustBundle = TRUST, *, now: int = NOW, max_age: int = 300, refuse_stale: bool = True
) -> ProvenSnapshot:
    return verify_snapshot(snapshot, trusted, now=now, max_age=max_age, refuse_stale=refuse_stale)
