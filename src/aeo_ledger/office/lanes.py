"""Every recognition of a ledger, with its stage: what stands between *signed* and *ended*, proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Lane, Stage
from aeo_ledger.verify import ProvenSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLane:
    """One recognition of one register, under one arrangement."""

    recogniser: str
    """Code of the party that recognises."""
    register: str
    """Code of the register's party."""
    number: int
    """Number of the lane within the pair."""
    lane: Lane
    stage: Stage
    """As of the block."""
    withheld: int
    """How many withholdings of benefits the recogniser ever made in the pair."""


def list_lanes(words: ProvenSnapshot) -> Iterator[ListedLane]:
    """List every lane of every pair, by recogniser and register."""
    codes = {number: party.code for number, party in words.trust.by_number.items()}
    for recogniser, asker in codes.items():
        for register, keeper in codes.items():
            pair = words.pair(recogniser, register)
            for place in range(pair.lanes):
                lane = words.lane(recogniser, register, place)
                if lane is not None:
                    yield ListedLane(
                        recogniser=asker,
                        register=keeper,
                        number=place,
                        lane=lane,
                        stage=lane.stage_at(words.time),
                        withheld=pair.withheld,
                    )
