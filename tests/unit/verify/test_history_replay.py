"""Random acts that the real contracts accepted: their history verifies, and tells at each moment what the ledger said then."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.acts import Publication
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.tables import Contract
from support.random_pasts import play
from support.scribe import join

SEEDS = range(6)
TOLD = ("status", "since", "hold_until", "roles", "valid_from", "valid_until", "issuer", "review_day")


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
