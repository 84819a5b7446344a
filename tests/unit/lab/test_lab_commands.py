"""The lab's commands: what they show, and each refusal with its exit code."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.evidence.snapshot import SNAPSHOT_FORM
from aeo_ledger.lab.attacks_lists import HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.evaluate_outcomes import invent_outcomes
from aeo_ledger.lab.own_network import OwnNetwork, open_network
from aeo_ledger.rpc.server import create_node
from support.network import served

DATED = """
name = "EU-BY"
text = "a stand-in for the text"
[[recognition]]
recogniser = "EU"
register = "BY"
types = ["3"]
directions = ["import"]
benefits = ["fewer_inspections"]
"""
"""Signed, and not in force."""


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def call(*arguments: object) -> Told:
    found = CliRunner().invoke(app, [str(one) for one in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return Told(found.exit_code, found.stdout, found.stderr)


@dataclass(frozen=True)
class Scene:
    network: OwnNetwork
    home: Path

    @property
    def reads(self) -> tuple[object, ...]:
        return "--trust", self.network.folder / "trust.json", "--snapshot", self.home / "all.snapshot"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("commands")
    with open_network(home / "net", PARTIES, seed=4, begins=int(time.time()) - 1_000) as network:
        begin(network)
        network.conclude(DATED, "EU", "BY")
        network.suspend("BY", [HONEST], TYPE_3)
        (home / "all.snapshot").write_bytes(SNAPSHOT_FORM.encode_cbor(network.relay.snapshot()))
        yield Scene(network, home)


def test_arrangements_are_listed_with_their_stages(scene: Scene) -> None:
    listed = call("arrangement", "list", *scene.reads, "--json").document["recognitions"]
    assert {(one["arrangement"], one["recogniser"], one["register"], one["stage"]) for one in listed} == {
        ("CN-BY", "CN", "BY", "in_force"),
        ("CN-BY", "KZ", "BY", "in_force"),
        ("EU-BY", "EU", "BY", "signed"),
    }
    assert {one["in_force_from"] is None for one in listed if one["arrangement"] == "EU-BY"} == {True}
    told = call("arrangement", "list", *scene.reads, "--party", "EU")
    assert told.out.splitlines()[0] == "EU-BY       EU recognises BY, lane 0: signed"
    assert "CN" not in told.out
    assert call("arrangement", "list", *scene.reads, "--party", "PL").out.startswith("none\n")


def test_a_ledger_is_exported_from_its_folder_and_from_a_node_with_the_same_bytes(scene: Scene, tmp_path: Path) -> None:
    net = scene.network.folder
    told = call("export", "ledger", "--network", net, "--out", tmp_path / "one", "--json")
    assert told.document["rows"]["standings"] == 1
    with served(create_node(scene.network.embedded.rpc.answer)) as url:
        pins = ("--trust", net / "trust.json", "--genesis", net / "genesis.json")
        assert call("export", "ledger", "--rpc", url, *pins, "--out", tmp_path / "other").code == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    assert call("export", "ledger", "--network", net, "--out", tmp_path / "one").code == 3
    assert call("export", "ledger", "--network", tmp_path, "--out", tmp_path / "x").code == 2


@pytest.mark.parametrize(
    "options", [(), ("--network", "net", "--rpc", "http://127.0.0.1:1"), ("--rpc", "http://127.0.0.1:1")]
)
def test_an_export_from_nowhere_or_unpinned_is_malformed(options: tuple[str, ...], tmp_path: Path) -> None:
    told = call("export", "ledger", *options, "--out", tmp_path / "x")
    assert told.code == 2
    assert told.err.startswith("Malformed: ")
    assert not (tmp_path / "x").exists()


def test_an_arrangement_is_evaluated_from_counts_and_outcomes(scene: Scene, tmp_path: Path) -> None:
    cell = {"day": "2025-01-10", "recogniser": "CN", "register": "BY"}
    counts = [
        {**cell, "verdict": "recognised", "reason": None, "count": 90},
        {**cell, "verdict": "not_recognised", "reason": "suspended", "count": 10},
        {**cell, "verdict": "not_recognised", "reason": "role", "count": None},
    ]
    statistics, outcomes = tmp_path / "statistics.json", tmp_path / "outcomes.csv"
    statistics.write_text(json.dumps({"since": "2025-01-01", "until": "2025-02-01", "fewer_than": 5, "counts": counts}))
    outcomes.write_text(invent_outcomes(seed=3, consignments=400))
    asked = ("lab", "evaluate", "CN-BY", *scene.reads, "--statistics", statistics)
    told = call(*asked, "--outcomes", outcomes)
    assert told.code == 0, told.err
    assert "utilisation   90 of 100 (90.0%" in told.out
    assert "with the hidden counts 86.5% to 89.1%" in told.out
    assert "refused       suspended: 10" in told.out
    assert "delay         1 changes of status" in told.out
    assert "SYNTHETIC" in told.out
    assert "of shares Wilson's" in told.out
    outcomes.write_text("consignment,aeo,inspected,minutes\na,yes,no,10\nb,no,no,40\nc,no,no,50\n")
    few = call(*asked, "--outcomes", outcomes).out
    assert "inspections   no other was inspected, so there is no ratio\n" in few
    assert "time          78% shorter, one outcome, no interval\n" in few
    document = call(*asked, "--synthetic", "--json").document
    assert document["counts"]["hidden"] == 1
    assert document["outcomes"]["synthetic"] is True
    assert document["counts"]["trend"] is None
    assert call(*asked, "--json").document["outcomes"] is None


def test_an_evaluation_that_cannot_be_made_says_why(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text("{}")
    reads = scene.reads
    told = call("lab", "evaluate", "CN-XX", *reads, "--statistics", tmp_path / "wrong.json")
    assert (told.code, told.err) == (
        3,
        "Refused: no recognition is under an arrangement 'CN-XX'; there are CN-BY, EU-BY\n",
    )
    told = call("lab", "evaluate", "CN-BY", *reads, "--statistics", tmp_path / "wrong.json")
    assert told.code == 2
    assert "statistics of a gateway" in told.err
    assert call("lab", "evaluate", "CN-BY", *reads, "--synthetic", "--outcomes", "x").code == 2
    assert call("lab", "evaluate", "CN-BY", *reads, "--since", "yesterday").code == 2
    assert call("lab", "evaluate", "CN-BY", *reads, "--gateway", "http://127.0.0.1:9").code == 5


def test_programmes_and_partners_are_told_with_their_sources(tmp_path: Path) -> None:
    told = call("lab", "programmes", "BY", "EU")
    assert told.out.startswith("certificate types: differs\n  BY   1, 2, 3  [this project's customs tables]\n")
    points = call("lab", "programmes", "BY", "EU", "--json").document["points"]
    assert {one["verdict"] for one in points} >= {"unknown", "differs", "overlaps"}
    assert call("lab", "programmes", "BY", "no\x1b[2J").err.startswith(
        "Malformed: nothing is known here of the programme of 'no\\x1b[2J'"
    )
    first = call("lab", "partners", "BY").out.splitlines()[0]
    assert first.startswith(" 1          RU ")
    assert "Union State, EAEU" in first
    trade = tmp_path / "trade.csv"
    trade.write_text(
        "refYear,reporterISO,flowCode,partnerISO,cmdCode,primaryValue\n2024,CHN,X,VNM,TOTAL,5\n2024,CHN,M,VNM,TOTAL,5\n"
    )
    candidates = call("lab", "partners", "CN", "--trade", trade, "--json").document["candidates"]
    assert (candidates[0]["code"], candidates[0]["rank"], candidates[0]["incomplete"]) == ("VN", 1, False)
    assert call("lab", "partners", "CN").code == 2
    assert call("lab", "partners", "../..").code == 2
    assert call("lab", "partners", "BY", "--trade", tmp_path / "none.csv").code == 2


def test_attacks_are_run_and_told() -> None:
    told = call("lab", "attacks", "--only", "forged monthly file", "--seed", "3")
    assert told.out.splitlines()[0] == "forged monthly file, against the monthly file: 29d"
    assert (
        call("lab", "attacks", "--only", "forged monthly file", "--json").document["findings"][1]["succeeds"] is False
    )
    assert call("lab", "attacks", "--only", "bribery").code == 2


def test_growth_between_one_size_and_itself_is_no_growth() -> None:
    told = call("lab", "scale", "--standings", 500, "--standings", 500)
    assert told.code == 2
    assert "two sizes at least" in told.err
