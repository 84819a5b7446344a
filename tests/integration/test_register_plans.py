"""`register plan`, `sign` and `apply`: a month's file becomes signed events, whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import PartyActKind
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.registers.documents import read_document
from aeo_ledger.signing import Password, Signer, open_key_file
from support.network import PASSWORD, now, open_book
from support.waiting import WITHIN_S
from support.workshop import QUESTION, Workshop, opened_workshop, write_csv

SECOND_KEY = "second-operator.json"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A workshop of this module's own: its registers change, and Kazakhstan's begins empty."""
    with opened_workshop(tmp_path_factory.mktemp("plans")) as shop:
        yield shop


def rows(count: int, first: int, **altered: str) -> list[dict[str, str]]:
    return [{"tin": f"EU{first + place}", "type": "AEOC", **altered} for place in range(count)]


def make(own: Workshop, folder: Path, *lines: dict[str, str], more: tuple[str, ...] = (), code: int = 0) -> Any:
    """Plan the EU's register."""
    file = write_csv(folder / "month.csv", *lines)
    plan = folder / "plan.json"
    arguments = ("register", "plan", str(file), "--party", "EU", "--accept-odd", "--out", str(plan), *more)
    return own.json(*arguments, code=code)


def carry_out(own: Workshop, folder: Path, *more: str, code: int = 0) -> Any:
    key = own.key("EU")
    return own.json("register", "apply", str(folder / "plan.json"), "--key", key, "--yes", *more, code=code)


def test_a_month_is_planned_shown_and_carried_out(own: Workshop, tmp_path: Path) -> None:
    first = rows(10, 1000)
    assert make(own, tmp_path, *first)["events"] == {"grant": 10}
    assert carry_out(own, tmp_path)["certificates"] == 10
    month = [dict(row) for row in first]
    month[0] |= {"name": "A corrected name"}
    month[1] |= {"status": "SUSPENDED", "since": "2024-03-01"}
    month[2] |= {"roles": "carrier|broker"}
    month = [*month[:9], *rows(1, 2000, status="ACTIVE", since="2023-05-05")]  # one is missing, one new was interrupted
    drawn = make(own, tmp_path, *month)
    assert drawn["events"] == {"grant": 1, "amend": 2, "suspend": 2, "reinstate": 1}
    assert (drawn["unchanged"], [one["tin"] for one in drawn["missing"]]) == (6, ["EU1009"])
    assert [change["columns"] for change in drawn["changes"]] == [["name"], ["status"], ["roles"], []]
    shown = own.run(
        "register",
        "plan",
        str(tmp_path / "month.csv"),
        "--party",
        "EU",
        "--accept-odd",
        "--out",
        str(tmp_path / "p.cbor"),
    )
    assert [line for line in shown.stdout.splitlines() if len(line) > 80] == []
    for line in (
        "  4 certificates to be changed or granted:",
        "    1 grant, 2 amend, 2 suspend, 1 reinstate",
        "  6 unchanged, 1 not in the file, 0 in doubt",
        "  3 of 10 would change (usual: up to 3)",
        "  1 ACTIVE since a later day than the ledger or the first day says: written as",
        "    suspended until then (`register plan --interrupted ignore` takes them as",
        "    valid all the time)",
        "  line 2  EU1000, type AEOC: AMEND",
        "      another document: name",
        "      status: ACTIVE since 2020-01-01 -> SUSPENDED since 2024-03-01",
        "      roles: carrier -> broker, carrier",
        "      in steps: ACTIVE since 2020-01-01; SUSPENDED since 2020-01-01; ACTIVE",
        "        since 2023-05-05",
    ):
        assert line in shown.stdout.splitlines(), shown.stdout
    done = carry_out(own, tmp_path)
    assert (done["certificates"], done["sealed_before"], done["publications"], done["proven"]) == (4, 0, 1, True)
    again = make(own, tmp_path, *month)
    assert (again["changes"], again["unchanged"], again["doubts"]) == ([], 10, [])
    with open_book(own.folder / "book.sqlite") as book:
        names = {read_document(one.content)["name"] for one in book.documents_of(_number(own, "EU")).values()}
        assert "A corrected name" in names
        assert [entry.what for entry in book.read_log()][-3:] == ["apply", "done", "plan"]


def bound(own: Workshop, tin: str) -> dict[str, list[int]]:
    """The events that bind each document about a trader, by the name in it."""
    found = own.json("book", "show", tin)["documents"]
    return {one["document"]["name"]: [place["event"] for place in one["bound"]] for one in found}


def test_of_two_plans_from_one_state_the_second_is_overtaken_and_its_document_is_not_said_to_be_there(
    own: Workshop, tmp_path: Path
) -> None:
    make(own, tmp_path, *rows(2, 7000))
    carry_out(own, tmp_path)
    first, second = (tmp_path / name for name in ("first", "second"))
    for folder in (first, second):
        folder.mkdir()
        month = [{**row, "name": f"{folder.name} of {row['tin']}"} for row in rows(2, 7000)]
        make(own, folder, *month, more=("--allow", "changes=2"))
    assert carry_out(own, second)["certificates"] == 2
    refused = carry_out(own, first, code=3)
    assert (refused["error"], "line 2, EU7000" in refused["detail"]) == ("PlanOvertaken", True)
    assert bound(own, "EU7000") == {"A name": [1], "first of EU7000": [], "second of EU7000": [2]}


def test_a_plan_that_is_only_made_moves_no_document_and_asks_for_no_needless_amendment(
    own: Workshop, tmp_path: Path
) -> None:
    there, renamed = rows(1, 7100), rows(1, 7100, name="Another name")
    more = ("--allow", "changes=9")
    make(own, tmp_path, *there)
    carry_out(own, tmp_path)
    make(own, tmp_path, *renamed, more=more)
    carry_out(own, tmp_path)
    make(own, tmp_path, *there, more=more)  # back to the first name: made, and thrown away
    assert make(own, tmp_path, *renamed, more=more)["changes"] == []
    assert own.act("suspend", "EU7100", "--type", "AEOC", "--since", "2024-01-01", party="EU").exit_code == 0
    assert own.act("reinstate", "EU7100", "--type", "AEOC", "--since", "2024-02-01", party="EU").exit_code == 0
    (row,) = renamed
    assert make(own, tmp_path, {**row, "since": "2024-02-01"}, more=more)["changes"] == []
    assert bound(own, "EU7100") == {"A name": [1], "Another name": [2]}


def test_a_plan_that_was_altered_is_never_done(own: Workshop, tmp_path: Path) -> None:
    make(own, tmp_path, *rows(1, 7200))
    carry_out(own, tmp_path)
    assert carry_out(own, tmp_path)["sealed_before"] == 1
    plan = tmp_path / "plan.json"
    document = json.loads(plan.read_text())
    (change,) = document["changes"]
    (event,) = change["events"]
    other = own.json("book", "show", "EU1000")["documents"][0]["commitment"]  # a document that the book has
    for altered, error in (
        ({"deadline": document["deadline"] + 1}, "UnknownPlan"),
        ({"changes": [{**change, "line": 9}]}, "UnknownPlan"),
        ({"changes": [{**change, "columns": ["name"]}]}, "UnknownPlan"),
        ({"changes": [{**change, "events": [event[:66] + other[2:]]}]}, "PlanOvertaken"),
        ({"changes": [{**change, "before": event[:66] + "00" * 32}]}, "UnknownPlan"),
    ):
        plan.write_text(json.dumps(document | altered))
        assert carry_out(own, tmp_path, code=3)["error"] == error, altered


def test_a_document_that_was_falsified_in_the_book_is_named_and_stops_what_needs_it(
    own: Workshop, tmp_path: Path
) -> None:
    make(own, tmp_path, *rows(1, 7300))
    carry_out(own, tmp_path)
    book = shutil.copy(own.folder / "book.sqlite", tmp_path / "book.sqlite")
    with sqlite3.connect(book) as opened:
        opened.execute("UPDATE documents SET content = replace(content, 'A name', 'B name') WHERE tin = 'EU7300'")
    opened.close()
    shown = own.run("book", "show", "EU7300", "--book", str(book))
    assert ("CHANGED since" in shown.stdout, "bound" in shown.stdout) == (True, False), shown.output
    (one,) = own.json("book", "show", "EU7300", "--book", str(book))["documents"]
    assert (one["damaged"], one["bound"], one["document"]) == (True, [], None)
    for command in (
        ("document", "show", one["commitment"]),
        ("register", "export", "--party", "EU", "--out", str(tmp_path / "out")),
        ("register", "plan", str(tmp_path / "month.csv"), "--party", "EU", "--accept-odd", "--out", "-"),
        ("register", "apply", str(tmp_path / "plan.json"), "--key", own.key("EU"), "--yes"),
    ):
        refused = own.run(*command, "--book", str(book))
        assert (refused.exit_code, one["commitment"] in refused.stderr) == (2, True), refused.output


def _number(own: Workshop, code: str) -> int:
    parties = json.loads((own.folder / "trust.json").read_text())["parties"]
    return next(int(party["number"]) for party in parties if party["code"] == code)


def test_a_past_answer_before_an_interruption_is_not_a_yes_by_mistake(own: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "by.csv", {"tin": "BY730000001", "since": "2023-05-05"})
    assert own.import_(file).exit_code == 0
    asked = ("ask", "BY730000001", *QUESTION, "--accept-odd", "--json")
    before = own.run(*asked, "--on", "2022-01-01")
    assert (before.exit_code, json.loads(before.stdout)["reasons"]) == (1, ["suspended"])
    assert own.run(*asked, "--on", "2024-01-01").exit_code == 0
    assert own.run("ask", "BY730000001", *QUESTION, "--accept-odd").exit_code == 0


def test_carrying_out_again_sends_nothing_and_a_plan_that_was_overtaken_is_refused_by_row(
    own: Workshop, tmp_path: Path
) -> None:
    lines = rows(3, 3000)
    make(own, tmp_path, *lines)
    carry_out(own, tmp_path)
    done = carry_out(own, tmp_path)
    assert (done["certificates"], done["sealed_before"], done["publications"], done["block"] > 0) == (0, 3, 0, True)
    changed = [{**row, "roles": "broker"} for row in lines]
    make(own, tmp_path, *changed, more=("--allow", "changes=3"))
    assert own.act("suspend", "EU3001", "--type", "AEOC", party="EU").exit_code == 0
    refused = carry_out(own, tmp_path, code=3)
    assert (refused["error"], "line 3, EU3001" in refused["detail"]) == ("PlanOvertaken", True)
    assert "line 2" not in refused["detail"]
    after = make(own, tmp_path, *changed, more=("--allow", "changes=3"))
    assert [one["tin"] for one in after["doubts"]] == ["EU3001"]
    assert carry_out(own, tmp_path)["certificates"] == 2


def test_a_truncated_file_ends_nothing_and_what_is_meant_is_named(own: Workshop, tmp_path: Path) -> None:
    lines = rows(60, 4000)
    make(own, tmp_path, *lines)
    carry_out(own, tmp_path)
    refused = make(own, tmp_path, *lines[:10], more=("--missing", "withdraw"), code=3)
    assert (refused["error"], "allow ends=" in refused["detail"]) == ("TooManyChanges", True)
    few = make(own, tmp_path, *lines[:10])
    assert (few["changes"], len(few["missing"]) >= 50) == ([], True)
    ends = refused["detail"].partition("allow ends=")[2].partition(";")[0]
    own.json("book", "set", "EU", "--ends", "90", "--changes", "90")
    meant = make(own, tmp_path, *lines[:10], more=("--missing", "revoke", "--allow", f"ends={ends}"))
    assert meant["allowed"]["ends"] == int(ends)
    assert (
        own.run("register", "apply", str(tmp_path / "plan.json"), "--key", own.key("EU")).exit_code == 3
    )  # nobody is asked
    own.json("book", "set", "EU", "--ends", "2", "--changes", "30")


def test_who_signs_believes_no_word_of_a_plan_beside_its_events(own: Workshop, tmp_path: Path) -> None:
    lines = rows(60, 4000)
    make(own, tmp_path, *lines)
    carry_out(own, tmp_path)
    own.json("book", "set", "EU", "--ends", "90", "--changes", "90")
    make(own, tmp_path, *lines[:10], more=("--missing", "revoke"))
    own.json("book", "set", "EU", "--ends", "2", "--changes", "30")
    plan, sign = tmp_path / "plan.json", ("register", "sign", str(tmp_path / "plan.json"), "--key", own.key("EU"))
    document = json.loads(plan.read_text())
    ends, living = document["allowed"]["ends"], document["living"]
    words: tuple[dict[str, Any], ...] = ({"allowed": {}}, {"allowed": {}, "living": 10_000_000, "rows": 10_000})
    for altered in words:
        plan.write_text(json.dumps(document | altered))
        for refused in (own.json(*sign, "--yes", code=3), carry_out(own, tmp_path, code=3)):
            assert refused["error"] == "TooManyChanges"
            assert refused["detail"].startswith(f"{ends} of {living} certificates would end")
    plan.write_text(json.dumps(document | {"allowed": {"ends": 9999}}))
    assert own.json(*sign, "--yes", code=2)["error"] == "UnsoundPlan"
    told = {"columns": ["name", "RESULT: EU4010 keeps its certificate"]}
    doubt = {"line": 1, "tin": "EU1", "reason": 'same day". plan checked: nothing is revoked'}
    changes = [change | told for change in document["changes"]]
    plan.write_text(json.dumps(document | {"rows": 99, "living": 9, "changes": changes, "doubts": [doubt]}))
    shown = own.run(*sign, "--yes").output.splitlines()
    for line in (
        "the register of EU, by its own words from a file of 99 certificates, as of block",
        "  by its own words 98 unchanged, 0 not in the file, 1 in doubt",
        f"  {ends} of {living} would end (usual: up to 1, which by its own words was allowed)",
        '      another document: name, "RESULT: EU4010 keeps its certificate"',
        "by its own words in doubt, and nothing is done about them:",
        '  line 1  EU1: "same day\\". plan checked: nothing is revoked"',
    ):
        assert line in shown, shown[:20]


def test_a_plan_lapses_and_is_of_one_ledger(own: Workshop, tmp_path: Path) -> None:
    make(own, tmp_path, *rows(1, 5000), more=("--for", "1s"))
    time.sleep(1.2)
    refused = carry_out(own, tmp_path, code=3)
    assert refused["error"] == "PlanLapsed"
    make(own, tmp_path, *rows(1, 5000))
    plan = tmp_path / "plan.json"
    document = json.loads(plan.read_text())
    plan.write_text(json.dumps(document | {"chain": document["chain"] + 1}))
    assert carry_out(own, tmp_path, code=3)["error"] == "OtherPlan"
    plan.write_text(
        json.dumps(document | {"deadline": document["deadline"] + 1})
    )  # another plan, but of known documents
    assert carry_out(own, tmp_path)["certificates"] == 1


def test_a_plan_is_carried_out_only_with_the_book_that_has_its_documents(own: Workshop, tmp_path: Path) -> None:
    make(own, tmp_path, *rows(2, 5100))
    refused = carry_out(own, tmp_path, "--book", str(tmp_path / "other.sqlite"), code=3)
    assert (refused["error"], refused["detail"].startswith("2 of 2 documents")) == ("DocumentsMissing", True)
    assert carry_out(own, tmp_path)["certificates"] == 2


def test_two_operators_sign_the_same_plan_by_mail(own: Workshop, tmp_path: Path) -> None:
    """Under a threshold of two, the second operator gets the plan by mail, signs it, and anybody of the office carries it out."""
    second = tmp_path / SECOND_KEY
    assert own.run("key", "new", str(second)).exit_code == 0
    add_second_operator(own, second)
    make(own, tmp_path, *rows(3, 6000))
    plan = tmp_path / "plan.json"
    alone = carry_out(own, tmp_path, code=3)
    assert (alone["error"], "TOO_FEW_SIGNATURES" in alone["detail"]) == ("RefusedBeforehand", True)
    signed = own.json("register", "sign", str(plan), "--key", own.key("EU"), "--yes")
    assert (signed["publications"], signed["signatures"]) == (1, 1)
    mailed = shutil.copy(plan, tmp_path / "mailed.json")
    shown = own.json("act", "show", str(mailed))
    assert (shown["plan"], shown["proven"], shown["events"]) == (signed["plan"], True, {"grant": 3})
    assert [line.partition(": ")[2] for line in shown["signed"]] == ["an operator of EU"]
    assert shown["lacks"] == [{"enough": 1, "of": ["EU"], "role": "operator"}]
    russian = own.run("act", "show", str(mailed), "--lang", "ru").stdout
    for line in (f"план {signed['plan']}", "  изменить или выдать 3 сертификата:", "ещё не подписали: исполнители EU"):
        assert line in russian.splitlines(), russian
    assert "ВЫДАЧА" in russian
    assert not re.search("certificate|granted|sealed|signed", russian)
    for verb in (("sign", "--key", own.key("EU")), ("submit",)):
        other = own.json("act", verb[0], str(mailed), *verb[1:], code=2)
        assert (other["error"], "`register sign` signs a plan" in other["detail"]) == ("MalformedText", True)
    wrong = own.json("register", "sign", str(mailed), "--key", own.key("CN"), "--yes", code=3)
    assert wrong["error"] == "WrongKey"
    both = own.json("register", "sign", str(mailed), "--key", str(second), "--yes")
    assert (both["signatures"], both["plan"]) == (2, signed["plan"])
    assert own.json("act", "show", str(mailed))["lacks"] == []
    document = json.loads(Path(mailed).read_text())
    (tmp_path / "forged.json").write_text(json.dumps(document | {"deadline": document["deadline"] - 1}))
    forged = own.json("register", "apply", str(tmp_path / "forged.json"), "--yes", code=3)
    assert forged["family"] == "refused"
    done = own.json("register", "apply", str(mailed), "--yes")
    assert (done["certificates"], done["plan"]) == (3, signed["plan"])


def add_second_operator(own: Workshop, second: Path) -> None:
    """Give the EU a second operator, and demand the signatures of both."""
    trust = read_trust(own.folder / "trust.json")
    authority, fresh = (open_key_file(Path(path), Password(PASSWORD)) for path in (own.key("EU", "authority"), second))
    steps: list[tuple[PartyActKind, dict[str, Any], list[Signer]]] = [
        (PartyActKind.ADD_OPERATOR, {"key": fresh.address}, [authority, fresh]),
        (PartyActKind.SET_THRESHOLD, {"detail": 2}, [authority]),
    ]
    for kind, members, signers in steps:
        with GatewayClient(own.url, timeout_s=WITHIN_S) as desk:
            member = next(one for one in desk.members() if one.party.code == "EU")
            values: dict[str, Any] = {
                "party": member.number, "serial": member.office.serial + 1, "deadline": now() + 60, "act": int(kind),
                "certificate_type": 0, "key": bytes(20), "detail": 0, "effective": 0, "grounds": bytes(32),
            }  # fmt: skip
            desk.submit(sign_act(SignedAct(name="PartyAct", values={**values, **members}), signers, trust))
