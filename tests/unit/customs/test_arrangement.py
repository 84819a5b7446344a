"""A recognition's stage: signed is not in force, and what has ended is not suspended any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.arrangement import Lane, Stage
from aeo_ledger.customs.vocabulary import LaneState

NOW = 1_750_000_000
LANE = Lane(
    state=LaneState.OPEN, arrangement="CN-BY", types=4, roles=4, directions=1, benefits=1, in_force_from=NOW, until=0, changed_at=1,
    changes=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("altered", "stage"),
    [
        ({}, Stage.IN_FORCE),
        ({"in_force_from": 0}, Stage.SIGNED),
        ({"in_force_from": NOW + 1}, Stage.DATED),
        ({"until": NOW + 1}, Stage.IN_FORCE),
        ({"until": NOW}, Stage.ENDED),
        ({"state": LaneState.SUSPENDED}, Stage.SUSPENDED),
        ({"state": LaneState.SUSPENDED, "until": NOW}, Stage.ENDED),
        ({"state": LaneState.SUSPENDED, "in_force_from": 0}, Stage.SUSPENDED),
        ({"in_force_from": 0, "until": NOW}, Stage.ENDED),
    ],
)
def test_a_stage_follows_from_the_lane_and_the_time(altered: dict[str, int], stage: Stage) -> None:
    lane = replace(LANE, **altered)  # type: ignore[arg-type]
    assert lane.stage_at(NOW) is stage
    assert (stage is Stage.IN_FORCE) == lane.is_in_force(NOW)
