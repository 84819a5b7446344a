"""Measures of one replication of one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aeo_ledger.lab.channels import Carried, Pairs, Setting
from aeo_ledger.lab.trace import YEAR_DAYS, Floats, Trace, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What late news cost, in company-days a year: one company, one partner, one day."""

    undue: float
    """Benefits that a partner gave although the status was lost."""
    withheld: float
    """Benefits that a partner withheld although the status was held."""


def measure_exposure(trace: Trace, pairs: Pairs, visible: Floats) -> Exposure:
    """Integrate the difference between what held and what a partner believed.

    For each trader and partner both are steps in time: `held` steps when the administration decides, `believed` steps when the partner
    learns it. They are equal at the beginning and, cut there, at the end; so one running sum over all traders in turn gives the difference.
    """
    change = trace.change[pairs.event]
    kept = change != 0
    change, learned = change[kept], visible[kept]
    decided = trace.time[pairs.event[kept]]
    trader = _number_traders(trace, pairs)[kept]
    times = np.concatenate([decided, np.minimum(learned, trace.length_s)])
    steps = np.concatenate([change, -change])
    order = np.lexsort((times, np.concatenate([trader, trader])))
    difference = np.cumsum(steps[order])[:-1]  # 1: held and not believed; -1: believed and not held
    lengths = np.diff(times[order])
    yearly = YEAR_DAYS / trace.length_s  # company-seconds of the run to company-days of a year
    return Exposure(
        undue=float(np.sum(lengths * np.maximum(-difference, 0))) * yearly,
        withheld=float(np.sum(lengths * np.maximum(difference, 0))) * yearly,
    )


def _number_traders(trace: Trace, pairs: Pairs) -> Whole:
    """Give each trader with each partner a number."""
    partners = {code: place for place, code in enumerate(sorted(set(pairs.partner)))}
    partner = np.array([partners[code] for code in pairs.partner], dtype=np.int64)
    register, operator = trace.register[pairs.event], trace.operator[pairs.event]
    most = int(operator.max(initial=0)) + 1
    return (register * most + operator) * max(1, len(partners)) + partner


def measure_delays(trace: Trace, pairs: Pairs, visible: Floats) -> Floats:
    """Return the delay from decision to partner of each change of status, seconds. What never arrived counts to the end of the run."""
    kept = trace.change[pairs.event] != 0
    return np.asarray(visible[kept] - trace.time[pairs.event[kept]], dtype=np.float64)


def measure_mass(
    trace: Trace, pairs: Pairs, visible: Floats, number: int, began_s: float
) -> tuple[float, float, float]:
    """Return the seconds after which 50, 95 and 100 % of (event, partner) of a mass event had arrived."""
    since = visible[trace.mass[pairs.event] == number] - began_s
    half, most, all_ = np.quantile(since, [0.5, 0.95, 1.0], method="inverted_cdf")
    return float(half), float(most), float(all_)


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions of border systems, drawn once a replication and put to every channel."""

    time: Floats
    register: Whole
    operator: Whole
    recogniser: tuple[str, ...]
    form: Whole
    """Number of the form in which the code was written; 0 is the registered one."""
    chance: Floats
    """Two columns of uniform numbers: whether people copied the code wrongly, whether it was converted."""


OUTCOMES = ("yes, rightly", "no, rightly", "undue yes", "wrong no: late", "wrong no: form of the code", "wrong no: copied wrongly",
            "wrong no: no converted code", "no answer")  # fmt: skip
"""How a question may end, by number."""


def draw_questions(setting: Setting, forms: int) -> Questions:
    """Draw questions: who asks about whom, when, and how the code was written."""
    stream, parameters, world = setting.streams.of("questions"), setting.parameters, setting.world
    count = int(parameters["questions"])
    lanes = [(setting.trace.registers.index(lane.register), lane.recogniser) for lane in world.lanes]
    weights = np.array([world.sizes[lane.register] for lane in world.lanes], dtype=np.float64)
    chosen = stream.choice(len(lanes), size=count, p=weights / weights.sum())
    register = np.array([lanes[lane][0] for lane in chosen.tolist()], dtype=np.int64)
    operator = np.zeros(count, dtype=np.int64)
    for place, code in enumerate(setting.trace.registers):
        size = world.sizes[code]
        ranks = 1.0 / np.arange(1, size + 1) ** parameters["activity_skew"]
        who = stream.permutation(size)
        mine = register == place
        operator[mine] = who[stream.choice(size, size=int(mine.sum()), p=ranks / ranks.sum())]
    odd = stream.random(count) < parameters["code_errors"]
    return Questions(
        time=stream.uniform(0, setting.trace.length_s, count),
        register=register,
        operator=operator,
        recogniser=tuple(lanes[lane][1] for lane in chosen.tolist()),
        form=np.where(odd, stream.integers(1, max(2, forms), count), 0),
        chance=stream.random((count, 2)),
    )


def follow_status(trace: Trace, pairs: Pairs, questions: Questions, visible: Floats) -> tuple[Any, Any]:
    """Return for each question whether the trader held the status, and whether the asker believed it."""
    held = np.ones(len(questions.time), dtype=np.bool_)
    believed = held.copy()
    history: dict[tuple[int, int], list[tuple[float, int, int]]] = {}
    rows = {pair: row for row, pair in enumerate(zip(pairs.event.tolist(), pairs.partner, strict=True))}
    for event, change in enumerate(trace.change.tolist()):
        if change:
            who = (int(trace.register[event]), int(trace.operator[event]))
            history.setdefault(who, []).append((float(trace.time[event]), change, event))
    asked = zip(
        questions.register.tolist(),
        questions.operator.tolist(),
        questions.time.tolist(),
        questions.recogniser,
        strict=True,
    )
    for place, (register, operator, when, recogniser) in enumerate(asked):
        for decided, change, event in history.get((register, operator), ()):
            held[place] = change > 0 if decided <= when else held[place]
            if visible[rows[event, recogniser]] <= when:
                believed[place] = change > 0
    return held, believed


def judge_answers(
    setting: Setting, questions: Questions, carried: Carried, reads: Mapping[int, bool], *, converts: bool, copied: bool
) -> Whole:
    """Return the outcome of each question, as a number of `OUTCOMES`.

    Args:
        setting: What the channel carried.
        questions: The questions.
        carried: What it did.
        reads: Whether a code in a form is read as the trader's, by the form's number.
        converts: Whether the pair converts codes.
        copied: Whether people copied them.
    """
    held, believed = follow_status(setting.trace, setting.pairs, questions, carried.visible)
    outcome = np.where(held, np.where(believed, 0, 3), np.where(believed, 2, 1))
    yes = held & believed
    outcome[yes & ~np.array([reads[form] for form in questions.form.tolist()])] = 4
    outcome[yes & copied & (questions.chance[:, 0] < setting.parameters["copy_errors"])] = 5
    outcome[yes & converts & (questions.chance[:, 1] < setting.parameters["unmapped"])] = 6
    recognisers = np.array(questions.recogniser)
    for lane in setting.world.lanes:
        mine = (questions.register == setting.trace.registers.index(lane.register)) & (recognisers == lane.recogniser)
        outcome[np.flatnonzero(mine)[carried.silent(lane.recogniser, lane.register, questions.time[mine])]] = 7
    return np.asarray(outcome, dtype=np.int64)


@dataclass(slots=True)
class Found:
    """What the replications found for one channel; a row of each list is one replication."""

    undue: list[float] = field(default_factory=list)
    withheld: list[float] = field(default_factory=list)
    mean_delay_s: list[float] = field(default_factory=list)
    delays: list[Floats] = field(default_factory=list)
    mass: list[list[tuple[float, float, float]]] = field(default_factory=list)
    """For each mass event the seconds to 50, 95 and 100 %."""
    outcomes: list[list[float]] = field(default_factory=list)
    """Share of each outcome."""
    matched: list[tuple[float, float]] = field(default_factory=list)
    """Share of codes that an exact comparison finds, and the reader."""
    messages: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)
    links: int = 0
