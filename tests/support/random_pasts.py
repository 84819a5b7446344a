"""Random acts that the real contracts accepted, as a past that can be told: what was done, and what the ledger said at each moment."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from support.random_publications import draw_alias
from support.random_walks import DRAWERS, WAITS
from support.scribe import Scribe, scribe
from support.world import sign

DRAWN = [drawer for drawer, often in DRAWERS.items() if drawer is not draw_alias for _ in range(often)]


@cache
def play(seed: int) -> tuple[Scribe, list[tuple[int, dict[str, Any]]]]:
    """Do random acts. Remember the state at the end of each second."""
    world, moments, chance = scribe(), [], Random(seed)  # noqa: S311
    for _ in range(130):
        if chance.random() < 0.4:
            moments.append((world.now, snapshot(world)))
            world.wait(chance.choice(WAITS), chance.randrange(1, 4))
        act, names = chance.choice(DRAWN)(chance, world)
        world.submit(act, sign(world.message(act), *dict.fromkeys(names)))
        for party in list(world.consortium.replacements):
            if world.consortium.replacements[party].ready_at <= world.now:
                world.complete_replacement(party)
    return world, [*moments, (world.now, snapshot(world))]


def snapshot(world: Scribe) -> dict[str, Any]:
    consortium = world.consortium
    return {
        "parties": dict(consortium.parties),
        "lanes": dict(consortium.lanes),
        "withholdings": dict(consortium.withholdings),
        "records": {entry: standing.record for entry, standing in world.standings.items()},
    }
