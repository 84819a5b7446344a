"""A corridor under three orders: what is in force today, a chain of bilateral arrangements between neighbours, one multilateral arrangement.

The route is the order of the scenario's multilateral parties. A trader of one party meets every other party on it. An arrangement between
neighbours helps a trader at its neighbours alone: recognition is not passed on, since each pair recognises registers and not each other's partners.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise, permutations

from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable
from aeo_ledger.lab.world import Lane, make_world


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Count what each order needs, and where it helps."""
    scenario = bench.scenario
    return [
        ResultTable(
            name="corridor",
            title="Three orders of one corridor",
            says=f"The route is {' - '.join(scenario.multilateral)}. Meetings: a trader of one party at another one on the route. Chains and the "
            "multilateral arrangement are hypothetical.",
            columns=[
                Column("order", "The order."), Column("texts", "Arrangements to negotiate.", Kind.WHOLE),
                Column("meetings", "Ordered pairs on the route.", Kind.WHOLE),
                Column("recognised", "Of these.", Kind.WHOLE), Column("whole_way", "Parties whose traders are recognised everywhere.", Kind.WHOLE),
            ],
            rows=[_describe(scenario, *order) for order in list_orders(scenario)],
        )
    ]  # fmt: skip


def list_orders(scenario: Scenario) -> list[tuple[str, int, set[tuple[str, str]]]]:
    """Return each order's name, the texts that it needs, and the pairs (recogniser, register) that recognise under it."""
    route = scenario.multilateral
    lanes: tuple[Lane, ...] = make_world(scenario).lanes
    today = {(lane.recogniser, lane.register) for lane in lanes if not lane.hypothetical}
    neighbours = {pair for one, other in pairwise(route) for pair in ((one, other), (other, one))}
    return [
        ("in force today", len({frozenset(pair) for pair in today}), today),
        ("a chain of neighbours", len(route) - 1, today | neighbours),
        ("bilateral between all", len(list(combinations(route, 2))), set(permutations(route, 2))),
        ("one multilateral", 1, set(permutations(route, 2))),
    ]


def _describe(scenario: Scenario, name: str, texts: int, pairs: set[tuple[str, str]]) -> Sequence[Cell]:
    meetings = set(permutations(scenario.multilateral, 2))
    whole = sum(
        all((other, one) in pairs for other in scenario.multilateral if other != one) for one in scenario.multilateral
    )
    return name, texts, len(meetings), len(pairs & meetings), whole
