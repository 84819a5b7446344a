"""Scenarios: those shipped lead somewhere, and every fault of a file is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.cli import lab
from aeo_ledger.errors.lab import MalformedScenario, UnknownScenario
from aeo_ledger.lab.data_files import read_data
from aeo_ledger.lab.scenario import Mass, is_shipped, list_scenarios, parse_scenario, read_scenario
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.trace import make_trace
from aeo_ledger.lab.world import Lane, list_dated, make_world
from support.tiny_lab import TINY

SHIPPED = ("belarus-china", "brexit", "corridor", "incident", "minsk", "world-2019", "world-2025")


def test_the_shipped_scenarios_are_these_and_each_has_lanes() -> None:
    assert list_scenarios() == SHIPPED
    assert all(name in str(lab.run.__doc__) for name in SHIPPED)
    for name in SHIPPED:
        scenario = read_scenario(name)
        assert scenario.name == name
        assert make_world(scenario).lanes


def test_a_scenario_of_the_same_name_is_not_the_shipped_one() -> None:
    shipped = read_scenario("minsk")
    assert is_shipped(shipped)
    assert is_shipped(replace(shipped, seed=1))
    assert not is_shipped(replace(shipped, days=7))
    assert not is_shipped(parse_scenario(TINY))


def test_each_parameter_and_register_has_a_source() -> None:
    for table in ("parameters", "registers", "groups"):
        assert all(row["source"] for row in read_data(table))


def test_a_scenario_reads_everything_it_says() -> None:
    scenario = parse_scenario(TINY)
    assert (scenario.seed, scenario.days, scenario.parties, scenario.witnesses) == (7, 100, ("BY", "CN"), ("KZ",))
    assert [(shock.register, shock.event) for shock in scenario.shocks] == [
        ("BY", Mass.SUSPEND),
        ("CN", Mass.REGISTER_AGAIN),
    ]
    assert scenario.parameters["suspend_rate"] == 0.3
    assert scenario.parameters["grant_rate"] == 0.07


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("seed = 7", "seed = -1", "seed"),
        ("seed = 7", "sed = 7", "seed"),
        ("seed = 7", "seed = 7\nextra = 1", "extra"),
        ("seed = 7", "seed = true", "seed"),
        ("days = 100", "days = 0", "days"),
        ("begins = 2025-01-01", 'begins = "2025"', "begins"),
        ('"BY", "CN"', '"by"', "parties"),
        ("share = 0.2", "share = 1.2", "shock[0].share"),
        ('"suspend"', '"burn"', "shock[0].event"),
        ("within_s = 600", "within_s = 600\nmore = 1", "shock[1].more"),
        ("reassess_rate", "unknown_rate", "parameters.unknown_rate"),
        ("reassess_rate = 0.05", "reassess_rate = nan", "parameters.reassess_rate"),
        ("suspend_rate = 0.3", "suspend_rate = -0.3", "parameters.suspend_rate"),
        ("suspend_rate = 0.3", "suspend_rate = 1e12", "parameters.suspend_rate"),
        ("suspend_rate = 0.3", "suspend_rate = inf", "parameters.suspend_rate"),
        ("suspend_rate = 0.3", "suspend_rate = true", "parameters.suspend_rate"),
        ("suspend_rate = 0.3", "code_errors = 1.01", "parameters.code_errors"),
        ("suspend_rate = 0.3", "monthly_missed = 1", "parameters.monthly_missed"),
        ("suspend_rate = 0.3", "list_period_s = 0", "parameters.list_period_s"),
        ("questions = 500", "questions = 1_000_000_000_000", "parameters.questions"),
        ("questions = 500", "questions = 2.5", "parameters.questions"),
        ("suspend_rate = 0.3", "register_default = 2.5", "parameters.register_default"),
        ("suspend_rate = 0.3", "list_period_s = 0.5e3", "parameters.list_period_s"),
        ("most_replications = 5", "most_replications = 5.5", "parameters.most_replications"),
        ("most_replications = 5", "most_replications = 4", "parameters.least_replications"),
        ("BY = 30", "BY = 1_000_000_000_000", "registers.BY"),
        ("day = 40", "day = 100", "shock[0].day"),
        ("day = 40", "day = nan", "shock[0].day"),
        ("day = 40", "day = 99.97", "shock[0].within_s"),
        ("within_s = 3600", "within_s = -1", "shock[0].within_s"),
        ("BY = 30", "BY = 3.5", "registers.BY"),
        ("BY = 30", "BY = 0", "registers.BY"),
        ("BY = 30", "BY = 100_001", "registers.BY"),
        ("begins = 2025-01-01", "begins = 2100-01-01", "begins"),
        ("begins = 2025-01-01", "begins = 1970-12-31", "begins"),
        ("begins = 2025-01-01", "begins = 2025-01-01T00:00:00Z", "begins"),
        ("within_s = 600", "within_s = inf", "shock[1].within_s"),
        ("[registers]", "[registers", "file"),
    ],
)
def test_a_fault_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    assert old in TINY
    with pytest.raises(MalformedScenario) as refused:
        parse_scenario(TINY.replace(old, new, 1))
    assert refused.value.key == key


def test_what_is_allowed_is_said_beside_what_was_found() -> None:
    with pytest.raises(MalformedScenario, match=r"parameters.code_errors: found 1.5, needed 0 to 1$"):
        parse_scenario(TINY.replace("suspend_rate = 0.3", "code_errors = 1.5"))
    with pytest.raises(
        MalformedScenario, match=r"registers.BY: found 1000000000000, needed a whole number, 1 to 100,000$"
    ):
        parse_scenario(TINY.replace("BY = 30", "BY = 1_000_000_000_000"))
    with pytest.raises(
        MalformedScenario, match=r"shock\[1\].day: found 100, needed less than the 100 days of the run$"
    ):
        parse_scenario(TINY.replace("day = 50", "day = 100"))
    with pytest.raises(MalformedScenario, match=r"found 6, needed at most most_replications, which is 5$"):
        parse_scenario(TINY + "least_replications = 6\n")


def test_each_parameter_is_within_what_its_row_allows() -> None:
    for row in read_data("parameters"):
        assert float(row["least"]) <= float(row["value"]) <= float(row["most"]), row["name"]


def test_an_unknown_name_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(UnknownScenario) as refused:
        read_scenario(str(tmp_path / "none.toml"))
    assert refused.value.known == SHIPPED


def test_a_shock_to_a_register_that_nobody_recognises_is_refused() -> None:
    with pytest.raises(MalformedScenario) as refused:
        make_world(parse_scenario(TINY.replace('register = "CN"', 'register = "KZ"')))
    assert refused.value.found == "KZ"


def test_parties_that_nobody_joins_are_refused() -> None:
    with pytest.raises(MalformedScenario) as refused:
        make_world(parse_scenario(TINY.replace('"BY", "CN"', '"BY", "US"')))
    assert refused.value.key == "parties"


def test_signed_is_not_in_force() -> None:
    begins = read_scenario("world-2025").begins
    stages = {one.name: one.stage for one in list_dated(begins, 18)}
    assert stages["MERCOSUR-P"] == "signed"
    assert stages["CN-BY"] == "in force"
    assert {one.name: one.stage for one in list_dated(read_scenario("belarus-china").begins, 18)}[
        "CN-EC"
    ] == "not in force yet"
    assert stages["SG-IN"] == "signed"  # May 2025, and the usual lag is not over
    lanes = make_world(read_scenario("world-2025")).lanes
    pairs = {(lane.recogniser, lane.register) for lane in lanes}
    assert ("CN", "BY") in pairs
    assert not {("SG", "IN"), ("MERCOSUR", "PACIFIC")} & pairs
    before = make_world(read_scenario("world-2019")).lanes
    assert ("CN", "AU") in pairs
    assert ("CN", "AU") not in {(lane.recogniser, lane.register) for lane in before}


def test_what_is_supposed_is_marked_and_what_is_in_force_is_not() -> None:
    lanes = set(make_world(read_scenario("minsk")).lanes)
    assert Lane("CN", "BY", "CN-BY") in lanes
    assert Lane("CN", "AU", "CN-AU", imports_only=True) in make_world(read_scenario("world-2025")).lanes
    assert Lane("RU", "BY", "H-RU-BY", hypothetical=True) in lanes


def test_another_register_changes_no_event_of_this_one() -> None:
    small, large = (parse_scenario(TINY.replace("CN = 20", f"CN = {size}")) for size in (20, 200))
    traces = [make_trace(one, make_world(one), Streams(one.seed)) for one in (small, large)]
    belarus = [
        list(zip(trace.time[mine].tolist(), trace.operator[mine].tolist(), trace.kind[mine].tolist(), strict=True))
        for trace in traces
        if (mine := trace.register == trace.registers.index("BY")) is not None
    ]
    assert belarus[0] == belarus[1]
    assert len(traces[1]) > len(traces[0])
