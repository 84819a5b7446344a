"""Whole runs: the same seed gives the same bytes, a run that broke off goes on, and the report says what the tables say."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.errors.lab import DamagedRun, NotARun, OtherRun
from aeo_ledger.lab import run as running
from aeo_ledger.lab.code_forms import FORMS
from aeo_ledger.lab.compare import compare_parameters, compare_runs
from aeo_ledger.lab.corridor import list_orders
from aeo_ledger.lab.parts import PARTS
from aeo_ledger.lab.run import Run, open_run, run_scenario
from aeo_ledger.lab.scenario import parse_scenario, read_scenario
from support.tiny_lab import TINY, list_files


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that broke off before its last part, and then went on."""
    folder = tmp_path_factory.mktemp("lab") / "run"
    scenario = parse_scenario(TINY)

    class Broken(Exception):
        """The power fails."""

    def fail(words: str) -> None:
        if words.endswith(PARTS[-1].title.lower()):
            raise Broken

    with pytest.raises(Broken):
        run_scenario(scenario, folder, progress=fail)
    with pytest.raises(NotARun, match=PARTS[-1].name):
        open_run(folder)
    begun: list[str] = []
    finished = run_scenario(scenario, folder, progress=begun.append)
    assert len([words for words in begun if " of " in words and words[0].isdigit()]) == 1
    return finished


def test_the_same_seed_gives_the_same_bytes(done: Run, tmp_path: Path) -> None:
    """Keys, chain id, blocks, lists, tables and figures; only times of this machine differ."""
    run_scenario(parse_scenario(TINY), tmp_path / "again")
    first, second = list_files(done.folder), list_files(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert {
        "report.html",
        "datapackage.json",
        "ro-crate-metadata.json",
        "CITATION.cff",
        "figures/delays.svg",
    } <= first.keys()


def test_every_event_was_sealed_and_every_past_answer_proven(done: Run) -> None:
    totals = {row["what"]: row["value"] for row in done.tables["ledger_totals"].records()}
    events = done.tables["ledger_events"].records()
    assert totals["events sealed and verified"] == str(len(events))
    assert all(row["decided_s"] < row["signed_s"] <= row["sealed_s"] for row in events)  # type: ignore[operator]
    assert totals["past answers asked"] == totals["past answers proven by the signed history"] != "0"
    disputes = {row["channel"]: (row["asked"], row["decided"]) for row in done.tables["disputes"].records()}
    assert disputes["monthly mail"][1] == 0
    assert all(disputes[name][0] == disputes[name][1] for name in ("status list", "compressed list", "ledger"))


def test_slower_channels_cost_more_days_and_the_ledger_loses_something(done: Run) -> None:
    undue = [float(str(row["undue"])) for row in done.tables["exposure"].records()]
    assert undue[0] > undue[1] > undue[2] > max(undue[3:])
    lost = {(row["rival"], row["measure"]) for row in done.tables["verdicts"].records() if row["better"] == "rival"}
    assert ("status list", "bytes of the proof of one answer") in lost
    assert ("monthly mail", "bytes between administrations a year") in lost


def test_the_reader_matches_more_codes_than_an_exact_comparison(done: Run) -> None:
    exact, read = (float(str(row["matched"])) for row in done.tables["matching"].records())
    assert exact == pytest.approx(95, abs=3)
    assert exact < read < 100
    assert [form.name for form in FORMS if not form.is_read] == [
        "the certificate's number instead",
        "a digit lost",
        "two digits exchanged",
    ]
    assert [form.name for form in FORMS if form.is_exact] == ["as registered"]


def test_the_report_shows_tables_figures_sources_and_escapes_what_a_file_says(done: Run) -> None:
    page = (done.folder / "report.html").read_text(encoding="utf-8")
    assert "Tiny &lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "<b>&</b>" not in page
    text = unescape(re.sub(r"<[^>]+>", "", page))
    for table in done.tables.values():
        assert (table.title in text) != table.wall_clock
    assert page.count("<figure ") == len(list((done.folder / "figures").iterdir())) == 6
    assert page.count("tiny, seed 7, AEO Ledger") == 6
    assert "exportcompliancedaily.com" in text
    assert "The ledger loses in bytes between administrations a year" in text
    assert "Intervals: Student's over replications, cut off at 0" in text
    assert "Intervals: Wilson's, over the questions of all replications" in text
    assert "It loses in" not in text  # who? the rival stands before it
    assert "rerun it from its TOML file with --seed 7" in text
    assert "lab run tiny --seed" not in text  # no shipped scenario has this name
    assert all(f"<strong>{row['rival']}</strong>" in page for row in done.tables["verdicts"].records())


def test_the_data_package_describes_each_file_and_column(done: Run) -> None:
    package = json.loads((done.folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["name"] for resource in package["resources"]} == done.tables.keys()
    for resource in package["resources"]:
        with (done.folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            heading, *rows = csv.reader(file)
        assert heading == [field["name"] for field in resource["schema"]["fields"]]
        assert len(rows) == len(done.tables[resource["name"]].rows)
    machine = json.loads((done.folder / "wall-clock" / "machine.json").read_text(encoding="utf-8"))
    assert machine.keys() == {"system", "processor", "cores", "python"}
    crate = json.loads((done.folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    parts = next(node for node in crate["@graph"] if node["@id"] == "./")["hasPart"]
    assert all((done.folder / part["@id"]).is_file() for part in parts)


def test_the_command_goes_on_where_a_run_is(done: Run, tmp_path: Path) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(TINY, encoding="utf-8")
    shown = CliRunner().invoke(app, ["lab", "run", str(file), "--out", str(done.folder), "--json"])
    assert shown.exit_code == 0, shown.stderr
    assert json.loads(shown.stdout)["tables"] == sorted(done.tables)
    assert not re.search(r"^\d+ of \d+:", shown.stderr, re.MULTILINE)  # no part is made again
    told = CliRunner().invoke(app, ["lab", "run", str(file), "--out", str(done.folder)])
    (undue,) = (
        float(str(row["undue"]))
        for row in done.tables["exposure"].records()
        if row["channel"] == "The ledger of this project"
    )
    assert f"{undue:.2f}  The ledger of this project" in told.stdout
    assert undue < 0.1  # which one digit would show as nothing


def test_a_lane_s_days_add_up_to_the_whole(done: Run) -> None:
    first = {
        row["channel"]: row["undue_days"] for row in done.tables["replications"].records() if row["replication"] == 0
    }
    for channel, days in first.items():
        rows = [row for row in done.tables["lane_exposure"].records() if row["channel"] == channel]
        assert sum(float(str(row["undue"])) for row in rows) == pytest.approx(days, rel=1e-3, abs=1e-6)


def test_a_chain_helps_neighbours_alone_and_one_text_helps_everybody() -> None:
    orders = {name: (texts, pairs) for name, texts, pairs in list_orders(read_scenario("corridor"))}
    assert orders["in force today"] == (1, {("CN", "EU"), ("EU", "CN")})
    assert orders["a chain of neighbours"][0] == 5
    assert ("GE", "CN") not in orders["a chain of neighbours"][1]
    assert orders["one multilateral"][1] == orders["bilateral between all"][1]
    assert (orders["one multilateral"][0], orders["bilateral between all"][0]) == (1, 15)


def test_another_run_in_the_same_folder_is_refused(done: Run, tmp_path: Path) -> None:
    with pytest.raises(OtherRun):
        run_scenario(parse_scenario(TINY), done.folder, seed=8)
    with pytest.raises(OtherRun):
        run_scenario(parse_scenario(TINY.replace("suspend_rate = 0.3", "suspend_rate = 0.4")), done.folder)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OtherRun):
        run_scenario(parse_scenario(TINY), tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.mark.parametrize("damage", ["{", "[]", '{"parts": []}', '{"name": 1, "seed": 1, "identity": "x", "parts": []}'])
def test_a_damaged_state_is_no_run(done: Run, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(done.folder, folder)
    (folder / "run.json").write_text(damage)
    with pytest.raises(NotARun):
        open_run(folder)
    with pytest.raises(NotARun):
        run_scenario(parse_scenario(TINY), folder)


@pytest.mark.parametrize(
    ("name", "goes_on"),
    [
        ("tables/exposure.csv", False),
        ("tables/exposure.parquet", False),
        ("wall-clock/machine.json", False),
        ("figures/delays.svg", True),
        ("report.html", True),
    ],
)
@pytest.mark.parametrize("harm", ["shorter", "altered", "gone"])
def test_a_file_that_was_damaged_later_is_named(
    done: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, name: str, goes_on: bool, harm: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(done.folder, folder)
    assert open_run(folder).tables.keys() == done.tables.keys()
    data = (folder / name).read_bytes()
    if harm == "gone":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data[:-9] if harm == "shorter" else bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(DamagedRun) as refused:
        open_run(folder)
    assert refused.value.path == str(folder / name)
    assert ("no such file" if harm == "gone" else "bytes with the SHA-256") in refused.value.found
    shown = CliRunner().invoke(app, ["lab", "compare", str(done.folder), str(folder)])
    assert (shown.exit_code, str(folder / name) in shown.stderr.replace("\n", "")) == (2, True)
    monkeypatch.setattr(running, "finish", lambda _: None)
    if goes_on:
        run_scenario(parse_scenario(TINY), folder)
    else:
        with pytest.raises(DamagedRun):
            run_scenario(parse_scenario(TINY), folder)


@pytest.mark.parametrize(
    "record", [{"/etc/passwd": {}}, {"../x": {"bytes": 1, "sha256": "00"}}, {"report.html": 1}, []]
)
def test_a_record_opens_no_file_outside_of_the_run(done: Run, tmp_path: Path, record: object) -> None:
    folder = tmp_path / "run"
    shutil.copytree(done.folder, folder)
    state = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(state | {"files": record}))
    with pytest.raises((DamagedRun, NotARun)):
        open_run(folder)


def test_runs_are_compared_by_their_rows(done: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run is the same with a slower weekly file; the sealed run and everything else stay."""
    folder = tmp_path / "other"
    shutil.copytree(done.folder, folder)
    other = parse_scenario(f"{TINY}weekly_sender_h = 100\n")
    state = json.loads((folder / "run.json").read_text())
    for name in ("replications", "matrix", "lanes", "growth", "comparison"):
        del state["parts"][name]
    state["scenario"]["changed"] = dict(other.changed)
    state["identity"] = running._identify(other)
    (folder / "run.json").write_text(json.dumps(state))
    monkeypatch.setattr(
        running, "PARTS", tuple(part for part in PARTS if part.name not in {"matrix", "lanes", "growth", "comparison"})
    )
    slower = run_scenario(other, folder)
    assert compare_parameters(done, slower) == [("weekly_sender_h", 6.0, 100.0)]
    changed = {one.row for one in compare_runs(done, slower) if one.table == "exposure" and one.first != one.second}
    assert changed == {"Weekly file"}
    apart = {(one.row, one.column) for one in compare_runs(done, slower) if one.told_apart}
    assert ("Weekly file", "mean_s") in apart
    assert not any(one.told_apart for one in compare_runs(done, done))
    shown = CliRunner().invoke(app, ["lab", "compare", str(done.folder), str(folder)])
    assert shown.exit_code == 0
    assert "parameter weekly_sender_h: 6 -> 100" in shown.stdout


def test_the_command_refuses_by_name_and_needs_no_traceback(tmp_path: Path) -> None:
    unknown = CliRunner().invoke(app, ["lab", "run", "nowhere", "--out", str(tmp_path / "run")])
    assert (unknown.exit_code, "belarus-china" in unknown.stderr) == (2, True)
    nothing = CliRunner().invoke(app, ["lab", "compare", str(tmp_path), str(tmp_path)])
    assert (nothing.exit_code, "no finished run" in nothing.stderr) == (2, True)
