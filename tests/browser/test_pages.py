"""Every page of the console, as people use it: in both languages, by keyboard alone, narrow, on paper, and live."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from aeo_ledger.console.pages import PAGES
from aeo_ledger.console.serve import add_console
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.gateway.access import Access
from aeo_ledger.gateway.app import create_app
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.signing.access import TokenSource
from browser.conftest import ACTIVE, LATER, OTHER_TYPE, SUSPENDED, OpenPage
from support.browsers import findings_of
from support.network import Network, now, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKED = f"who={ACTIVE}&recogniser=CN&direction=import&role=carrier"
SHOWN = {
    "verify": (ASKED, ".verdict"),
    "manifest": ("", "textarea"),
    "corridor": (f"who={ACTIVE}&role=carrier&route=BY,KZ,CN", ".route li:nth-child(3)"),
    "trader": (f"who={ACTIVE}&role=carrier", ".timeline li"),
    "register": ("party=BY", "table tbody tr"),
    "network": ("", "svg.map circle"),
    "feed": ("", "#items li"),
    "parties": ("", ".cards details"),
    "blocks": ("", "#result li"),
    "office": ("", "#scopes fieldset"),
    "trust": ("", "#kept"),
}
"""What each page is asked, and what it then shows."""


def _show(visit: OpenPage, name: str, language: str = "en", **more: int) -> Page:
    asked, shown = SHOWN[name]
    page = visit(f"{language}/{name}#{asked}", **more)
    page.locator(shown).first.wait_for()
    return page


def test_each_page_is_tried() -> None:
    assert set(SHOWN) == {page.name for page in PAGES}


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_has_no_findings_fits_a_narrow_screen_and_says_everything_in_russian(
    visit: OpenPage, axe: str, name: str
) -> None:
    page = _show(visit, name)
    assert findings_of(page, axe) == []
    english = page.locator("h1").inner_text()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert findings_of(page, axe) == []
    page.get_by_role("link", name="Русский").click()
    page.locator(SHOWN[name][1]).first.wait_for()
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert page.locator("h1").inner_text() != english
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    said = page.evaluate(
        """() => { const copy = document.querySelector("main").cloneNode(true);
        copy.querySelectorAll("noscript, [lang], code, [translate=no], option[lang]").forEach(one => one.remove()); return copy.textContent; }"""
    )
    english_words = set(re.findall(r"\b[a-z]{4,}\b", said)) - {"json", "trust"}
    assert english_words == set()


def test_a_question_is_asked_by_keyboard_alone(visit: OpenPage) -> None:
    page = visit("en/verify")
    page.locator("#question").wait_for()

    def focus_on(wanted: str) -> None:
        for _ in range(40):
            if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {wanted}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')")
    page.keyboard.press("Enter")
    focus_on("#who")
    page.keyboard.type(ACTIVE)
    focus_on("#recogniser")
    page.keyboard.type("CN")
    focus_on("#role")
    page.keyboard.type("carrier")
    focus_on("#question button")
    page.keyboard.press("Enter")
    page.locator(".verdict.recognised").wait_for()
    assert page.evaluate("document.activeElement.id") == "verdict"


def test_a_receipt_is_printed_without_what_only_a_screen_needs(visit: OpenPage) -> None:
    page = _show(visit, "verify")
    page.emulate_media(media="print")
    seen = {
        part: page.locator(part).first.is_visible()
        for part in (".verdict", ".facts", ".steps", ".top", "form", ".actions", ".foot")
    }
    assert [part for part, is_seen in seen.items() if is_seen] == [".verdict", ".facts", ".steps"]
    assert page.pdf().startswith(b"%PDF")


def test_a_suspension_appears_on_a_second_screen_by_itself(visit: OpenPage, network: Network) -> None:
    asking = visit(f"en/verify#who={LATER}&recogniser=CN&direction=import&role=carrier")
    asking.locator(".verdict.recognised").wait_for()
    feed = visit("en/feed")
    feed.get_by_label("What concerns the answers to").select_option("CN")
    feed.get_by_text("New acts appear by themselves.").wait_for()
    assert feed.locator(".new").count() == 0
    entry, register = network.entry(LATER, "BY", 2), network.number("BY")
    suspend = Change(kind=EventKind.SUSPEND)
    change_status(network.office, entry, suspend, register=register, issuer=register, signers=[network.signer("BY")])
    feed.locator("li", has=feed.locator(".new")).filter(has_text="suspend").wait_for()
    asking.get_by_role("button", name="Ask and check").click()
    asking.locator(".verdict.not_recognised").wait_for()
    assert "Reason: suspended" in asking.locator(".verdict").inner_text()


def test_a_manifest_comes_back_as_a_table_and_as_a_file(visit: OpenPage) -> None:
    page = _show(visit, "manifest")
    page.get_by_label("Numbers, one a line").fill(f"tin;name\n{ACTIVE};=1+1\nby 677100318\n{OTHER_TYPE}\n{ACTIVE}")
    page.get_by_label("Who asks").select_option("CN")
    page.get_by_label("The trader's role").select_option("carrier")
    page.get_by_role("button", name="Ask and check").click()
    page.get_by_role("heading", name="Answers").wait_for()
    verdicts = [text.split(" ", 1)[1] for text in page.locator("tbody .badge").all_inner_texts()]
    assert verdicts == ["Could not be checked", "Recognised", "Not recognised", "Not recognised", "Recognised"]
    assert [text.split()[0] for text in page.locator(".tally li").all_inner_texts()] == ["2", "2", "1"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [row["tin"] for row in rows] == ["", ACTIVE, SUSPENDED, OTHER_TYPE, ACTIVE]
    assert [row["verdict"] for row in rows] == [
        "not_checked",
        "recognised",
        "not_recognised",
        "not_recognised",
        "recognised",
    ]
    assert rows[2]["reasons"] == "suspended"
    assert rows[2]["since"].startswith("2018-10-11T21:00")


def test_where_a_route_breaks_and_what_could_not_be_asked_is_told(visit: OpenPage) -> None:
    page = visit(f"en/corridor#who={ACTIVE}&role=carrier&route=BY,CN")
    page.get_by_role("heading", name="Recognition holds on the whole route.").wait_for()
    for route, told in (("BY,KZ,CN", "Recognition breaks at KZ."), ("BY,AZ,CN", "Not known: AZ could not be checked.")):
        page.get_by_label("The route").fill(route)
        page.get_by_role("button", name="Ask and check").click()
        page.get_by_role("heading", name=told).wait_for()


def test_the_network_is_the_same_as_a_map_and_as_a_table(visit: OpenPage) -> None:
    page = _show(visit, "network")
    assert page.locator("svg[role=img] .lane").count() == page.locator("table").first.locator("tbody tr").count() == 2
    assert page.locator("svg[role=img] .member").count() == 2
    assert "DE, PL" in page.locator("table").last.inner_text()
    page.get_by_label("Show what concerns").select_option("KZ")
    assert page.locator("svg[role=img] .lane").count() == 0


def test_a_register_is_counted_and_filtered(visit: OpenPage) -> None:
    page = _show(visit, "register")
    page.get_by_role("heading", name="5 certificates").wait_for()
    page.get_by_label("Type, or empty").fill("1")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("heading", name="1 certificate", exact=True).wait_for()


def test_blocks_are_checked_by_the_pinned_validators_and_acts_are_in_words(visit: OpenPage, network: Network) -> None:
    page = visit("en/blocks")
    page.get_by_label("Acts that concern the answers to").select_option("CN")
    told, older = (
        page.get_by_text("3 certificates in the register of BY"),
        page.get_by_role("button", name="Earlier blocks"),
    )
    older.or_(told).first.wait_for()
    for shown in range(12, 600, 12):
        page.locator(f"#result > li:nth-child({shown})").or_(told).first.wait_for()
        if told.count():
            break
        older.click()  # a slow machine has sealed many idle blocks since
    assert told.count() == 1
    assert page.get_by_text("✓ sealed by 4 of 4 pinned validators, checked here").count() > 1


def test_what_a_stranger_wrote_is_text(visit: OpenPage, network: Network) -> None:
    page = visit("en/parties")
    page.locator(".cards details").first.wait_for()
    evil = "<img src=x onerror=alert(1)>"
    card = {
        "names": {"en": evil, "ru": "Имя"},
        "time_zone": "Europe/Minsk",
        "contact": {"office": evil, "email": "a@b.example"},
        "programme": {"legal_basis": evil, "link": "javascript:alert(1)"},
    }
    page.route("**/card", lambda route: route.fulfill(json=card))
    page.locator(".cards summary").first.click()
    page.locator("dd li[lang=ru]").wait_for()
    assert sum(evil in text for text in page.locator("dd").all_inner_texts()) == 3
    assert page.locator("main img, main a[href^=javascript]").count() == 0


def test_a_closed_gateway_is_asked_with_a_token_that_the_tab_forgets(visit: OpenPage, network: Network) -> None:
    running = network.running
    app = create_app(running.ledger, running.relay, network.trust, behind="closed", access=Access(closed=True))
    add_console(app)
    with served(app) as url:
        page = visit("en/parties", url=url)
        field = page.get_by_label("Token")
        source = TokenSource(network.signer("CN"), "CN", chain_id=network.trust.chain_id, clock=now, randomness=bytes)
        field.fill(source.token(url.removeprefix("http://")))
        page.get_by_role("button", name="Continue").click()
        page.locator(".cards details").first.wait_for()
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [1, 1]
        page.get_by_role("button", name="Forget the token").click()
        page.get_by_label("Token").wait_for()
        assert page.evaluate("sessionStorage.length") == 0
