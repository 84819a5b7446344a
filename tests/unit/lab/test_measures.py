"""Measures against worlds so small that their values can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.channels import Pairs
from aeo_ledger.lab.comparison import judge
from aeo_ledger.lab.measures import Found, measure_delays, measure_exposure, measure_mass
from aeo_ledger.lab.replication_tables import tell_exposure
from aeo_ledger.lab.statistics import interval, is_narrow
from aeo_ledger.lab.trace import DAY_S, Trace
from aeo_ledger.lab.world import Lane, World

YEAR = 365.25 * DAY_S


def _life(*events: tuple[float, int, EventKind]) -> tuple[Trace, Pairs]:
    """Make a year of Belarus, events as (day, operator, kind), which China recognises."""
    world = World(parties=("BY", "CN"), sizes={"BY": 9}, lanes=(Lane("CN", "BY", "CN-BY"),), members={})
    days, operators, kinds = zip(*events, strict=True)
    trace = Trace(
        registers=("BY",),
        time=np.array(days) * DAY_S,
        register=np.zeros(len(days), dtype=np.int64),
        operator=np.array(operators),
        kind=np.array([int(kind) for kind in kinds]),
        mass=np.full(len(days), 0),
        length_s=YEAR,
    )
    return trace, Pairs.of(trace, world)


def test_company_days_are_those_between_decision_and_news() -> None:
    trace, pairs = _life((10, 1, EventKind.SUSPEND), (40, 1, EventKind.REINSTATE), (50, 9, EventKind.GRANT))
    found = measure_exposure(trace, pairs, np.array([13.0, 45.0, 51.0]) * DAY_S)
    assert (found.undue, found.withheld) == pytest.approx((3, 5 + 1))


def test_what_ends_before_anybody_heard_of_it_counts_no_longer_than_it_lasted() -> None:
    trace, pairs = _life((10, 1, EventKind.SUSPEND), (14, 1, EventKind.REINSTATE))
    found = measure_exposure(trace, pairs, np.array([30.0, 30.0]) * DAY_S)
    assert (found.undue, found.withheld) == pytest.approx((4, 0))


def test_news_that_never_comes_counts_to_the_end_of_the_run() -> None:
    trace, pairs = _life((360, 1, EventKind.REVOKE), (100, 2, EventKind.AMEND))
    found = measure_exposure(trace, pairs, np.array([YEAR, YEAR]))
    assert found.undue == pytest.approx(5.25)
    assert measure_delays(trace, pairs, np.array([YEAR, YEAR])).tolist() == [pytest.approx(5.25 * DAY_S)]


def test_two_traders_are_never_mixed() -> None:
    trace, pairs = _life((10, 1, EventKind.SUSPEND), (11, 2, EventKind.SUSPEND), (12, 1, EventKind.REVOKE))
    found = measure_exposure(trace, pairs, np.array([11.0, 13.0, 13.0]) * DAY_S)
    assert found.undue == pytest.approx(1 + 2)


def test_a_mass_event_is_over_when_the_last_pair_has_heard() -> None:
    trace, pairs = _life(*((10, number, EventKind.SUSPEND) for number in range(4)))
    visible = 10 * DAY_S + np.array([1.0, 2.0, 3.0, 40.0])
    assert measure_mass(trace, pairs, visible, 0, 10 * DAY_S) == (2.0, 40.0, 40.0)


def test_an_interval_is_student_s() -> None:
    mean, low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (mean, high - mean, mean - low) == pytest.approx((3.0, 1.963, 1.963), abs=1e-3)
    for least in (-math.inf, 0.0):
        assert interval([5.0], least=least) == (5.0, -math.inf, math.inf), "one outcome, no interval"
    assert interval([0.0, 0.1, 2.0])[1] < 0
    assert interval([0.0, 0.1, 2.0], least=0) == pytest.approx((0.7, 0.0, 3.499), abs=1e-3)
    assert not is_narrow([0.0, 0.1, 2.0], 0.05, 2.0), "what was cut off does not make an interval narrow"
    assert is_narrow([100.0, 101.0, 99.0], 0.05, 0)
    assert not is_narrow([100.0, 150.0, 50.0], 0.05, 0)
    assert is_narrow([0.1, 0.4, 0.2], 0.05, 0.5)


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ([0.1, 0.2, 0.15], "equal"),
        ([9.0, 10.0, 11.0], "ledger"),
        ([-9.0, -10.0, -11.0], "rival"),
        ([-9.0, 9.0, 1.0], "open"),
    ],
)
def test_a_verdict_follows_from_the_interval(differences: list[float], verdict: str) -> None:
    """The ledger can lose: nothing but the figures decides."""
    assert judge(differences, 1.0)[0] == verdict


def test_the_tables_of_one_replication_say_that_there_is_no_interval() -> None:
    one = Found(undue=[3.0], withheld=[0.0], mean_delay_s=[9.0], delays=[np.array([9.0])])
    told = tell_exposure({"ledger": one})
    assert "One outcome, no interval." in told.says
    assert [told.records()[0][end] for end in ("low", "high", "withheld_low", "withheld_high")] == [None] * 4
    several = tell_exposure({"ledger": Found(undue=[0.0, 0.1, 2.0], withheld=[0.0, 0.0, 0.1])})
    assert "cut off at 0" in several.says
    assert several.records()[0]["low"] == several.records()[0]["withheld_low"] == 0
