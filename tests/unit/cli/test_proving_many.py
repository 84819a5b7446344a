"""What a gateway that answers something else leaves of many questions: each is open, and none is a no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aeo_ledger.cli import output
from aeo_ledger.cli.asking_corridor import ask_corridor, read_corridor
from aeo_ledger.cli.asking_file import ask_file
from aeo_ledger.cli.proving_many import by_fetching
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import EVIDENCE_FORM
from aeo_ledger.office.question_file import read_question_file
from aeo_ledger.wording.words import ENGLISH
from support.sealed_world import BY, BY_TRADER, CN, NOW, CustomsFacts, SealedWorld, question, trust

TOLD = ("CN", "import", "exporter", None, None, None, None)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "now", lambda: NOW)


def test_a_gateway_without_evidence_leaves_every_line_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tins"
    file.write_text(BY_TRADER.text, encoding="utf-8")
    lines = read_question_file(file, TOLD, trust())
    claim = MalformedText("x", "y", "z")
    claim.said_by = "the gateway at http://g"
    for problems, note in (({}, "OtherQuestion: "), ({0: claim}, "the gateway at http://g says ")):
        prove = by_fetching(lambda _, problems=problems: (None, problems), trust(), evidence=None, max_age=300)  # type: ignore[misc]
        assert ask_file(lines, prove, out=None, words=ENGLISH, as_json=True) == 4
        (told,) = json.loads(capsys.readouterr().out)["lines"]
        assert told["verdict"] == "unproven"
        assert told["note"].startswith(note)


def test_a_problem_that_a_gateway_claims_beside_its_proof_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kept = tmp_path / "tins", tmp_path / "e.json"
    file.write_text(BY_TRADER.text, encoding="utf-8")
    evidence = SealedWorld(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY)).prove(question(BY_TRADER, CN))
    claims = {0: MalformedText("x", "y", "z")}
    prove = by_fetching(lambda _: (evidence, claims), trust(), evidence=kept, max_age=300)
    assert ask_file(read_question_file(file, TOLD, trust()), prove, out=None, words=ENGLISH, as_json=False) == 0
    assert "RECOGNISED" in capsys.readouterr().out
    assert EVIDENCE_FORM.decode(kept.read_bytes()) == evidence


def test_a_corridor_without_evidence_is_open_and_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    corridor = read_corridor(BY_TRADER.text, "exporter", "BY,KZ,CN", None, accept_odd=False)
    prove = by_fetching(lambda _: (None, {}), trust(), evidence=None, max_age=300)
    assert ask_corridor(corridor, trust(), prove, words=ENGLISH, as_json=False) == 4
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith("UNPROVEN, could not be asked: KZ, CN")
    assert shown[2].startswith("  KZ        transit   unproven: the evidence answers another question")
