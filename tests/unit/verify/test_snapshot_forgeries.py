"""Forged snapshots: whatever is done to the words of an honest one, it never proves another decision."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Reason, Status
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.errors.verify import RepeatedSlot, TooFewSeals, WrongStorageRoot
from aeo_ledger.evidence import SNAPSHOT_FORM, Snapshot, decode_header
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.protocol.words import encode_record
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    NOW,
    entry_of,
    question,
)  # fmt: skip
from support.sealing import KEYS, seal
from support.snapshots import ASKED, CROWD, crowded, head_of, seal_snapshot, taken, verify, word


def rows(data: bytes, width: int) -> list[bytes]:
    return [data[at : at + width] for at in range(0, len(data), width)]


# ------------------------------------------------------------------ forged words


def sections() -> list[tuple[str, int]]:
    return [("consortium", 64), ("registers", 64), ("standings", 96)]


@cache
def mixed() -> Snapshot:
    """Use all three sections: two standings are among the words of `registers`."""
    snapshot = taken()
    standings = rows(snapshot.standings, 96)
    nameless = sorted(part for row in standings[:2] for part in hidden(row))
    return replace(snapshot, registers=b"".join(nameless), standings=b"".join(standings[2:]))


def hidden(row: bytes) -> tuple[bytes, bytes]:
    slot = record_slot(row[:32])
    return keccak256(word(slot)) + row[32:64], keccak256(word(slot + 1)) + row[64:]


@pytest.mark.parametrize(("section", "width"), sections())
def test_every_word_counts(section: str, width: int) -> None:
    data = rows(getattr(mixed(), section), width)
    verify(mixed())
    contract = Contract.CONSORTIUM if section == "consortium" else Contract.REGISTERS
    for at in range(len(data)):
        altered = data[at][:-1] + bytes([data[at][-1] ^ 1])
        elsewhere = bytes([data[at][0] ^ 1]) + data[at][1:]
        for forged in (
            [*data[:at], *data[at + 1 :]],
            [*data[:at], altered, *data[at + 1 :]],
            [*data[:at], elsewhere, *data[at + 1 :]],
            [*data, keccak256(word(at)) + data[at][32:]],
        ):
            with pytest.raises(WrongStorageRoot) as refusal:
                verify(replace(mixed(), **{section: b"".join(sorted(forged))}))
            assert refusal.value.contract == contract
            assert refusal.value.found != refusal.value.needed


@pytest.mark.parametrize(("section", "width"), sections())
def test_two_words_cannot_be_swapped(section: str, width: int) -> None:
    one, other, *rest = rows(getattr(mixed(), section), width)
    assert one[32:] != other[32:]
    forged = b"".join((one[:32] + other[32:], other[:32] + one[32:], *rest))
    with pytest.raises(WrongStorageRoot):
        verify(replace(mixed(), **{section: forged}))


def test_a_word_cannot_stand_there_twice() -> None:
    standing = rows(taken().standings, 96)[0]
    for row in hidden(standing):
        with pytest.raises(RepeatedSlot) as refusal:
            verify(replace(taken(), registers=row))
        assert (refusal.value.contract, refusal.value.hashed_slot) == (Contract.REGISTERS, row[:32])
        another = row[:32] + word(1)
        with pytest.raises(RepeatedSlot):
            verify(replace(taken(), registers=another))


def test_a_word_of_zero_is_refused() -> None:
    forged = replace(taken(), consortium=b"".join(sorted([*rows(taken().consortium, 64), keccak256(b"") + bytes(32)])))
    with pytest.raises(WrongStorageRoot):
        verify(forged)


def test_words_of_one_contract_are_not_those_of_the_other() -> None:
    registers = b"".join(sorted(part for row in rows(taken().standings, 96) for part in hidden(row)))
    with pytest.raises(WrongStorageRoot):
        verify(replace(taken(), consortium=registers, registers=taken().consortium, standings=b""))


def test_a_standing_hidden_among_nameless_words_is_found_all_the_same() -> None:
    """A writer gains nothing by leaving a revocation out of the standings, because look-ups go by slot over all words."""
    world = crowded().grant(BY_TRADER, BY, 2, status=Status.REVOKED)
    proven = verify(seal_snapshot(world, named=False))
    assert list(proven.standings()) == []
    assert proven.decide(ASKED, now=NOW).decision.reasons[0] is Reason.REVOKED
    assert proven.decide(question(CROWD[0], CN), now=NOW).decision.recognised


def test_an_invented_standing_is_refused() -> None:
    entry = entry_of(Tin("BY101010101"), BY, 2)
    record = encode_record(crowded().records[entry_of(BY_TRADER, BY, 2)])
    forged = b"".join(sorted([*rows(taken().standings, 96), entry + word(record) + head_of(entry)]))
    with pytest.raises(WrongStorageRoot) as refusal:
        verify(replace(taken(), standings=forged))
    assert refusal.value.words == 2 * (len(CROWD) + 2)


# ------------------------------------------------------------------ forgeries at large


@cache
def wire() -> bytes:
    return SNAPSHOT_FORM.encode_cbor(mixed())


@settings(max_examples=400)
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_no_altered_byte_ever_proves_another_decision(place: int, flip: int) -> None:
    data = bytearray(wire())
    data[place % len(data)] ^= flip
    try:
        proven = verify(SNAPSHOT_FORM.decode_cbor(bytes(data)))
    except (Malformed, Unproven):
        return
    assert proven.decide(ASKED, now=NOW).decision == verify(mixed()).decide(ASKED, now=NOW).decision


@settings(max_examples=200)
@given(one=st.integers(0), other=st.integers(0), size=st.integers(1, 128))
def test_no_pieces_moved_prove_another_decision(one: int, other: int, size: int) -> None:
    data = wire()
    at, to = one % len(data), other % len(data)
    piece = data[at : at + size]
    for forged in (data[:at] + data[at + size :], data[:to] + piece + data[to:], data[:to] + piece + data[to + size :]):
        try:
            proven = verify(SNAPSHOT_FORM.decode_cbor(forged))
        except (Malformed, Unproven):
            continue
        assert proven.decide(ASKED, now=NOW).decision == verify(mixed()).decide(ASKED, now=NOW).decision


def test_memory_and_refusal_are_in_proportion() -> None:
    """A stranger's data costs at most a few times its length, and almost nothing if seals are missing."""
    world = crowded()
    for number in range(3_000):
        world.records[keccak256(word(number))] = world.records[entry_of(BY_TRADER, BY, 2)]
    snapshot = seal_snapshot(world, seals=2)
    tracemalloc.start()
    try:
        with pytest.raises(TooFewSeals):
            verify(snapshot)
        assert tracemalloc.get_traced_memory()[1] < 100_000
        tracemalloc.reset_peak()
        verify(replace(snapshot, header=seal(replace(decode_header(snapshot.header), seals=()), *KEYS[:3]).encode()))
        assert tracemalloc.get_traced_memory()[1] < 10 * len(snapshot.standings)
    finally:
        tracemalloc.stop()
