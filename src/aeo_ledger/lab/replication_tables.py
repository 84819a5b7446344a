"""What the replications found, as tables. Means stand with their 95 % intervals, whose method each table names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from aeo_ledger.lab.channels import CHANNELS, MONTH_S, Setting
from aeo_ledger.lab.measures import OUTCOMES, Found
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.statistics import Share, interval
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable
from aeo_ledger.lab.trace import DAY_S, YEAR_DAYS

_GRID: Final = (*(number / 100 for number in range(1, 100)), 0.995, 0.999, 1.0)
"""Quantiles of the delay that are kept."""

_TITLES: Final = {channel.name: channel.title for channel in CHANNELS}


def tell_replications(scenario: Scenario, setting: Setting, found: Mapping[str, Found]) -> list[ResultTable]:
    """Describe what was found."""
    return [
        _tell_propagation(found),
        _tell_quantiles(found),
        *([_tell_mass(scenario, found)] if scenario.shocks else []),
        tell_exposure(found),
        _tell_answers(found),
        _tell_matching(setting, found),
        _tell_traffic(setting, found),
        _check_closed_forms(setting, found),
        _tell_each(found),
    ]


def _spread(says: str) -> list[Column]:
    return [
        Column("low", f"{says}, lower end of the 95 % interval.", Kind.NUMBER),
        Column("high", "The upper end.", Kind.NUMBER),
    ]


def _tell_method(found: Mapping[str, Found]) -> str:
    """Say how the intervals of means were made."""
    if len(next(iter(found.values())).undue) == 1:
        return "One outcome, no interval."
    return "Intervals: Student's over replications, cut off at 0, below which no value can be."


def round_figures(values: Sequence[float], digits: int = 4) -> list[float | None]:
    """Round to significant digits: more would claim a precision that nobody has. An infinite end is empty."""
    return [None if math.isinf(value) else float(f"{value:.{digits}g}") for value in values]


def _tell_propagation(found: Mapping[str, Found]) -> ResultTable:
    rows = []
    for name, one in found.items():
        delays = np.concatenate(one.delays)
        quantiles = np.quantile(delays, [0.5, 0.95, 1.0], method="inverted_cdf").tolist() if len(delays) else [0.0] * 3
        rows.append((_TITLES[name], *round_figures(quantiles), *round_figures(interval(one.mean_delay_s, least=0))))
    return ResultTable(
        name="propagation",
        title="From decision to partner",
        says="Delay of changes of status, each with each partner, over all replications. Officers' own delay before the decision is in none. "
        f"{_tell_method(found)}",
        columns=[
            Column("channel", "The channel."), Column("median_s", "Seconds.", Kind.NUMBER), Column("p95_s", "Seconds.", Kind.NUMBER),
            Column("most_s", "Seconds; at most the length of the run.", Kind.NUMBER), Column("mean_s", "Seconds.", Kind.NUMBER),
            *_spread("Mean"),
        ],
        rows=rows,
    )  # fmt: skip


def _tell_quantiles(found: Mapping[str, Found]) -> ResultTable:
    rows = [
        (name, at, float(value))
        for name, one in found.items()
        if len(delays := np.concatenate(one.delays))
        for at, value in zip(_GRID, np.quantile(delays, _GRID, method="inverted_cdf"), strict=True)
    ]
    return ResultTable(
        name="propagation_quantiles",
        title="Distribution of the delay",
        says="Quantiles of the delay from decision to partner, over all replications.",
        columns=[
            Column("channel", "The channel."), Column("quantile", "Share of changes that had arrived.", Kind.NUMBER),
            Column("delay_s", "Seconds.", Kind.NUMBER),
        ],
        rows=rows,
        in_report=False,
    )  # fmt: skip


def _tell_mass(scenario: Scenario, found: Mapping[str, Found]) -> ResultTable:
    rows = []
    for number, shock in enumerate(scenario.shocks):
        what = f"{shock.share:.0%} of {shock.register}, {shock.event}"
        for name, one in found.items():
            times = [[replication[number][part] for replication in one.mass] for part in range(3)]
            rows.append((what, _TITLES[name], *round_figures([float(np.mean(part)) for part in times])))
    return ResultTable(
        name="mass",
        title="After a mass event",
        says="Seconds from the beginning of a mass event until so many of its changes had arrived at partners; means over replications.",
        columns=[
            Column("event", "What happened."), Column("channel", "The channel."), Column("half_s", "50 %.", Kind.NUMBER),
            Column("p95_s", "95 %.", Kind.NUMBER), Column("all_s", "100 %.", Kind.NUMBER),
        ],
        rows=rows,
    )  # fmt: skip


def tell_exposure(found: Mapping[str, Found]) -> ResultTable:
    """Describe the company-days."""
    rows = [
        (_TITLES[name], *round_figures(interval(one.undue, least=0)), *round_figures(interval(one.withheld, least=0)))
        for name, one in found.items()
    ]
    return ResultTable(
        name="exposure",
        title="Company-days a year",
        says="A company-day is one company at one partner for one day. Undue: the status was lost and the partner still gave benefits. "
        "Withheld: the status was held and the partner did not know. Questions without an answer are counted under the answers. "
        f"{_tell_method(found)}",
        columns=[
            Column("channel", "The channel."), Column("undue", "Company-days a year.", Kind.NUMBER), *_spread("Undue"),
            Column("withheld", "Company-days a year.", Kind.NUMBER), Column("withheld_low", "Lower end.", Kind.NUMBER),
            Column("withheld_high", "Upper end.", Kind.NUMBER),
        ],
        rows=rows,
    )  # fmt: skip


def _tell_answers(found: Mapping[str, Found]) -> ResultTable:
    rows: list[Sequence[Cell]] = []
    for name, one in found.items():
        shares = 100 * np.mean(one.outcomes, axis=0)
        signed = next(channel.signed for channel in CHANNELS if channel.name == name)
        proof = 100 * (1 - float(np.mean([row[-1] for row in one.outcomes]))) if signed else 0.0
        rows.append((_TITLES[name], *round_figures([*shares.tolist(), proof])))
    return ResultTable(
        name="answers",
        title="Answers to border systems",
        says="How questions ended, in per cent of all. Channels whose pairs convert codes compare them exactly, as they do today; the others "
        "use the reader. The last column: answers with a signature that a third party can check.",
        columns=[
            Column("channel", "The channel."),
            *(Column(outcome, "Per cent of the questions.", Kind.NUMBER) for outcome in OUTCOMES),
            Column("with a proof", "Per cent of the questions.", Kind.NUMBER),
        ],
        rows=rows,
    )


def _tell_matching(setting: Setting, found: Mapping[str, Found]) -> ResultTable:
    """Every channel has the same questions, so one channel's are everybody's. Each is drawn by itself: over all of them a share is a binomial one."""
    matched, asked = next(iter(found.values())).matched, int(setting.parameters["questions"])
    rows: list[Sequence[Cell]] = []
    for place, name in enumerate(("an exact comparison", "the reader")):
        share = Share.of(round(asked * math.fsum(row[place] for row in matched)), asked * len(matched))
        rows.append((name, *round_figures([100 * value for value in (share.value, share.low, share.high)])))
    return ResultTable(
        name="matching",
        title="Codes that are matched",
        says="Of the codes in declarations, how many lead to the trader, by two ways of reading. The reasons for no match are in the answers. "
        "Intervals: Wilson's, over the questions of all replications.",
        columns=[
            Column("read_by", "How it is read."),
            Column("matched", "Per cent of the questions.", Kind.NUMBER),
            *_spread("Matched"),
        ],
        rows=rows,
    )


def _tell_traffic(setting: Setting, found: Mapping[str, Found]) -> ResultTable:
    rows: list[Sequence[Cell]] = []
    kept = _stored(setting)
    for name, one in found.items():
        rows.append(
            (
                _TITLES[name],
                one.links,
                *round_figures([float(np.mean(one.messages)), float(np.mean(one.bytes)), kept[name]]),
            )
        )
    return ResultTable(
        name="traffic",
        title="What is sent and kept",
        says="Between administrations, in a year. The ledger's messages count the votes of its validators, which the embedded ledger does not "
        "send; they are modelled. It pays for freshness with an empty block every heartbeat, and they are counted. "
        "Kept: what must be stored for a year to decide disputes, 0 where nothing that is kept would decide one.",
        columns=[
            Column("channel", "The channel."), Column("links", "Who sends to whom.", Kind.WHOLE), Column("messages", "A year.", Kind.NUMBER),
            Column("bytes", "A year.", Kind.NUMBER), Column("kept_bytes", "A year.", Kind.NUMBER),
        ],
        rows=rows,
    )  # fmt: skip


def _stored(setting: Setting) -> dict[str, float]:
    """Bytes to keep for a year: every list that differs from the one before, or every block, empty ones too."""
    trace, yearly = setting.trace, YEAR_DAYS * DAY_S / setting.trace.length_s
    lists = {}
    for name, sizes in (("status list", setting.list_bytes), ("compressed list", setting.cascade_bytes)):
        lists[name] = sum(
            sizes[register] * len(np.unique(np.floor(trace.time[(trace.register == place) & (trace.change != 0)]
                                                     / setting.parameters["list_period_s"])))
            for place, register in enumerate(trace.registers)
        ) * yearly  # fmt: skip
    beats = YEAR_DAYS * DAY_S / setting.parameters["heartbeat_s"]
    blocks = setting.block_bytes * len(trace) * yearly + setting.heartbeat_bytes * beats
    return {channel.name: 0.0 for channel in CHANNELS} | lists | {"ledger": blocks}


def _check_closed_forms(setting: Setting, found: Mapping[str, Found]) -> ResultTable:
    """Compare the simulated mean delay with what renewal theory says, where it says something simple."""
    rows = [
        (
            _TITLES[name],
            *round_figures(interval(found[name].mean_delay_s, least=0)),
            *round_figures([expected]),
            formula,
        )
        for name, expected, formula in expect_delays(setting.parameters)
    ]
    lost = float(np.sum(setting.trace.change[setting.pairs.event] < 0)) * YEAR_DAYS * DAY_S / setting.trace.length_s
    weekly = next(expected for name, expected, _ in expect_delays(setting.parameters) if name == "weekly file")
    undue = (*round_figures(interval(found["weekly file"].undue, least=0)), *round_figures([lost * weekly / DAY_S]))
    rows.append((f"{_TITLES['weekly file']}: undue days", *undue,
                 "losses a year x mean delay; higher, where traders come back before anybody heard"))  # fmt: skip
    return ResultTable(
        name="closed_forms",
        title="Against closed forms",
        says="The simulation against formulas that need none. Changes near the end of a run arrive after it, so a simulated mean of a slow "
        f"channel is a little below. {_tell_method(found)}",
        columns=[
            Column("channel", "The channel."), Column("mean", "Seconds, or company-days.", Kind.NUMBER), *_spread("Mean"),
            Column("expected", "By the formula.", Kind.NUMBER), Column("formula", "The formula."),
        ],
        rows=rows,
    )  # fmt: skip


def expect_delays(parameters: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    """Return (channel, expected mean delay in seconds, formula). The mean of a lognormal delay is its median times exp(sigma^2 / 2)."""
    heavy = math.exp(parameters["human_sigma"] ** 2 / 2)
    for name, people, period in (
        ("monthly mail", "monthly", MONTH_S),
        ("weekly file", "weekly", 7 * DAY_S),
        ("daily exchange", "daily", DAY_S),
    ):
        missed = parameters.get(f"{people}_missed", 0.0)
        steps = (parameters[f"{people}_sender_h"] + parameters[f"{people}_receiver_h"]) * 3_600 * heavy
        yield (
            name,
            period / 2 + period * missed / (1 - missed) + steps,
            "period / 2 + period x missed / (1 - missed) + sender + receiver",
        )
    period = parameters["list_period_s"]
    yield (
        "status list",
        period + parameters["sign_s"] * heavy,
        "period / 2 until made + period / 2 until fetched + signature; outages aside",
    )


def _tell_each(found: Mapping[str, Found]) -> ResultTable:
    return ResultTable(
        name="replications",
        title="Replications",
        says="What each replication found; the means and intervals above are over these.",
        columns=[
            Column("replication", "Its number.", Kind.WHOLE), Column("channel", "The channel."),
            Column("undue_days", "Company-days a year.", Kind.NUMBER), Column("withheld_days", "Company-days a year.", Kind.NUMBER),
            Column("mean_delay_s", "Seconds.", Kind.NUMBER), Column("unanswered", "Share of the questions.", Kind.NUMBER),
            Column("bytes", "A year.", Kind.NUMBER), Column("exact", "Share of codes that an exact comparison finds.", Kind.NUMBER),
            Column("read", "Share of codes that the reader finds.", Kind.NUMBER),
        ],
        rows=[
            (number, name, one.undue[number], one.withheld[number], one.mean_delay_s[number], one.outcomes[number][-1], one.bytes[number],
             *one.matched[number])
            for name, one in found.items()
            for number in range(len(one.undue))
        ],
        in_report=False,
    )  # fmt: skip
