"""Read words as a ledger's own desk tells them: for tests that ask what stands there, not whether it can be proven."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.party import Office
from aeo_ledger.office.desk import Place
from aeo_ledger.protocol.tables import Table, lane_key, pair_key, withholding_key
from aeo_ledger.protocol.words import decode_lane, decode_office, decode_pair, decode_withholding


class Reader(Protocol):
    def words(self, places: Sequence[Place]) -> Sequence[int]: ...


def read_pair(desk: Reader, recogniser: int, register: int) -> tuple[Pair, tuple[Lane, ...]]:
    """Read a pair and its lanes, in their order; a pair that never had an act has none."""
    pair = decode_pair(desk.words([(Table.PAIR, pair_key(recogniser, register))])[0])
    places = [(Table.LANE, lane_key(recogniser, register, lane)) for lane in range(pair.lanes)]
    lanes = map(decode_lane, desk.words(places) if places else ())
    return pair, tuple(lane for lane in lanes if lane is not None)


def read_withholding(desk: Reader, recogniser: int, entry: bytes) -> Withholding | None:
    """Read whether a recogniser withholds benefits from an entry of 32 bytes; None if it never did."""
    return decode_withholding(desk.words([(Table.WITHHOLDING, withholding_key(recogniser, entry))])[0])


def read_office(desk: Reader, party: int) -> Office:
    """Read what a party's office counts, by the party's number."""
    return decode_office(desk.words([(Table.OFFICE, party)])[0])
