"""A workshop as a room sees it: a suspension turns the answer on a second screen, and no page keeps anybody out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aeo_ledger.protocol.act_file import LARGEST_FILE
from browser.conftest import OpenPage
from support.browsers import findings_of, open_page
from support.workshop_room import TIN, Served, found, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("workshop") / "room"
    found(home)
    with serving(home, tmp_path_factory.mktemp("work")) as served:
        yield served


@pytest.fixture
def screens(chromium: Browser, served: Served) -> Iterator[OpenPage]:
    """Open a screen: a page of the workshop in a browser of its own."""
    with ExitStack() as opened:

        def open_one(path: str, **more: Any) -> Page:
            page = opened.enter_context(open_page(chromium, served.url, **more))
            page.goto(f"/console/{path}")
            return page

        yield open_one


def sit(page: Page, served: Served, party: str, name: str) -> None:
    page.locator("#code").fill(served.room.code)
    page.locator("#called").fill(name)
    page.locator("#party").select_option(party)
    page.locator("#join button").click()
    page.locator("#desk").wait_for()


def act(page: Page, verb: str) -> None:
    page.locator("#act").select_option(verb)
    page.locator("#tin").fill(TIN.lower())
    page.locator("#own-type").select_option("3")
    page.locator("#certificates form .actions button").click()
    page.locator("#certificates .outcome .inset").wait_for()


def unfold(page: Page) -> None:
    for summary in page.locator("details.tool > summary").all():
        summary.click()


def test_a_suspension_at_one_table_turns_the_answer_on_the_screen_of_another(screens: OpenPage, served: Served) -> None:
    minsk, beijing = screens("en/workshop"), screens("ru/workshop", width=320)
    sit(minsk, served, "BY", "<i>Anna</i>")
    sit(beijing, served, "CN", "Ли")
    unfold(minsk)
    unfold(beijing)
    assert "<i>Anna</i>" in beijing.locator("#people").inner_text(), "a name is text"
    act(minsk, "grant")
    beijing.locator("#asked").fill(TIN)
    beijing.locator("#ask form button").click()
    beijing.locator("#answers .badge.not_recognised").wait_for()
    beijing.locator("#name").fill("CN-BY")
    beijing.locator("#other").select_option("BY")
    beijing.locator("#arrangement form > .actions button").click()
    beijing.locator("#arrangement .outcome .inset").wait_for()
    minsk.get_by_role("button", name="Sign it").click()
    beijing.locator("#answers .badge.recognised").wait_for()
    act(minsk, "suspend")
    beijing.locator("#answers .badge.not_recognised").wait_for()
    assert "приостановлен" in beijing.locator("#answers").inner_text()
    beijing.locator("#count").click()
    beijing.locator("#counts .badge.not_recognised").first.wait_for()
    assert f"приостановлен сертификат типа 3 участника {TIN}" in beijing.locator("#happens").inner_text()
    for page in (minsk, beijing):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def test_a_wrong_code_is_told_and_asks_for_no_token(screens: OpenPage, served: Served) -> None:
    page = screens("en/workshop")
    page.locator("#code").fill("22222222")
    page.locator("#called").fill("Anna")
    page.locator("#join button").click()
    assert page.locator("#join .problem").inner_text() == "This was not done\n\nthis is not the code of this room"
    assert page.locator("#token").count() == 0
    sit(page, served, "BY", "Anna")


def test_long_names_stick_out_of_no_narrow_page(screens: OpenPage, served: Served) -> None:
    page = screens("ru/workshop", width=320)
    sit(page, served, "BY", "Ж" * 40)
    leader = screens(f"ru/facilitator#{served.room.facilitator}", width=320)
    leader.locator("#people li", has_text="Ж" * 40).wait_for()
    for one in (page, leader):
        assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_reads_an_offer_is_not_thrown_out_by_what_others_do(screens: OpenPage, served: Served) -> None:
    page, cn = screens("ru/workshop"), served.sit("CN")
    sit(page, served, "BY", "Anna")
    terms = {
        "recogniser": "CN",
        "register": "BY",
        "types": ["3"],
        "directions": ["import"],
        "benefits": ["fewer_inspections"],
    }
    draft = cn.post("/workshop/drafts", json={"name": "CN-BY", "recognitions": [terms]}).json()["number"]
    page.locator("#drafts summary").focus()
    page.keyboard.press("Enter")
    served.sit("DE", "Kurt")
    page.locator("#happens", has_text="Kurt").wait_for()
    assert page.locator("#drafts details[open] summary:focus").count() == 1
    cn.post(f"/workshop/drafts/{draft}/end", json={}).raise_for_status()
    page.locator("#drafts section").wait_for(state="detached")


def test_a_server_that_is_away_is_told_and_the_seat_is_kept(screens: OpenPage, served: Served) -> None:
    page = screens("en/workshop")
    sit(page, served, "BY", "Anna")
    page.route("**/workshop/room?*", lambda route: route.fulfill(status=503, json={"family": "unavailable"}))
    served.sit("DE", "Kurt")
    page.get_by_role("alert").get_by_text("What this page shows may be old.").wait_for()
    page.route("**/workshop/seat", lambda route: route.fulfill(status=503, json={"family": "unavailable"}))
    page.reload()
    page.locator("#notices .problem").wait_for()
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    page.locator("#desk").wait_for()
    assert page.get_by_role("alert").count() == 0


def test_a_seat_that_was_cleared_leads_back_to_the_door(screens: OpenPage, served: Served) -> None:
    page, leader = screens("en/workshop"), screens(f"en/facilitator#{served.room.facilitator}")
    sit(page, served, "EU", "Marie")
    leader.get_by_role("button", name="Clear the table of EU").click()
    page.locator("#join").wait_for()
    assert not page.locator("#desk").is_visible()
    assert page.locator("#notices .problem").inner_text() == "You have no seat any more\n\nnobody has this seat"
    assert page.locator("h1").inner_text() == "Workshop", "nobody sits here"
    assert page.locator("#join .outcome").inner_html() == ""


def test_exercises_lead_on_by_keyboard_and_the_facilitator_sees_how_far(screens: OpenPage, served: Served) -> None:
    page, leader = screens("en/workshop"), screens(f"en/facilitator#{served.room.facilitator}")
    sit(page, served, "DE", "Kurt")
    for stage in ["1. Initiation: compare programmes"] * 3 + ["2. Negotiation: draft the scope"]:
        page.locator("#guide button").last.focus()
        page.keyboard.press("Enter")
        page.locator("#exercise:focus", has_text=stage).wait_for()
    leader.locator("#people li", has_text="Kurt").get_by_text("exercise 2, step 1 of 3").wait_for()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_page_of_a_workshop_shuts_anybody_out(screens: OpenPage, served: Served, axe: str, language: str) -> None:
    desk = screens(f"{language}/workshop")
    desk.locator("#join").wait_for()
    assert findings_of(desk, axe) == []
    sit(desk, served, "CN", "Li")
    unfold(desk)
    leader = screens(f"{language}/facilitator#{served.room.facilitator}")
    leader.locator("#people table").wait_for()
    for page in (desk, leader, screens(f"{language}/handout")):
        assert findings_of(page, axe) == []


def test_an_office_takes_files_as_they_come_and_nothing_sticks_out(visit: OpenPage) -> None:
    page = visit("ru/office", width=320)
    long = {"format": "aeo-ledger/act-file/1", "note": "x" * 300, "y" * 300: 1}
    for name, content in (("-rf.act.json", "{"), ("long.act.json", json.dumps(long)), ("huge.json", " " * (3 << 20))):
        page.locator("#files").set_input_files({"name": name, "mimeType": "", "buffer": content.encode()})
    page.locator("#notices .problem", has_text="huge.json").wait_for()
    page.locator("#opened section", has_text="long.act.json").locator(".problem").wait_for()
    assert page.locator("#opened section").count() == 2
    page.locator("#one").select_option("KZ")
    page.locator("#other").select_option("BY")
    page.locator("#one").select_option("BY")
    assert page.locator("#other").input_value() != "BY", "nobody agrees with itself"
    page.locator("#name").fill("KZ-BY")
    page.locator('input[name="here"]').first.check()
    page.locator('input[name="benefits"]').first.check()
    page.locator("#text").fill("text")
    page.locator("#terms button").click()
    page.locator("#prepared", has_text="0x").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_office_drafts_an_arrangement_and_reads_the_file_again(visit: OpenPage, axe: str, tmp_path: Path) -> None:
    page = visit("en/office")
    page.locator("#name").fill("KZ-BY")
    page.locator("#one").select_option("KZ")
    page.locator("#other").select_option("BY")
    page.locator("#text").fill('The text of "both" sides')
    page.locator('input[name="there"]').first.check()
    page.locator("#terms button").click()
    page.locator("#prepared .problem").wait_for()
    assert "benefits: found []" in page.locator("#prepared").inner_text()
    page.locator('input[name="benefits"]').first.check()
    page.locator("#terms button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the act to sign").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    document = json.loads(file.read_text())
    assert (document["format"], document["signed"]) == ("aeo-ledger/act-file/1", [])
    assert document["missing"] == ["authority: BY, KZ"]
    file.write_text(json.dumps(document).ljust(LARGEST_FILE))  # as long as the command line reads, too
    page.locator("#files").set_input_files(file)
    page.locator("#opened").get_by_text("Sign it where your key is:").wait_for()
    told = page.locator("#opened").inner_text()
    assert "KZ" in told
    assert "aeo-ledger act sign 'KZ-BY.act.json' --trust trust.json --key KEY" in told
    assert findings_of(page, axe) == []
    document["reads"][0] = "message: Harmless"
    file.write_text(json.dumps(document))
    page.locator("#files").set_input_files(file)
    page.locator("#opened .problem").wait_for()
    assert "aeo-ledger act sign" not in page.locator("#opened").inner_text()
