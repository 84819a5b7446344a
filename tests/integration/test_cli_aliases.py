"""Aliases as officers and border systems use them: bound by proof, asked about by proof, never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.workshop import QUESTION, Workshop

MID, LEI, DUNS = "BYMINTRA12MIN", "5493001KJTIIGC8Y1R12", "123456789"
FIRST, SECOND = "BY600000101", "BY600000102"


@pytest.fixture(scope="module")
def traders(shop: Workshop) -> None:
    """Two traders of type 3; the first one also has type 2."""
    for tin, kind in ((FIRST, "3"), (FIRST, "2"), (SECOND, "3")):
        assert shop.act("grant", tin, "--type", kind, "--roles", "carrier").exit_code == 0


def alias(shop: Workshop, verb: str, *arguments: str, code: int = 0) -> dict[str, Any]:
    key = ("--key", shop.key("CN")) if verb != "list" else ()
    return shop.json("alias", verb, *arguments, "--recogniser", "CN", "--accept-odd", *key, code=code)


def ask(shop: Workshop, *arguments: str, code: int = 0) -> dict[str, Any]:
    return shop.json("ask", *arguments, *QUESTION, code=code)


@pytest.mark.usefixtures("traders")
def test_an_alias_is_bound_asked_about_and_released(shop: Workshop, tmp_path: Path) -> None:
    assert ask(shop, "--alias", MID, code=1)["reasons"] == ["no_trader_under_alias"]
    done = alias(shop, "bind", MID, "--tin", FIRST)
    assert (done["acts"], done["unchanged"], done["proven"]) == (2, 0, True)
    assert alias(shop, "bind", MID, "--tin", FIRST)["unchanged"] == 1
    names = tmp_path / "aliases.csv"
    names.write_text(f"alias,kind,tin\n{MID},MID,{FIRST}\n")
    assert ask(shop, "--alias", MID, code=4)["error"] == "TraderUnnamed"
    evidence = tmp_path / "evidence.json"
    answer = ask(shop, "--alias", MID, "--aliases", str(names), "--evidence", str(evidence))
    assert (answer["recognised"], answer["trader"], answer["question"]["alias"]) == (True, FIRST, MID)
    again = shop.json("verify", str(evidence), "--alias", MID, *QUESTION)
    assert again == {name: value for name, value in answer.items() if name != "receipt"}
    forged = json.loads(evidence.read_text())
    forged["traders"][0]["tin"] = SECOND
    evidence.write_text(json.dumps(forged))
    assert shop.json("verify", str(evidence), "--alias", MID, *QUESTION, code=4)["error"] == "AliasOfAnother"
    snapshot = tmp_path / "now.snapshot"
    assert shop.run("snapshot", "take", "--out", str(snapshot)).exit_code == 0
    off_line = ask(shop, "--alias", MID, "--aliases", str(names), "--snapshot", str(snapshot))
    assert (off_line["recognised"], off_line["trader"]) == (True, FIRST)
    assert alias(shop, "bind", MID, "--tin", SECOND, code=3)["error"] == "AliasTaken"
    assert alias(shop, "bind", MID, "--tin", SECOND, "--also")["acts"] == 1
    assert ask(shop, "--alias", MID, "--aliases", str(names), code=4)["error"] == "AmbiguousAlias"
    (found,) = alias(shop, "list", MID)["aliases"]
    assert (found["ambiguous"], found["bindings"], found["traders"]) == (True, 2, [])
    assert alias(shop, "release", MID, code=3)["error"] == "AliasNotBound"
    assert alias(shop, "release", MID, "--tin", SECOND)["acts"] == 1
    (found,) = alias(shop, "list", "--file", str(names))["aliases"]
    assert (found["bindings"], found["traders"], len(found["entries"])) == (1, [FIRST], 2)
    assert ask(shop, "--alias", MID, "--aliases", str(names))["recognised"] is True
    assert alias(shop, "release", MID)["acts"] == 2
    assert ask(shop, "--alias", MID, "--aliases", str(names), code=1)["trader"] is None


@pytest.mark.usefixtures("traders")
def test_what_an_alias_meant_on_a_day_is_proven_from_its_signed_history(shop: Workshop, tmp_path: Path) -> None:
    names = tmp_path / "aliases.csv"
    names.write_text(f"alias,kind,tin,type\n{LEI},LEI,{SECOND},3\n")
    assert alias(shop, "bind", "--file", str(names))["acts"] == 1
    bound = ask(shop, "--alias", LEI, "--aliases", str(names))
    assert alias(shop, "release", "--file", str(names))["acts"] == 1
    then = ["--on", _moment(bound["block_time"])]
    assert ask(shop, "--alias", LEI, "--aliases", str(names), *then, "--no-history", code=4)["error"] == "HistoryNeeded"
    evidence = tmp_path / "evidence.cbor"
    past = ask(shop, "--alias", LEI, "--aliases", str(names), *then, "--evidence", str(evidence))
    assert (past["recognised"], past["trader"]) == (True, SECOND)
    assert shop.json("verify", str(evidence), "--alias", LEI, *then, *QUESTION)["trader"] == SECOND
    before = ["--on", "2020-01-01"]
    assert ask(shop, "--alias", LEI, "--aliases", str(names), *before, code=1)["reasons"] == ["no_trader_under_alias"]


@pytest.mark.usefixtures("traders")
def test_the_decision_behind_a_binding_is_kept_with_its_trader(shop: Workshop, tmp_path: Path) -> None:
    decision, code = tmp_path / "decision.txt", "135792468"  # no other test binds it
    decision.write_text("why this code means this trader")
    for verb in ("bind", "release"):
        alias(shop, verb, code, "--tin", SECOND, "--grounds", str(decision))
    kept = [one for one in shop.json("book", "show", SECOND)["documents"] if one["kind"] == "grounds"]
    assert len(kept) == 1  # both acts bind one document
    shown = shop.json("document", "show", kept[0]["commitment"])
    assert (shown["tin"], bytes.fromhex(shown["content"][2:])) == (SECOND, decision.read_bytes())
    alias(shop, "bind", code, "--tin", SECOND, "--grounds", "0x12", code=2)


def _moment(seconds: object) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.fromtimestamp(int(str(seconds)), UTC).isoformat()


@pytest.mark.usefixtures("traders")
def test_a_trader_sees_who_recognises_it_under_what_and_why_not(shop: Workshop, tmp_path: Path) -> None:
    names = tmp_path / "of-china.csv"
    names.write_text(f"alias,kind,tin\n{DUNS},DUNS,{FIRST}\n999999999,DUNS,{FIRST}\n888888888,DUNS,{SECOND}\n")
    assert alias(shop, "bind", DUNS, "--kind", "DUNS", "--tin", FIRST)["acts"] == 2
    command = ["ask", FIRST, "--everywhere", "--role", "carrier", "--aliases", f"CN={names}"]
    evidence = tmp_path / "everywhere.json"
    view = shop.json(*command, "--evidence", str(evidence))
    pinned = json.loads((shop.folder / "trust.json").read_text())
    others = [party["code"] for party in pinned["parties"] if party["code"] not in {"BY", "CN"}]
    assert (view["recognised_by"], view["not_recognised_by"], view["could_not_be_asked"]) == (["CN"], others, [])
    (china,) = [one for one in view["recognitions"] if one["recogniser"] == "CN"]
    assert (china["arrangements"], china["directions"]) == (["CN-BY"], ["import", "export", "transit"])
    assert len(china["benefits"]) == 5
    assert {(one["alias"], one["bound"]) for one in view["aliases"]} == {(DUNS, True), ("999999999", False)}
    others_say = {one["reasons"][0] for one in view["recognitions"] if one["recogniser"] != "CN"}
    # another test may have concluded an arrangement of Kazakhstan's before, which has no day yet
    assert others_say <= {"no_arrangement", "arrangement_not_in_force"}
    shown = shop.run(*command)
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert f"{FIRST} as carrier: recognised by CN" in shown.stdout
    assert f"alias: DUNS {DUNS}" in shown.stdout
    snapshot = tmp_path / "everywhere.snapshot"
    assert shop.run("snapshot", "take", "--out", str(snapshot)).exit_code == 0
    assert shop.json(*command, "--snapshot", str(snapshot))["recognitions"] == view["recognitions"]
    one = shop.json("verify", str(evidence), FIRST, *QUESTION)
    assert one["recognised"] is True
    nobody = shop.json("ask", "BY999999999", "--everywhere", "--role", "carrier", "--accept-odd", code=1)
    assert nobody["recognised_by"] == []
    assert (
        shop.json("ask", FIRST, "--everywhere", "--role", "carrier", "--recogniser", "KZ", code=1)["recognised_by"]
        == []
    )
    for wrong in (["--on", "2020-01-01"], ["--alias", MID], ["--aliases", str(names)], ["--direction", "up"]):
        assert shop.json("ask", FIRST, "--everywhere", "--role", "carrier", *wrong, code=2)["family"] == "malformed"


def test_a_question_names_one_trader_and_one_recogniser(shop: Workshop) -> None:
    for wrong in (
        [FIRST, "--alias", MID, *QUESTION],
        [*QUESTION],
        [FIRST, "--kind", "MID", *QUESTION],
        ["--alias", "XX", *QUESTION],
        [FIRST, "--direction", "import", "--role", "carrier"],
        [FIRST, "--recogniser", "CN", "--role", "carrier"],
    ):
        assert shop.json("ask", *wrong, code=2)["family"] == "malformed"


@pytest.mark.usefixtures("traders")
def test_what_the_ledger_would_refuse_is_refused_before_anything_is_signed(shop: Workshop, tmp_path: Path) -> None:
    rest = ("--tin", FIRST, "--recogniser", "CN", "--accept-odd")
    for command, error, code in (
        (("bind", "111111111", *rest, "--key", shop.key("BY")), "WrongKey", 3),
        (("bind", "111111111", *rest, "--key", shop.key("CN"), "--type", "9"), "MalformedText", 2),
        (("bind", "111111111", "--recogniser", "CN", "--key", shop.key("CN")), "MalformedText", 2),
        (("bind", "111111111", "--tin", "BY999999999", *rest[2:], "--key", shop.key("CN")), "NoStanding", 3),
        (("bind", "111111111", "--tin", "UY123456789", *rest[2:], "--key", shop.key("CN")), "MalformedText", 2),
        (("release", "111111111", "--recogniser", "CN", "--key", shop.key("CN")), "AliasNotBound", 3),
        (("list", "--recogniser", "CN"), "MalformedText", 2),
    ):
        assert shop.json("alias", *command, code=code)["error"] == error
    unasked = shop.run("alias", "bind", "111111111", *rest, "--key", shop.key("CN"), "--json")
    assert (unasked.exit_code, json.loads(unasked.stdout)["error"]) == (3, "NotConfirmed")
    names = tmp_path / "aliases.csv"
    names.write_text(f"alias,kind,tin,type\n111111111,,{FIRST},3\n111111111,,{SECOND},3\n")
    assert alias(shop, "bind", "--file", str(names), code=3)["detail"].startswith(
        "line 3: DUNS 111111111: another trader"
    )
    (found,) = alias(shop, "list", "111111111")["aliases"]
    assert found["bindings"] == 0


@pytest.mark.usefixtures("traders")
def test_a_file_of_many_codes_is_bound_at_once_and_asked_about(shop: Workshop, tmp_path: Path) -> None:
    names = tmp_path / "many.csv"
    codes = [f"{number}" for number in range(700_000_000, 700_000_030)]
    names.write_text("alias,kind,tin,type\n" + "".join(f"{code},DUNS,{FIRST},2|3\n" for code in codes))
    done = alias(shop, "bind", "--file", str(names))
    assert (done["acts"], done["unchanged"], done["proven"]) == (60, 0, True)
    assert done["told"][-2:] == ["60 acts in all", "  to see each act: --show-all"]
    assert alias(shop, "bind", "--file", str(names))["unchanged"] == 30
    listed = alias(shop, "list", "--file", str(names))["aliases"]
    assert {tuple(one["traders"]) for one in listed} == {(FIRST,)}
    assert alias(shop, "release", "--file", str(names))["acts"] == 60
