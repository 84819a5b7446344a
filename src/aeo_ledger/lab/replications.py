"""Replications: the trace goes through every channel again and again, each time with other delays, outages and questions.

The trace and its run on the real ledger stay the same, so intervals are over people, machines and questions, not over other years. The number
of replications follows a rule: at least a few; then until every channel's interval of undue company-days is narrow; at most a limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from aeo_ledger.lab.channels import CHANNELS, Channel, Pairs, Setting, carry
from aeo_ledger.lab.code_forms import FORMS, tell_forms
from aeo_ledger.lab.ledger_run import parties_of
from aeo_ledger.lab.measures import (
    OUTCOMES,
    Found,
    draw_questions,
    judge_answers,
    measure_delays,
    measure_exposure,
    measure_mass,
)
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.replication_tables import tell_replications
from aeo_ledger.lab.statistics import is_narrow
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.tables import ResultTable
from aeo_ledger.lab.trace import DAY_S, YEAR_DAYS, make_trace
from aeo_ledger.lab.world import make_world


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Run the replications, and describe what they found."""
    parameters = bench.scenario.parameters
    least, most = (int(parameters[f"{name}_replications"]) for name in ("least", "most"))
    found = {channel.name: Found() for channel in CHANNELS}
    setting = make_setting(bench)
    done = 0
    while done < most:
        replicate(replace(setting, streams=Streams(bench.scenario.seed, done)), bench, found)
        done += 1
        if done >= least and _is_enough(found, parameters):
            break
        bench.progress(f"replication {done} of at most {most}")
    return [*tell_replications(bench.scenario, setting, found), tell_forms()]


def _is_enough(found: Mapping[str, Found], parameters: Mapping[str, float]) -> bool:
    floor = parameters["indifference_days"] / 2
    return all(is_narrow(one.undue, parameters["half_width"], floor) for one in found.values())


def make_setting(bench: Bench) -> Setting:
    """Collect what every channel gets from the parts before."""
    scenario = bench.scenario
    world = make_world(scenario)
    trace = make_trace(scenario, world, bench.streams)
    events = bench.tables["ledger_events"].records()
    sealing = [float(row["sealed_s"] or 0) - float(row["signed_s"] or 0) for row in events]
    sizes = {
        phase: [float(row["bytes"] or 0) for row in bench.tables["ledger_blocks"].records() if row["phase"] == phase]
        for phase in ("events", "heartbeat")
    }
    lists = bench.tables["lists"].records()
    return Setting(
        trace=trace,
        world=world,
        pairs=Pairs.of(trace, world),
        parameters=scenario.parameters,
        streams=bench.streams,
        validators=parties_of(scenario, world),
        sealing_s=np.maximum(np.array(sealing, dtype=np.float64), 0.0),
        block_bytes=float(np.mean(sizes["events"])) if sizes["events"] else 0.0,
        heartbeat_bytes=sizes["heartbeat"][0],
        list_bytes={str(row["register"]): float(row["status_list_bytes"] or 0) for row in lists},
        cascade_bytes={str(row["register"]): float(row["compressed_list_bytes"] or 0) for row in lists},
    )


def replicate(setting: Setting, bench: Bench, found: Mapping[str, Found]) -> None:
    """Let every channel carry the trace once, and note what is measured."""
    questions = draw_questions(setting, len(FORMS))
    exact = {number: form.is_exact for number, form in enumerate(FORMS)}
    read = {number: form.is_read for number, form in enumerate(FORMS)}
    matched = tuple(float(np.mean([reads[form] for form in questions.form.tolist()])) for reads in (exact, read))
    for channel in CHANNELS:
        carried, one = carry(channel, setting), found[channel.name]
        exposure = measure_exposure(setting.trace, setting.pairs, carried.visible)
        one.undue.append(exposure.undue)
        one.withheld.append(exposure.withheld)
        delays = measure_delays(setting.trace, setting.pairs, carried.visible)
        one.delays.append(delays)
        one.mean_delay_s.append(float(np.mean(delays)) if len(delays) else 0.0)
        one.mass.append(
            [
                measure_mass(setting.trace, setting.pairs, carried.visible, number, shock.day * DAY_S)
                for number, shock in enumerate(bench.scenario.shocks)
            ]
        )
        outcome = judge_answers(
            setting,
            questions,
            carried,
            reads_of(channel, exact, read),
            converts=channel.converts,
            copied=channel.copied,
        )
        one.outcomes.append((np.bincount(outcome, minlength=len(OUTCOMES)) / len(outcome)).tolist())
        one.matched.append((matched[0], matched[1]))
        yearly = YEAR_DAYS * DAY_S / setting.trace.length_s
        one.messages.append(carried.messages * yearly)
        one.bytes.append(carried.bytes * yearly)
        one.links = len(carried.links)


def reads_of(channel: Channel, exact: Mapping[int, bool], read: Mapping[int, bool]) -> Mapping[int, bool]:
    """Say which forms a channel reads: today's compare exactly, those with one TIN for all use the reader."""
    return exact if channel.converts else read
