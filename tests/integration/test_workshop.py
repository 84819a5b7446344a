"""A workshop over HTTP: tables act, agree and are cleared; no network but a demonstration is opened."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app as command
from aeo_ledger.errors.chain import DamagedLedger
from aeo_ledger.errors.workshop import NotADemonstration
from aeo_ledger.network.check import is_demonstration
from aeo_ledger.protocol.act_file import LARGEST_FILE
from aeo_ledger.protocol.acts import LARGEST_ACT
from aeo_ledger.workshop.opening import demand_demonstration
from support.ports import free_port
from support.waiting import WITHIN_S
from support.workshop_room import TIN, Served, found, serving

TERMS: dict[str, Any] = {
    "name": "CN-BY",
    "recognitions": [
        {
            "recogniser": "CN",
            "register": "BY",
            "types": ["3"],
            "directions": ["import"],
            "benefits": ["fewer_inspections"],
        }
    ],
}


def at_once(asks: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Send requests at the same moment, and return their answers in order."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return [one.result() for one in [pool.submit(ask) for ask in asks]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workshop") / "room"
    found(folder)
    return folder


@pytest.fixture(scope="module")
def served(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(home, tmp_path_factory.mktemp("work")) as served:
        yield served


def test_tables_grant_try_agree_suspend_and_read_the_figures(served: Served) -> None:
    by, cn = served.sit("BY"), served.sit("CN", "Li")
    granted = by.post("/workshop/certificates", json={"act": "grant", "tin": TIN, "type": "3", "roles": ["exporter"]})
    assert granted.json() == {"trader": TIN, "status": "active"}
    assert served.ask()["reasons"] == ["no_arrangement"]

    trial = {"terms": TERMS, "tin": TIN, "recogniser": "CN", "direction": "import", "role": "exporter"}
    assert cn.post("/workshop/trials", json=trial).json() == {
        "recognised": True,
        "reasons": [],
        "benefits": ["fewer_inspections"],
    }
    narrow = {**TERMS, "recognitions": [{**TERMS["recognitions"][0], "types": ["1"]}]}
    assert cn.post("/workshop/trials", json={**trial, "terms": narrow}).json()["reasons"] == ["type_out_of_scope"]
    assert served.ask()["reasons"] == ["no_arrangement"], "a trial changes nothing"

    offered = cn.post("/workshop/drafts", json=TERMS)
    assert offered.status_code == 201, offered.text
    draft = offered.json()
    assert (draft["by"], draft["missing"]) == ("CN", ["BY"])
    assert served.ask()["reasons"] == ["no_arrangement"], "one signature concludes nothing"
    seen = cn.get("/workshop/room").json()
    assert [one["number"] for one in seen["drafts"]] == [draft["number"]]
    again = cn.post(f"/workshop/drafts/{draft['number']}/signature", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:aeo-ledger:problem:draft-unknown")
    signed = by.post(f"/workshop/drafts/{draft['number']}/signature", json={})
    assert signed.json()["missing"] == []
    assert served.ask()["recognised"] is True

    assert (
        by.post("/workshop/certificates", json={"act": "suspend", "tin": TIN, "type": "3"}).json()["status"]
        == "suspended"
    )
    assert served.ask()["reasons"] == ["suspended"]
    told = cn.get("/workshop/room", params={"since": seen["version"]}).json()
    assert told["version"] > seen["version"]
    assert told["happenings"][0]["says"] == f"BY suspended the certificate of type 3 of {TIN}."
    russian = cn.get("/workshop/room", params={"language": "ru"}).json()["happenings"][0]["says"]
    assert russian == f"BY: приостановлен сертификат типа 3 участника {TIN}."
    counts = cn.get("/workshop/figures").json()["counts"]
    assert {(one["reason"], one["verdict"]) for one in counts} >= {("suspended", "not_recognised"), ("", "recognised")}
    assert TIN not in str(counts)


def test_a_draft_is_taken_back_or_declined_and_then_nobody_can_sign_it(served: Served) -> None:
    by, cn, eu = served.sit("BY"), served.sit("CN"), served.sit("EU")
    for who in (cn, by):
        number = cn.post("/workshop/drafts", json={**TERMS, "name": "other"}).json()["number"]
        assert eu.post(f"/workshop/drafts/{number}/end", json={}).status_code == 409
        assert who.post(f"/workshop/drafts/{number}/end", json={}).status_code == 200
        assert by.post(f"/workshop/drafts/{number}/signature", json={}).status_code == 409


def test_a_draft_is_declined_or_concluded_and_never_both(served: Served) -> None:
    cn, people = served.sit("CN"), [served.sit("BY", name) for name in ("Anna", "Boris", "Vera")]
    for _ in range(4):
        number = cn.post("/workshop/drafts", json=TERMS).json()["number"]
        together = [
            partial(who.post, f"/workshop/drafts/{number}/{act}", json={})
            for who, act in zip(people, ("signature", "end", "signature"), strict=True)
        ]
        answers = at_once(together)
        assert sorted(one.status_code for one in answers) == [200, 409, 409]
        late = {one.json()["type"] for one in answers if one.status_code == 409}
        assert late == {"urn:aeo-ledger:problem:draft-unknown"}


def test_a_new_offer_takes_the_place_of_the_last_to_the_same_table(served: Served) -> None:
    by, cn = served.sit("BY"), served.sit("CN")
    first, second, other = (
        who.post("/workshop/drafts", json={**TERMS, "name": name}).json()["number"]
        for who, name in ((cn, "first"), (cn, "second"), (by, "other"))
    )
    drafts = [one["number"] for one in cn.get("/workshop/room").json()["drafts"]]
    assert (first in drafts, second in drafts, other in drafts) == (False, True, True)
    for number in (second, other):
        cn.post(f"/workshop/drafts/{number}/end", json={}).raise_for_status()


def test_of_two_at_one_table_who_act_at_once_the_second_is_told_what_the_first_did(served: Served) -> None:
    people, tin = [served.sit("BY", name) for name in ("Anna", "Boris")], "BY405716901"
    body = {"act": "grant", "tin": tin, "type": "3", "roles": ["exporter"]}
    answers = at_once([partial(one.post, "/workshop/certificates", json=body) for one in people])
    assert sorted(one.status_code for one in answers) == [200, 409]
    refused = next(one for one in answers if one.status_code == 409).json()
    assert "found ACTIVE" in refused["detail"], refused


def test_a_wrong_row_of_a_register_is_named_and_nothing_is_published(served: Served) -> None:
    cn = served.sit("CN")
    sample = (Path(__file__).parents[2] / "src/aeo_ledger/registers/samples/CN.csv").read_text()
    broken = sample.replace(",ACTIVE,", ",ALIVE,", 1)
    refused = cn.post("/workshop/imports", json={"text": broken})
    assert refused.status_code == 400
    assert "ALIVE" in refused.json()["detail"]
    done = cn.post("/workshop/imports", json={"text": sample}).json()["certificates"]
    assert done == len(sample.splitlines()) - 1
    assert cn.post("/workshop/imports", json={"text": sample}).json() == {"certificates": 0}


def test_odd_numbers_of_a_file_are_published_only_if_the_table_says_so(served: Served) -> None:
    by = served.sit("BY")
    sample = (Path(__file__).parents[2] / "src/aeo_ledger/registers/samples/BY.csv").read_text()
    row = sample.splitlines()[1]
    odd = "\n".join([sample.splitlines()[0], row.replace("BY192900384", "BY192900385"), ""])
    refused = by.post("/workshop/imports", json={"text": odd})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:aeo-ledger:problem:odd-rows")
    assert "accept them as odd" in refused.json()["detail"]
    assert "--" not in refused.json()["detail"]
    assert by.post("/workshop/imports", json={"text": odd, "accept_odd": True}).json() == {"certificates": 1}


def test_a_member_acts_in_its_unions_register(served: Served) -> None:
    germany = served.sit("DE")
    granted = germany.post(
        "/workshop/certificates",
        json={"act": "grant", "tin": "DE1234567", "type": "AEOC", "roles": ["exporter"], "accept_odd": True},
    )
    assert granted.status_code == 200, granted.text
    assert granted.json()["status"] == "active"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"act": "annul", "tin": TIN, "type": "3"}, "act"),
        ({"act": "grant", "tin": TIN, "type": "9", "roles": ["exporter"]}, "type"),
        ({"act": "grant", "tin": TIN, "type": "3", "roles": ["king"]}, "role"),
        ({"act": "suspend", "tin": TIN, "type": "3", "reason": "mood"}, "reason"),
        ({"act": "suspend", "tin": TIN, "type": "3", "party": "CN"}, "party"),
        ({"act": "suspend", "tin": "x" * 81, "type": "3"}, "tin"),
    ],
)
def test_what_no_form_offers_is_refused_by_name(served: Served, body: dict[str, Any], detail: str) -> None:
    refused = served.sit("BY").post("/workshop/certificates", json=body)
    assert refused.status_code == 400
    assert detail in refused.json()["detail"]


def test_nobody_acts_for_another_table_or_without_a_seat(served: Served) -> None:
    cn = served.sit("CN")
    odd = cn.post(
        "/workshop/certificates", json={"act": "grant", "tin": "BY730439268", "type": "ADVANCED", "roles": ["exporter"]}
    )
    assert (odd.status_code, odd.json()["type"]) == (409, "urn:aeo-ledger:problem:odd-tin")
    assert "--" not in odd.json()["detail"], "there is no command line at a table"
    for seat in ({}, {"workshop-seat": "0" * 32}, {"workshop-seat": served.room.code}):
        with httpx.Client(base_url=served.url, headers=seat, timeout=60) as stranger:
            asked = [
                stranger.post("/workshop/certificates", json={"act": "suspend", "tin": TIN, "type": "3"}),
                stranger.post("/workshop/drafts", json=TERMS),
                stranger.post("/workshop/imports", json={"text": "x"}),
                stranger.post("/workshop/clear", json={"party": "BY"}),
                stranger.get("/workshop/room"),
                stranger.get("/workshop/figures"),
                stranger.get("/workshop/facilitator"),
            ]
            assert [one.status_code for one in asked] == [401] * len(asked)
    assert cn.get("/workshop/facilitator").status_code == 401, "a seat does not lead"
    assert cn.post("/workshop/clear", json={"party": "BY"}).status_code == 401


@pytest.mark.parametrize("path", ["act", "plan"])
def test_an_office_reads_files_as_long_as_the_command_line_does(served: Served, path: str) -> None:
    def open_file(length: int) -> httpx.Response:
        text = json.dumps({"format": "aeo-ledger/act-file/1"}).ljust(length)
        content = f'{{"file":{text},"language":"ru"}}'
        kind = {"content-type": "application/json"}
        return httpx.post(f"{served.url}/console/office/{path}", content=content, headers=kind, timeout=60)

    read, refused = open_file(LARGEST_FILE), open_file(LARGEST_FILE + 64)
    assert (read.status_code, "lacks chain" in read.json()["detail"]) == (400, True), "it is read, and is no whole file"
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:aeo-ledger:problem:oversized-body")
    act = httpx.post(f"{served.url}/v1/acts", content=b" " * (LARGEST_ACT + 1), timeout=60)
    assert act.json()["facts"] == {"limit": LARGEST_ACT}, "an act itself is no longer than before"


def test_an_address_that_guesses_codes_is_told_when_to_come_again(served: Served) -> None:
    other = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=served.url, transport=other, timeout=60) as stranger:
        guess = {"code": "AAAAAAAA", "name": "Eve", "party": "BY"}
        guesses = [stranger.post("/workshop/seats", json=guess) for _ in range(21)]
    served.sit("BY")
    assert [one.status_code for one in guesses] == [403] * 20 + [429]
    told = guesses[-1].json()
    assert told["type"] == "urn:aeo-ledger:problem:codes-guessed"
    assert guesses[-1].headers["retry-after"] == str(told["facts"]["retry_after_s"])
    assert 1 <= told["facts"]["retry_after_s"] <= 60


def test_the_facilitator_sees_who_is_where_and_clears_a_table(served: Served) -> None:
    by, leader = served.sit("BY", "<b>Anna</b>"), served.lead()
    by.post("/workshop/progress", json={"exercise": 2, "step": 1}).raise_for_status()
    assert by.post("/workshop/progress", json={"exercise": 4, "step": 0}).status_code == 400
    tables = {one["party"]: one["people"] for one in leader.get("/workshop/room").json()["tables"]}
    assert {"name": "<b>Anna</b>", "exercise": 2, "step": 1}.items() <= tables["BY"][-1].items()
    assert leader.get("/workshop/facilitator").json() == {"code": served.room.code}
    number = served.sit("CN").post("/workshop/drafts", json={**TERMS, "name": "third"}).json()["number"]
    leader.post("/workshop/clear", json={"party": "BY"}).raise_for_status()
    assert by.get("/workshop/seat").status_code == 401
    assert number not in [one["number"] for one in leader.get("/workshop/room").json()["drafts"]]
    assert leader.post("/workshop/certificates", json={"act": "suspend", "tin": TIN, "type": "3"}).status_code == 401


def test_a_screen_waits_until_something_happens(served: Served) -> None:
    cn = served.sit("CN")
    version = cn.get("/workshop/room").json()["version"]
    found: list[int] = []
    screen = threading.Thread(
        target=lambda: found.append(cn.get("/workshop/room", params={"since": version}).json()["version"])
    )
    screen.start()
    screen.join(0.5)
    assert found == [], "it waits"
    served.sit("BY")
    screen.join(WITHIN_S)
    assert found[0] > version


def test_every_page_of_the_workshop_says_that_it_is_one_in_both_languages(served: Served) -> None:
    for language, says in (("en", "WORKSHOP: a demonstration."), ("ru", "СЕМИНАР: демонстрация.")):
        for name in ("workshop", "facilitator", "handout", "verify", "office"):
            page = httpx.get(f"{served.url}/console/{language}/{name}")
            assert page.status_code == 200
            assert says in page.text
            assert served.room.code not in page.text
            assert served.room.facilitator not in page.text


def test_no_network_is_opened_that_was_not_founded_as_a_demonstration(founded: Path, home: Path) -> None:
    assert is_demonstration(home)
    with pytest.raises(NotADemonstration, match="was not founded as a demonstration"):
        demand_demonstration(founded)
    ended = CliRunner().invoke(command, ["workshop", str(founded), "--port", str(free_port())])
    assert ended.exit_code == 3
    assert "was not founded as a demonstration" in ended.stderr


def test_the_mark_cannot_be_put_on_later(founded: Path, home: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(founded, tmp_path / "net")
    shutil.copy(home / "genesis.json", changed)
    with pytest.raises(DamagedLedger, match="block 0"):
        demand_demonstration(changed)
