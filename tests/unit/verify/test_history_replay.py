"""Random acts that the real contracts accepted: their history verifies, and tells at each moment what the ledger said then."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.acts import Publication
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.tables import Contract
from support.random_publications import draw_alias
from support.random_walks import DRAWERS, WAITS
from support.scribe import Scribe, join, scribe
from support.world import sign

SEEDS = range(6)
DRAWN = [drawer for drawer, often in DRAWERS.items() if drawer is not draw_alias for _ in range(often)]
TOLD = ("status", "since", "hold_until", "roles", "valid_from", "valid_until", "issuer", "review_day")


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


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_gives_for_each_moment_what_the_ledger_recorded_then(seed: int) -> None:
    world, moments = play(seed)
    consortium = world.consortium
    history = join(
        *(world.party(number) for number in (0, *consortium.parties)),
        *(world.pair(*pair) for pair in consortium.pairs),
        world.standing(*world.standings),
    )
    proven = world.verify(history)
    assert len(proven.parties) == len(consortium.parties)
    assert proven.network is not None
    named = [successor for _, successor in proven.network.successions]
    assert named[-1:] in ([], [consortium.succession])
    for time, was in moments:
        for number, party in was["parties"].items():
            assert proven.parties[number].at(time, time) == party
        for (recogniser, register, number), lane in was["lanes"].items():
            assert proven.pairs[recogniser, register].lane_at(number, time, time) == lane
        for (recogniser, entry), word in was["withholdings"].items():
            pair = proven.pairs[recogniser, register_of(entry)]
            assert pair.withholding_at(entry, time, time) == word
        for entry, record in was["records"].items():
            found = proven.standings[entry].at(time, time)
            assert [getattr(found, name) for name in TOLD] == [getattr(record, name) for name in TOLD]


def test_the_random_acts_reach_every_state() -> None:
    """Otherwise the test above would prove little."""
    names, kinds, retired = set(), set(), 0
    for seed in SEEDS:
        world, _ = play(seed)
        names |= {recorded.name for _, recorded in world.recorded}
        kinds |= {event.record.kind for act, _ in world.publications for event in act.events}
        assert all(isinstance(act, Publication) for act, _ in world.publications)
        retired += sum(k.role is not KeyRole.NODE and k.retired_at != 0 for k in world.consortium.keys.values())
    of_registers = {name for name, contract in CONTRACT_OF.items() if contract is Contract.REGISTERS}
    assert names == {*CONTRACT_OF, "Completion"} - of_registers
    assert len(kinds) >= 6
    assert retired
