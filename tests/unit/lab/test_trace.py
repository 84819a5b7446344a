"""The trace: only what an administration could decide, at the published rates."""

from __future__ import annotations

import numpy as np
import pytest

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.scenario import parse_scenario
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.trace import ENDS, Trace, make_trace
from aeo_ledger.lab.world import make_world
from support.tiny_lab import TINY


def _trace(**sizes: int) -> Trace:
    text = TINY
    for code, size in sizes.items():
        text = text.replace({"BY": "BY = 30", "CN": "CN = 20"}[code], f"{code} = {size}")
    scenario = parse_scenario(text)
    return make_trace(scenario, make_world(scenario), Streams(scenario.seed))


def test_each_certificate_lives_a_possible_life() -> None:
    trace = _trace(BY=400, CN=300)
    assert np.all(np.diff(trace.time) >= 0)
    sizes = {"BY": 400, "CN": 300}
    states: dict[tuple[int, int], str] = {}
    for place, operator, kind in zip(
        trace.register.tolist(), trace.operator.tolist(), trace.kind.tolist(), strict=True
    ):
        known = operator < sizes[trace.registers[place]]
        before = states.get((place, operator), "active" if known else "none")
        if kind == EventKind.GRANT:
            assert before == "none"
            states[place, operator] = "active"
        elif kind == EventKind.SUSPEND:
            assert before == "active"
            states[place, operator] = "suspended"
        elif kind == EventKind.REINSTATE:
            assert before == "suspended"
            states[place, operator] = "active"
        else:
            assert before in {"active", "suspended"}
            states[place, operator] = "ended" if kind in ENDS else before
    assert set(states.values()) == {"active", "suspended", "ended"}


def test_rates_are_those_of_the_table() -> None:
    trace = _trace(BY=20_000)
    mine = trace.kind[(trace.register == trace.registers.index("BY")) & (trace.mass == -1)]
    expected = 20_000 * 100 / 365.25
    assert np.sum(mine == EventKind.GRANT) == pytest.approx(0.07 * expected, rel=0.2)
    assert np.sum(mine == EventKind.AMEND) == pytest.approx(0.15 * expected, rel=0.1)


def test_a_mass_event_hits_its_share_in_its_time() -> None:
    trace = _trace(BY=400, CN=300)
    first = trace.mass == 0
    assert np.sum(first) == pytest.approx(80, abs=15)  # some of the 80 are suspended or ended already
    assert trace.time[first].min() >= 40 * 86_400
    assert trace.time[first].max() <= 40 * 86_400 + 3_600
    again = trace.kind[trace.mass == 1].tolist()
    assert again.count(EventKind.GRANT) == 30
    assert again.count(EventKind.WITHDRAW) > 20


def test_another_seed_is_another_year_and_the_same_seed_is_the_same() -> None:
    scenario = parse_scenario(TINY)
    one, same, other = (make_trace(scenario, make_world(scenario), Streams(seed)) for seed in (7, 7, 8))
    assert one.time.tolist() == same.time.tolist()
    assert one.time.tolist() != other.time.tolist()
