"""`ask --file`, `verify --file` and `ask --corridor`: many answers, one evidence, and a bad line that costs no other."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.cli import output
from aeo_ledger.errors.verify import OtherFormUnasked, OtherQuestion
from aeo_ledger.evidence import EVIDENCE_FORM
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.many import list_needed, prove_each
from support.network import now
from support.waiting import WITHIN_S
from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop

NOBODY, ODD = "BY999999999", "BY51112580"


def _table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def _verdicts(path: Path) -> list[tuple[str, str]]:
    return [(row["line"], row["verdict"]) for row in _table(path.read_bytes())]


def test_a_file_of_tins_gets_a_table_and_one_evidence_which_is_checked_again(shop: Workshop, tmp_path: Path) -> None:
    file, out, evidence = (tmp_path / name for name in ("tins.txt", "table.csv", "evidence.cbor"))
    file.write_text(f"{TYPE_3}\n\n by 511 125 808 \n{TYPE_1}\r\nby1\n{NOBODY}\n{ODD}\n=1+1\n", encoding="utf-8")
    written = ("--out", str(out), "--evidence", str(evidence))
    result = shop.run("ask", "--file", str(file), *QUESTION, *written)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0] == "7 lines: 2 recognised, 2 not recognised, 3 malformed, 0 unproven"
    assert [line.split()[:2] for line in lines[1:4]] == [["line", "5"], ["line", "7"], ["line", "8"]]
    assert lines[4].startswith("proven     as of block ")
    assert _verdicts(out) == [
        ("1", "recognised"),
        ("3", "recognised"),
        ("4", "not_recognised"),
        ("5", "malformed"),
        ("6", "not_recognised"),
        ("7", "malformed"),
        ("8", "malformed"),
    ]
    rows = _table(out.read_bytes())
    assert (rows[1]["typed"], rows[1]["tin"], rows[1]["note"]) == ("by 511 125 808", TYPE_3, "spaces removed; capitals")
    assert rows[0]["benefits"].split("|")[0] == "fewer_document_checks"
    assert (rows[2]["reasons"], rows[2]["issuer"]) == ("type_out_of_scope", "")
    assert rows[6]["typed"] == "'=1+1", "a cell from outside is no formula"
    again = tmp_path / "again.csv"
    checked = shop.run("verify", str(evidence), "--file", str(file), *QUESTION, "--out", str(again))
    assert checked.exit_code == 2
    assert again.read_bytes() == out.read_bytes()
    assert checked.stdout.splitlines()[:4] == lines[:4]


def test_columns_say_what_is_asked_where_lines_differ(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "manifest.csv"
    file.write_text(
        "Reference;TIN;recogniser;type;on\n"
        f"D-1;{TYPE_3};;;\n"
        f"D-2;{TYPE_3};KZ;;\n"
        f"D-3;{TYPE_3};CN;3;2020-01-01\n"
        f"D-4;{TYPE_3};XX;;\n"
        f"D-5;{TYPE_3};CN;9;\n"
        f"D-6;{TYPE_3};CN\n"
        f'D-7;"{TYPE_3};;;\n'
        f"D-8;{TYPE_3};CN;;20200101\n"
        f"D-9;{TYPE_3};CN;;2100-01-01\n",
        encoding="utf-8-sig",
    )
    document = shop.json("ask", "--file", str(file), *QUESTION, code=4)
    rows = document["lines"]
    assert [(row["line"], row["reference"], row["verdict"]) for row in rows] == [
        (2, "D-1", "recognised"),
        (3, "D-2", "not_recognised"),
        (4, "D-3", "recognised"),
        (5, "D-4", "malformed"),
        (6, "D-5", "malformed"),
        (7, "", "malformed"),
        (8, "", "malformed"),
        (9, "D-8", "malformed"),
        (10, "D-9", "unproven"),
    ]
    assert rows[1]["reasons"] == ["no_arrangement"]
    assert rows[3]["note"].startswith("the pinned trust bundle has no party XX") or "XX" in rows[3]["note"]
    assert rows[5]["note"] == "cells: found 3, needed 5, as the first line has"
    assert rows[8]["note"].startswith(f'the gateway at {shop.url} says "')
    assert document["counts"] == {"unproven": 1, "malformed": 5, "not_recognised": 1, "recognised": 2}


@pytest.mark.parametrize(
    ("lines", "code"),
    [([TYPE_3], 0), ([TYPE_3, TYPE_1], 1), ([TYPE_3, TYPE_1, "by"], 2), (["by"], 2)],
    ids=["yes", "no", "malformed", "nothing to ask"],
)
def test_exit_codes_of_a_file(shop: Workshop, tmp_path: Path, lines: list[str], code: int) -> None:
    file, evidence = tmp_path / "tins.txt", tmp_path / "e.json"
    file.write_text("\n".join(lines), encoding="utf-8")
    document = shop.json("ask", "--file", str(file), *QUESTION, "--evidence", str(evidence), code=code)
    assert evidence.exists() == any(line != "by" for line in lines)
    assert (document["block"] is None) == (not evidence.exists())
    if evidence.exists():
        assert (
            shop.json("verify", str(evidence), "--file", str(file), *QUESTION, code=code)["lines"] == document["lines"]
        )


def test_evidence_for_other_questions_proves_nothing(shop: Workshop, tmp_path: Path) -> None:
    file, fewer, more, evidence = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt", "e.json"))
    file.write_text(f"{TYPE_3}\n{TYPE_1}\n", encoding="utf-8")
    fewer.write_text(f"{TYPE_3}\n", encoding="utf-8")
    more.write_text(f"{TYPE_3}\n{TYPE_1}\n{NOBODY}\n", encoding="utf-8")
    shop.json("ask", "--file", str(file), *QUESTION, "--evidence", str(evidence), code=1)
    refused = shop.json("verify", str(evidence), "--file", str(fewer), *QUESTION, code=4)
    assert refused["error"] == "OtherQuestion"
    rows = shop.json("verify", str(evidence), "--file", str(more), *QUESTION, code=4)["lines"]
    assert [row["verdict"] for row in rows] == ["recognised", "not_recognised", "unproven"]
    assert rows[2]["note"].startswith("OtherQuestion: ")
    document = json.loads(evidence.read_bytes())
    document["nodes"].pop()
    evidence.write_text(json.dumps(document), encoding="utf-8")
    assert shop.json("verify", str(evidence), "--file", str(file), *QUESTION, code=4)["error"] == "MissingNode"


def test_a_snapshot_answers_files_and_corridors_too(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, file = tmp_path / "post.snapshot", tmp_path / "tins.txt"
    file.write_text(f"{TYPE_3}\n{TYPE_1}\n", encoding="utf-8")
    assert shop.run("snapshot", "take", "--out", str(snapshot)).exit_code == 0
    from_snapshot = ("--snapshot", str(snapshot), "--gateway", "http://127.0.0.1:1")
    rows = shop.json("ask", "--file", str(file), *QUESTION, *from_snapshot, code=1)["lines"]
    assert [row["verdict"] for row in rows] == ["recognised", "not_recognised"]
    told = shop.run("ask", TYPE_3, "--corridor", "BY,CN", "--role", "carrier", *from_snapshot)
    assert told.exit_code == 0
    assert "snapshot   " in told.stdout
    monkeypatch.setattr(output, "now", lambda: now() + 90_000)
    asked = ["ask", TYPE_3, "--corridor", "BY,CN", "--role", "carrier", *from_snapshot]
    assert shop.run(*asked).exit_code == 4
    assert "MORE THAN THE 1d THAT YOU ACCEPT" in shop.run(*asked, "--stale", "flag").stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "found no line"),
        ("\n\n", "found no line"),
        ("tin,colour\nBY1,red\n", "columns of the traders"),
        ("tin,tin\nBY1,BY1\n", "each once"),
        ("tin\n", "found no line"),
    ],
)
def test_a_file_that_is_none_is_malformed(shop: Workshop, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "tins.csv"
    file.write_text(text, encoding="utf-8")
    assert told in shop.json("ask", "--file", str(file), *QUESTION, code=2)["detail"]


def test_more_than_a_gateway_answers_is_refused_before_it_is_asked(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "tins.txt"
    file.write_text("".join(f"BY{100_000_000 + place}\n" for place in range(1_001)), encoding="utf-8")
    nobody = ("--gateway", "http://127.0.0.1:1", "--accept-odd")
    assert "1 to 1,000" in shop.json("ask", "--file", str(file), *QUESTION, *nobody, code=2)["detail"]


@pytest.mark.parametrize(
    "surplus",
    [
        [TYPE_3],
        ["--alias", "X"],
        ["--everywhere"],
        ["--corridor", "BY,CN"],
        ["--aliases", "a.csv"],
        ["--evidence", "-", "--out", "-"],
    ],
)
def test_options_without_effect_beside_a_file_are_refused(shop: Workshop, tmp_path: Path, surplus: list[str]) -> None:
    file = tmp_path / "tins.txt"
    file.write_text(TYPE_3, encoding="utf-8")
    assert shop.json("ask", "--file", str(file), *QUESTION, *surplus, code=2)["error"] == "MalformedText"


def test_options_that_need_a_file_are_refused_without_one(shop: Workshop, tmp_path: Path) -> None:
    evidence, out = tmp_path / "e.json", str(tmp_path / "t.csv")
    shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(evidence))
    for arguments in (["ask", TYPE_3], ["verify", str(evidence), TYPE_3]):
        assert "--file too" in shop.json(*arguments, *QUESTION, "--out", out, code=2)["detail"]
    file = tmp_path / "tins.txt"
    file.write_text(TYPE_3, encoding="utf-8")
    for surplus in ([TYPE_3], ["--archived"], ["--alias", "X"], ["--received", "2020-01-01"]):
        arguments = ["verify", str(evidence), *surplus, "--file", str(file), *QUESTION]
        assert shop.json(*arguments, code=2)["error"] == "MalformedText"
    for verb in (["ask", TYPE_3], ["verify", str(evidence), TYPE_3]):
        for left_out in range(0, len(QUESTION), 2):
            given = [*QUESTION[:left_out], *QUESTION[left_out + 2 :]]
            assert f"Missing option '{QUESTION[left_out]}'." in shop.run(*verb, *given).output


def test_a_file_on_standard_input_and_a_table_on_standard_output(shop: Workshop, tmp_path: Path) -> None:
    """Only the table is on standard output."""
    file = tmp_path / "tins.txt"
    file.write_text(f"{TYPE_3}\n", encoding="utf-8")
    result = shop.run("ask", "--file", str(file), *QUESTION, "--out", "-")
    assert _table(result.stdout.encode())[0]["verdict"] == "recognised"


def test_a_table_replaces_only_a_table(shop: Workshop, tmp_path: Path) -> None:
    file, out = tmp_path / "tins.txt", tmp_path / "t.csv"
    file.write_text(TYPE_3, encoding="utf-8")
    for _ in range(2):
        shop.json("ask", "--file", str(file), *QUESTION, "--out", str(out))
    out.write_text("something else", encoding="utf-8")
    assert shop.json("ask", "--file", str(file), *QUESTION, "--out", str(out), code=3)["error"] == "OutputTaken"
    assert shop.json("ask", "--file", str(file), *QUESTION, "--out", str(file), code=3)["error"] == "OutputTaken"


# ---- corridors ----


@pytest.mark.parametrize(
    ("route", "code", "first", "told"),
    [
        ("BY,CN", 0, "RECOGNISED on the whole route; benefits everywhere: fewer document checks", "home"),
        ("BY,KZ,CN", 1, "RECOGNITION BREAKS at KZ", "not recognised: no arrangement"),
        ("CN,AZ,GE,TR", 4, "UNPROVEN, could not be asked: AZ, GE, TR", "not on this ledger"),
        ("AZ,KZ,TR", 1, "RECOGNITION BREAKS at KZ", "not recognised: no arrangement"),
    ],
)
def test_a_corridor_is_proven_stage_by_stage(
    shop: Workshop, tmp_path: Path, route: str, code: int, first: str, told: str
) -> None:
    evidence = tmp_path / "e.json"
    asked = ["ask", TYPE_3, "--corridor", route, "--role", "carrier"]
    result = shop.run(*asked, "--evidence", str(evidence))
    assert result.exit_code == code
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{TYPE_3} as carrier on {' - '.join(route.split(','))}: {first}")
    assert any(told in line for line in lines)
    assert lines[-1].startswith("proven     as of block ")
    stages: list[dict[str, Any]] = shop.json(*asked, code=code)["stages"]
    assert [stage["party"] for stage in stages] == route.split(",")
    for stage in stages:
        if stage["standing"] == "asked":
            alone = ["--recogniser", stage["party"], "--direction", stage["direction"], "--role", "carrier"]
            checked = shop.json("verify", str(evidence), TYPE_3, *alone, code=0 if stage["recognised"] else 1)
            assert checked["recognised"] is stage["recognised"]


def test_a_corridor_whose_parties_are_not_here_asks_nobody(shop: Workshop) -> None:
    nobody = ("--gateway", "http://127.0.0.1:1")
    document = shop.json("ask", TYPE_3, "--corridor", "AZ,GE", "--role", "carrier", *nobody, code=4)
    assert (document["open_at"], document["block"]) == (["AZ", "GE"], None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--corridor", "BY,CN", "--role", "carrier"], "--corridor"),
        ([TYPE_3, "--corridor", "CN", "--role", "carrier"], "2 to 50 different codes"),
        ([TYPE_3, "--corridor", "", "--role", "carrier"], "corridor"),
        ([TYPE_3, "--corridor", "BY,CN", "--role", "pirate"], "pirate"),
        ([TYPE_3, "--corridor", "BY,CN", "--role", "carrier", "--on", "2020-01-01"], "--on"),
        ([TYPE_3, "--corridor", "BY,CN", "--role", "carrier", "--recogniser", "CN"], "--recogniser"),
        ([TYPE_3, "--corridor", "BY,CN", "--role", "carrier", "--direction", "up"], "up"),
    ],
)
def test_a_corridor_that_cannot_be_asked_is_malformed(shop: Workshop, arguments: list[str], told: str) -> None:
    assert told in shop.json("ask", *arguments, code=2)["detail"]


# ---- a trader with two numbers ----


def test_a_no_about_a_trader_with_two_numbers_needs_both_proofs(shop: Workshop, tmp_path: Path) -> None:
    file, evidence = tmp_path / "tins.txt", tmp_path / "e.json"
    file.write_text("XI123456789000\n", encoding="utf-8")
    shop.json("ask", "--file", str(file), *QUESTION, "--evidence", str(evidence), code=1)
    asked = read_question("XI123456789000", "CN", "import", "carrier")
    found = EVIDENCE_FORM.decode(evidence.read_bytes())
    assert found.questions == list_needed([asked])
    trust = read_trust(shop.folder / "trust.json")
    with GatewayClient(shop.url, timeout_s=WITHIN_S) as desk:
        alone = desk.evidence(asked)
    answer = prove_each(alone, [asked], trust, now=now(), max_age=300)[asked]
    assert isinstance(answer, OtherFormUnasked)
    with pytest.raises(OtherQuestion):
        prove_each(found, [read_question(TYPE_3, "CN", "import", "carrier")], trust, now=now(), max_age=300)
