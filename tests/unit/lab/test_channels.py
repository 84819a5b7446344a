"""Channels against closed forms; and what one draws has no effect on another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from aeo_ledger.lab.channels import CHANNELS, Carried, Channel, Pairs, Setting, carry
from aeo_ledger.lab.matrix import answer_offline, count_returns, count_signers, overheard
from aeo_ledger.lab.measures import measure_delays, measure_exposure
from aeo_ledger.lab.replication_tables import expect_delays
from aeo_ledger.lab.scenario import parse_scenario
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.trace import DAY_S, YEAR_DAYS, make_trace
from aeo_ledger.lab.world import make_world

YEAR_OF_MANY = """
name = "many"
title = "Many"
question = "Do the simulation and the formulas agree?"
seed = 3
begins = 2025-01-01
days = 1500
parties = ["BY", "CN"]
[registers]
BY = 1500
CN = 50
[parameters]
suspend_rate = 0.1
hold_days = 400
grant_rate = 0
revoke_rate = 0
amend_rate = 0
reassess_rate = 0
"""
BY_NAME = {channel.name: channel for channel in CHANNELS}


@cache
def _setting(**changed: float) -> Setting:
    scenario = parse_scenario(YEAR_OF_MANY)
    scenario = replace(scenario, changed=dict(scenario.changed) | changed)
    world = make_world(scenario)
    trace = make_trace(scenario, world, Streams(scenario.seed))
    sizes: Mapping[str, float] = {"BY": 400.0, "CN": 300.0}
    return Setting(
        trace=trace, world=world, pairs=Pairs.of(trace, world), parameters=scenario.parameters, streams=Streams(scenario.seed, 1),
        validators=("BY", "CN", "KZ", "RU"), sealing_s=np.full(len(trace), 0.5), block_bytes=1_400.0, heartbeat_bytes=900.0,
        list_bytes=sizes, cascade_bytes=sizes,
    )  # fmt: skip


def _mean_delay(channel: Channel, setting: Setting) -> float:
    delays = measure_delays(setting.trace, setting.pairs, carry(channel, setting).visible)
    return float(np.mean(delays))


@pytest.mark.parametrize("name", ["monthly mail", "weekly file", "daily exchange", "status list"])
def test_a_mean_delay_is_that_of_the_formula(name: str) -> None:
    """Half a period, the sender, the receiver, and what was forgotten: renewal theory needs no simulation."""
    setting = _setting(server_down_h=0.0)
    expected = next(value for channel, value, _ in expect_delays(setting.parameters) if channel == name)
    found = [_mean_delay(BY_NAME[name], replace(setting, streams=Streams(3, number))) for number in range(8)]
    error = float(np.std(found, ddof=1)) / math.sqrt(len(found))
    assert float(np.mean(found)) == pytest.approx(expected, abs=3 * error)
    assert error < 0.12 * expected


def test_undue_company_days_are_losses_times_mean_delay() -> None:
    """As long as nobody comes back before the news; here a suspension lasts over a year."""
    setting = _setting(server_down_h=0.0)
    exposure = measure_exposure(setting.trace, setting.pairs, carry(BY_NAME["weekly file"], setting).visible)
    expected = next(value for channel, value, _ in expect_delays(setting.parameters) if channel == "weekly file")
    losses = float(np.sum(setting.trace.change[setting.pairs.event] < 0)) * YEAR_DAYS * DAY_S / setting.trace.length_s
    assert losses > 100
    assert exposure.undue == pytest.approx(losses * expected / DAY_S, rel=0.12)


def test_a_server_is_down_for_its_share_of_time() -> None:
    setting = _setting(server_up_h=10.0, server_down_h=5.0)
    carried = carry(BY_NAME["web service"], setting)
    times = np.linspace(0, setting.trace.length_s, 20_000)
    assert float(np.mean(carried.silent("CN", "BY", times))) == pytest.approx(1 / 3, abs=0.04)


def test_without_outages_every_question_has_an_answer() -> None:
    setting = _setting(server_down_h=0.0)
    times = np.linspace(0, setting.trace.length_s, 1_000)
    for channel in CHANNELS:
        assert not carry(channel, setting).silent("CN", "BY", times).any()


def test_the_ledger_waits_for_a_quorum() -> None:
    """Of four validators three must be up. With servers that fail half of the time it is slower than a web server that must be up alone."""
    setting = _setting(server_up_h=5.0, server_down_h=5.0)
    assert _mean_delay(BY_NAME["ledger"], setting) > _mean_delay(BY_NAME["central database"], setting)
    sound = _setting(server_down_h=0.0)
    heavy = math.exp(sound.parameters["human_sigma"] ** 2 / 2)
    expected = heavy * (sound.parameters["sign_s"] + sound.parameters["push_s"]) + 0.5
    assert _mean_delay(BY_NAME["ledger"], sound) == pytest.approx(expected, rel=0.1)


def test_changing_one_channel_changes_no_other() -> None:
    slow, usual = _setting(weekly_sender_h=60.0), _setting()
    for channel in CHANNELS:
        same = np.array_equal(carry(channel, slow).visible, carry(channel, usual).visible)
        assert same == (channel.name != "weekly file")


def test_nobody_learns_an_earlier_event_of_a_trader_after_a_later_one() -> None:
    setting = _setting()

    def backwards(_: Setting, __: str) -> Carried:
        return Carried(visible=setting.trace.length_s - setting.trace.time[setting.pairs.event])

    visible = carry(Channel("backwards", "", backwards, converts=False), setting).visible
    newest: dict[tuple[int, int], float] = {}
    for row, event in enumerate(setting.pairs.event.tolist()):
        who = (int(setting.trace.register[event]), int(setting.trace.operator[event]))
        assert visible[row] >= newest.get(who, 0.0)
        newest[who] = float(visible[row])


def test_a_ledger_pays_for_freshness_when_nothing_happens() -> None:
    usual, seldom = _setting(), _setting(heartbeat_s=3_000.0)
    assert carry(BY_NAME["ledger"], usual).bytes > 50 * carry(BY_NAME["ledger"], seldom).bytes


def test_a_mechanism_is_known_by_trying_it() -> None:
    """Lists and snapshots answer off line for as long as they may be old, services at once no more; only services hear each question."""
    setting = _setting()
    grace = setting.parameters["list_period_s"] + setting.parameters["list_grace_s"]
    offline = {channel.name: answer_offline(channel, setting) for channel in CHANNELS}
    assert offline["status list"] == offline["ledger"] == pytest.approx(grace, abs=900)
    assert offline["web service"] == offline["central database"] == 0
    assert offline["monthly mail"] == pytest.approx(setting.trace.length_s, abs=900)
    heard = {channel.name: overheard(channel, setting) for channel in CHANNELS}
    assert {name for name, share in heard.items() if share} == {"web service", "central database"}
    assert heard["web service"] == pytest.approx(1)
    assert [count_signers(channel, setting) for channel in CHANNELS] == [0, 0, 0, 0, 0, 1, 1, 3]
    for channel in CHANNELS:
        back, of = count_returns(channel, setting)
        assert 0 < back <= of
