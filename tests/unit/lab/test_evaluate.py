"""Evaluation: shares and intervals are right, hidden counts are bounds, and a synthetic file says that it is synthetic."""

from __future__ import annotations

import math
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.lab import UnreadableTable
from aeo_ledger.lab.attacks_lists import HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.evaluate import evaluate_record, measure_delays, read_record
from aeo_ledger.lab.evaluate_outcomes import FELL_BY, LEAST, evaluate_outcomes, invent_outcomes, read_outcomes
from aeo_ledger.lab.own_network import open_network
from aeo_ledger.lab.statistics import Share
from aeo_ledger.verify import verify_snapshot

PAIRS = [("CN", "BY"), ("BY", "CN")]


def cell(
    day: str, verdict: str, count: int | None, reason: str | None = None, register: str = "BY", asker: str = "CN"
) -> dict[str, Any]:
    return {"day": day, "recogniser": asker, "register": register, "verdict": verdict, "reason": reason, "count": count}


def document(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"since": "2025-01-01", "until": "2025-03-01", "fewer_than": 5, "counts": list(cells)}


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    share = Share.of(15, 148)  # Newcombe 1998, table I
    assert (round(share.low, 4), round(share.high, 4)) == (0.0624, 0.1605)
    empty, none, all_ = Share.of(0, 0), Share.of(0, 20), Share.of(20, 20)
    assert (empty.low, empty.high) == (0.0, 1.0)
    assert math.isnan(empty.value)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)  # the same
    assert round(all_.low, 4) == 0.8389


def test_newcombes_difference_is_that_of_the_textbook() -> None:
    found = Share.of(56, 70).minus(Share.of(48, 80))  # Newcombe 1998 (differences), table II (a), method 10
    assert [round(value, 4) for value in found] == [0.2, 0.0524, 0.3339]


def test_an_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Against the exact distribution: of all outcomes of 50 trials, weighted by their chance, about 95 % have the truth inside."""
    truth, trials = 0.3, 50
    covered = sum(
        math.comb(trials, part) * truth**part * (1 - truth) ** (trials - part)
        for part in range(trials + 1)
        if Share.of(part, trials).low <= truth <= Share.of(part, trials).high
    )
    assert 0.93 < covered < 0.98


def test_counts_are_added_up_by_verdict_reason_and_month_and_of_the_arrangements_pairs_alone() -> None:
    record = read_record(
        [
            document(
                cell("2025-01-10", "recognised", 60),
                cell("2025-01-10", "not_recognised", 30, "suspended"),
                cell("2025-01-11", "not_recognised", 10, "no_certificate", register="EAEU+BY"),
                cell("2025-01-11", "unproven", 25),
                cell("2025-02-10", "recognised", 90),
                cell("2025-02-10", "not_recognised", 10, "suspended"),
                cell("2025-02-10", "recognised", 1_000, register="KZ"),
                cell("2025-02-10", "recognised", 1_000, asker="EU"),
            )
        ]
    )
    found = evaluate_record(record, PAIRS)
    assert (found.utilisation.part, found.utilisation.whole) == (150, 200)
    assert dict(found.refusals) == {"suspended": 40, "no_certificate": 10}
    assert list(found.refusals) == ["suspended", "no_certificate"]
    assert (found.unproven.part, found.unproven.whole) == (25, 225)
    assert (found.first, found.last) == (date(2025, 1, 10), date(2025, 2, 10))
    assert {month: (share.part, share.whole) for month, share in found.months.items()} == {
        "2025-01": (60, 100),
        "2025-02": (90, 100),
    }
    assert found.trend is not None
    change, low, high = found.trend
    assert change == pytest.approx(0.3)
    assert 0 < low < change < high
    assert found.least == found.most == 0.75


def test_a_month_whose_counts_are_all_hidden_is_no_end_of_a_trend() -> None:
    first, second = cell("2025-01-10", "recognised", 60), cell("2025-02-10", "not_recognised", 60, "role")
    hidden = [cell("2024-12-10", "not_recognised", None, "role"), cell("2025-03-10", "recognised", 0)]
    found = evaluate_record(read_record([document(first, second, *hidden)]), PAIRS)
    assert found.trend is not None
    assert found.trend[0] == -1.0
    assert evaluate_record(read_record([document(first, *hidden)]), PAIRS).trend is None


def test_hidden_counts_are_bounds_that_every_possible_value_keeps() -> None:
    shown = [cell("2025-01-10", "recognised", 7), cell("2025-01-12", "not_recognised", 6, "role")]
    hidden = [
        cell("2025-01-11", "recognised", None),
        cell("2025-01-11", "not_recognised", None, "role"),
        cell("2025-01-13", "unproven", None),
    ]
    found = evaluate_record(read_record([document(*shown, *hidden)]), PAIRS)
    assert found.hidden == 3
    possible = [(7 + yes) / (13 + yes + no) for yes, no in product(range(1, 5), repeat=2)]
    assert (found.least, found.most) == (min(possible), max(possible))


def test_a_cell_that_two_answers_have_counts_once_and_nothing_is_none() -> None:
    one = cell("2025-01-10", "recognised", 60)
    found = evaluate_record(read_record([document(one), document(one)]), PAIRS)
    assert found.utilisation.whole == 60
    nothing = evaluate_record(read_record([document()]), PAIRS)
    assert (nothing.first, nothing.trend, nothing.utilisation.whole) == (None, None, 0)
    assert math.isnan(nothing.least)


@pytest.mark.parametrize(
    "wrong",
    [
        [], {}, {"fewer_than": 5}, {"fewer_than": 5, "counts": [{}]},
        {"fewer_than": 5, "counts": [cell("yesterday", "recognised", 1)]},
        {"fewer_than": 5, "counts": [cell("2025-01-01", "recognised", -1)]},
        {"fewer_than": 5, "counts": [{**cell("2025-01-01", "recognised", 1), "count": "many"}]},
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_gateway_is_refused(wrong: Any) -> None:
    with pytest.raises(UnreadableTable, match="statistics of a gateway"):
        read_record([wrong])


def test_a_delay_is_from_the_date_to_the_block_and_first_records_do_not_count(tmp_path: Path) -> None:
    with open_network(tmp_path / "net", PARTIES, seed=3) as network:
        begin(network)
        network.grant("BY", [Tin("BY000000007")], TYPE_3)
        words = verify_snapshot(network.relay.snapshot(), network.trust, now=int(network.clock()), max_age=60)
        before = measure_delays(words, ["BY"])
        network.clock.advance(3_600)
        network.suspend("BY", [HONEST], TYPE_3)
        words = verify_snapshot(network.relay.snapshot(), network.trust, now=int(network.clock()), max_age=60)
        after, other = measure_delays(words, ["BY"]), measure_delays(words, ["CN"])
    assert (before.events, other.events) == (0, 0)
    assert math.isnan(before.median_s)
    assert (after.events, after.within_day.part) == (1, 1)
    assert 0 <= after.median_s <= 60


# ---- outcomes


def test_synthetic_outcomes_reproduce_the_published_pilots_within_their_intervals_and_say_what_they_are() -> None:
    text = invent_outcomes(seed=1)
    assert text == invent_outcomes(seed=1) != invent_outcomes(seed=2)
    found = evaluate_outcomes(read_outcomes(text))
    assert found.synthetic
    ratio, low, high = found.inspection_ratio
    assert low < 1 - FELL_BY < high
    assert low < ratio < high < 0.25
    ratio, low, high = found.minutes_ratio
    assert low < 1 - 0.62 < high
    assert low < ratio < high


def test_an_interval_of_a_ratio_covers_it_in_most_samples() -> None:
    covered = 0
    for seed in range(40):
        outcomes = read_outcomes(invent_outcomes(seed=seed, consignments=1_000))
        groups = ([one.inspected for one in outcomes if one.aeo is kind] for kind in (True, False))
        one, other = (Share.of(sum(group), len(group)) for group in groups)
        _, low, high = one.over(other)
        covered += low <= 1 - FELL_BY <= high
    assert covered >= 34  # 38 are expected


def test_real_outcomes_are_not_called_synthetic_and_no_inspection_leaves_the_ratio_open() -> None:
    text = "consignment,aeo,inspected,minutes\na,yes,no,10\nb,yes,no,20\nc,no,no,30\nd,no,yes,60\n"
    found = evaluate_outcomes(read_outcomes(text))
    assert not found.synthetic
    ratio, low, high = found.inspection_ratio
    assert (ratio, low) == (0.0, 0.0)
    assert 1 < high < math.inf
    assert found.minutes == (15.0, 45.0)
    assert found.minutes_ratio == (15 / 45, 0.0, math.inf)


@pytest.mark.parametrize(("times", "is_open"), [(1, True), (LEAST - 1, True), (LEAST, False)])
def test_a_median_of_few_outcomes_has_no_interval(times: int, is_open: bool) -> None:
    rows = [f"{word}{number},{word},yes,{10 + number}" for word in ("yes", "no") for number in range(times)]
    _, low, high = evaluate_outcomes(
        read_outcomes("\n".join(["consignment,aeo,inspected,minutes", *rows, ""]))
    ).minutes_ratio
    assert ((low, high) == (0.0, math.inf)) is is_open


def test_a_ratio_of_single_outcomes_is_no_point_and_one_of_many_is_that_of_the_logarithm() -> None:
    ratio, low, high = Share.of(1, 1).over(Share.of(1, 1))
    assert (ratio, low) == pytest.approx((1.0, Share.of(1, 1).low))
    assert high == pytest.approx(4.85, abs=0.01)
    none, low, high = Share.of(0, 9).over(Share.of(3, 9))
    assert (none, low) == (0.0, 0.0)
    assert 0 < high < 3
    _, low, high = Share.of(280, 10_000).over(Share.of(2_000, 10_000))
    spread = math.sqrt(1 / 280 + 1 / 2_000 - 2 / 10_000)  # Katz and others 1978: good for many
    assert (low, high) == pytest.approx((0.14 * math.exp(-1.96 * spread), 0.14 * math.exp(1.96 * spread)), rel=0.01)


@pytest.mark.parametrize(("trials", "truths"), [(8, (0.9, 0.9)), (12, (0.2, 0.6)), (30, (0.05, 0.3))])
def test_an_interval_of_a_ratio_covers_it_as_often_as_it_says_however_few_are_counted(
    trials: int, truths: tuple[float, float]
) -> None:
    chances = [
        [math.comb(trials, part) * truth**part * (1 - truth) ** (trials - part) for part in range(trials + 1)]
        for truth in truths
    ]
    covered = 0.0
    for part, chance in enumerate(chances[0]):
        for other, its_chance in enumerate(chances[1]):
            _, low, high = Share.of(part, trials).over(Share.of(other, trials))
            covered += chance * its_chance * (low <= truths[0] / truths[1] <= high)
    assert 0.93 < covered <= 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the header"),
        ("consignment,aeo,inspected\n", "the header"),
        ("consignment,aeo,inspected,minutes\na,maybe,no,1\n", "row 2, aeo"),
        ("consignment,aeo,inspected,minutes\na,yes,Yes,1\n", "row 2, inspected"),
        ("consignment,aeo,inspected,minutes\na,yes,no,0\n", "row 2, minutes"),
        ("consignment,aeo,inspected,minutes\na,yes,no,soon\n", "row 2, minutes"),
        ("consignment,aeo,inspected,minutes\na,yes,no,1\na,no,no,1\n", "row 3, consignment"),
        ("consignment,aeo,inspected,minutes\n,yes,no,1\n", "row 2, consignment"),
        ("consignment,aeo,inspected,minutes\na,yes,no,1\n", "aeo"),
    ],
)
def test_outcomes_that_cannot_be_read_are_refused_with_their_place(text: str, place: str) -> None:
    with pytest.raises(UnreadableTable, match=place):
        evaluate_outcomes(read_outcomes(text))


def test_the_interval_of_medians_is_that_of_resampling() -> None:
    """Closed form: for lognormal times, the logarithm of a median has about the variance pi/2 * sigma^2 / n."""
    found = evaluate_outcomes(read_outcomes(invent_outcomes(seed=5)))
    _, low, high = found.minutes_ratio
    expected = 2 * 1.96 * math.sqrt(2 * (math.pi / 2) * 0.25 / 2_000)
    assert np.log(high / low) == pytest.approx(expected, rel=0.25)
