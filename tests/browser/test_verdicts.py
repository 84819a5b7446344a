"""An officer reads a verdict that the browser itself has verified; whatever a gateway says, nothing else is ever shown as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aeo_ledger.office.trust import spell
from aeo_ledger.verify import TRUST_FORM
from aeo_ledger.verify.trust import fingerprint
from browser.conftest import ACTIVE, ONCE, OTHER_TYPE, SUSPENDED, OpenPage
from support.network import Network

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

QUESTION = "en/verify#who={}&recogniser=CN&direction=import&role=carrier"


def verdict_of(page: Page) -> tuple[str, str]:
    """Return the kind of the verdict that a page shows, and its words."""
    shown = page.locator(".verdict")
    shown.wait_for()
    assert shown.count() == 1
    (kind,) = set(str(shown.get_attribute("class")).split()) - {"verdict"}
    return kind, shown.inner_text()


def test_a_recognised_trader_gets_its_benefits_in_words_with_every_step_of_the_proof(
    visit: OpenPage, network: Network
) -> None:
    page = visit(QUESTION.format(f"by%20{ACTIVE[2:]}"))
    kind, words = verdict_of(page)
    assert kind == "recognised"
    assert words.startswith("✓\nRecognised")
    assert "priority after disruption" in words
    steps = page.locator(".steps li")
    assert steps.count() == 9
    assert "4 of 4 validators sealed the block; 3 are needed." in steps.nth(3).inner_text()
    told = page.locator(".facts").inner_text()
    assert f"by {ACTIVE[2:]}" in told
    assert f"{ACTIVE} (spaces were left out, small letters became capitals)" in told
    assert spell(fingerprint(network.trust)) in told
    assert "does not prove that this trader is behind this shipment" in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the evidence").click()
    kept = json.loads(download.value.path().read_text())
    assert kept["format"] == "aeo-ledger/recognition-evidence/1"


@pytest.mark.parametrize(
    ("tin", "reason"),
    [
        (SUSPENDED, "Reason: suspended, since 12 Oct 2018 (Europe/Minsk)"),
        (OTHER_TYPE, "Reason: type out of scope"),
        ("BY200988541", "Reason: no certificate"),
    ],
)
def test_a_trader_that_is_not_recognised_is_told_why_and_since_when(visit: OpenPage, tin: str, reason: str) -> None:
    kind, words = verdict_of(visit(QUESTION.format(tin)))
    assert kind == "not_recognised"
    assert words.startswith("✕\nNot recognised")
    assert reason in words


def test_what_is_no_traders_number_is_not_asked(visit: OpenPage) -> None:
    page = visit(QUESTION.format(""))
    page.get_by_label("The trader's number").fill("511125808")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Ask and check").click()
    assert "two letters for the country" in page.get_by_role("alert").inner_text()
    assert asked == []


def _flip(answer: dict[str, Any], _: dict[str, Any]) -> None:
    node = answer["evidence"]["nodes"][-1]
    answer["evidence"]["nodes"][-1] = node[:-1] + ("0" if node[-1] != "0" else "1")


def _of_another(answer: dict[str, Any], other: dict[str, Any]) -> None:
    answer["evidence"] = other["evidence"]


def _other_under_this_question(answer: dict[str, Any], other: dict[str, Any]) -> None:
    answer["evidence"] = {**other["evidence"], "questions": answer["evidence"]["questions"]}


def _without(answer: dict[str, Any], _: dict[str, Any]) -> None:
    answer["evidence"] = None


def _unsealed(answer: dict[str, Any], _: dict[str, Any]) -> None:
    header = answer["evidence"]["header"]
    middle = header.rindex("b841", 0, -2 * (65 + 33 + 9)) + 40  # in the last seal; after it come mix hash and nonce
    answer["evidence"]["header"] = header[:middle] + ("0" if header[middle] != "0" else "1") + header[middle + 1 :]


def _with_more(answer: dict[str, Any], _: dict[str, Any]) -> None:
    answer["evidence"]["nodes"].append("0xc0")


LIES: list[tuple[Callable[[dict[str, Any], dict[str, Any]], None], set[str]]] = [
    (_flip, {"MissingNode"}),
    (_of_another, {"OtherQuestion"}),
    (_other_under_this_question, {"MissingNode", "SurplusNodes"}),
    (_without, {"MalformedDocument"}),
    (_unsealed, {"StrangerSealed", "UnreadableSeal"}),
    (_with_more, {"SurplusNodes"}),
]


def test_a_forged_answer_of_a_lying_gateway_could_not_be_checked(visit: OpenPage, network: Network) -> None:
    page = visit("en/verify")
    asked = {"recogniser": "CN", "direction": "import", "role": "carrier", "evidence": "true"}
    other = network.http.get("/v1/decisions", params={"tin": ACTIVE, **asked}).json()
    lies = [lie for lie, _ in LIES]

    def forge(route: Route) -> None:
        answer = route.fetch().json()
        answer.update(recognised=True, reasons=[], benefits=["fewer_inspections"])
        lies.pop(0)(answer, other)
        route.fulfill(json=answer)

    page.route("**/v1/decisions?*", forge)
    page.get_by_label("The trader's number").fill(SUSPENDED)
    page.get_by_label("Who asks").select_option("CN")
    page.get_by_label("The trader's role").select_option("carrier")
    for lie, codes in LIES:
        with page.expect_response("**/v1/decisions?*"):
            page.get_by_role("button", name="Ask and check").click()
        page.locator("#result[aria-busy=false]").wait_for()
        kind, words = verdict_of(page)
        assert kind == "not_checked", lie
        assert words.startswith("?\nCould not be checked")
        assert "This is neither yes nor no." in words
        assert words.rpartition("\n")[2].partition(":")[0] in codes
        assert page.locator(".recognised, .not_recognised, .facts, .steps").count() == 0
        assert "fewer inspections" not in page.locator("main").inner_text()
    assert lies == []


def test_a_past_day_is_decided_by_signed_acts_that_this_browser_replays(visit: OpenPage) -> None:
    kind, words = verdict_of(visit(QUESTION.format(ONCE)))
    assert (kind, "Reason: suspended, since 1 Mar 2024" in words) == ("not_recognised", True)
    page = visit(QUESTION.format(ONCE) + "&on=2020-01-01")
    kind, words = verdict_of(page)
    assert (kind, words.startswith("✓\nRecognised")) == ("recognised", True)
    assert "signed acts of the past were checked: none is missing" in page.locator(".steps").inner_text()
    assert "1 Jan 2020" in page.locator(".facts").inner_text()
    kind, words = verdict_of(visit(QUESTION.format(ONCE) + "&on=2018-12-31"))
    assert (kind, "arrangement not in force" in words) == ("not_recognised", True)


def _forgetful(history: dict[str, Any]) -> None:
    history["standings"][0]["events"].pop()


def _backdated(history: dict[str, Any]) -> None:
    history["publications"][-1]["recorded_at"] -= 1


def _signed_in_another_way(alter: Callable[[str], list[str]]) -> Callable[[dict[str, Any]], None]:
    def lie(history: dict[str, Any]) -> None:
        first, *others = history["publications"][0]["signatures"]
        history["publications"][0]["signatures"] = [*alter(first), *others]

    return lie


@pytest.mark.parametrize(
    ("lie", "codes"),
    [
        (None, {"HistoryNeeded"}),
        (_forgetful, {"HistoryIncomplete"}),
        (_backdated, {"HeadDiffers"}),
        (_signed_in_another_way(lambda _: []), {"EventUndersigned"}),
        (_signed_in_another_way(lambda first: [f"0x{'ff' * 32}{first[66:]}"]), {"UnreadableEventSignature"}),
        # the other parity is another key's signature; its word is absent, or the evidence does not hold the way to it
        (
            _signed_in_another_way(lambda first: [first[:-1] + "bc"[first[-1] == "b"]]),
            {"SignerNotEntitled", "MissingNode"},
        ),
    ],
)
def test_a_past_that_the_gateway_altered_could_not_be_checked(
    visit: OpenPage, lie: Callable[[dict[str, Any]], None] | None, codes: set[str]
) -> None:
    page = visit("en/verify")

    def forge(route: Route) -> None:
        answer = route.fetch().json()
        if lie is None:
            del answer["evidence"]["history"]
        else:
            lie(answer["evidence"]["history"])
        route.fulfill(json=answer)

    page.route("**/v1/decisions?*", forge)
    page.goto("about:blank")
    page.goto(f"/console/{QUESTION.format(ONCE)}&on=2020-01-01")
    kind, words = verdict_of(page)
    assert (kind, words.rpartition("\n")[2].partition(":")[0] in codes) == ("not_checked", True), words
    assert page.locator(".recognised, .not_recognised, .facts, .steps").count() == 0


def test_no_certificate_is_a_no_only_if_the_other_registration_has_none_either(visit: OpenPage) -> None:
    page = visit(QUESTION.format("XI123456789012"))
    kind, words = verdict_of(page)
    assert (kind, "Reason: no certificate" in words) == ("not_recognised", True)

    def forget(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        assert [one["tin"] for one in body["questions"]] == ["XI123456789012", "GB123456789012"]
        body["questions"].pop()
        route.continue_(post_data=json.dumps(body))

    page.route("**/v1/decisions", forget)
    page.get_by_role("button", name="Ask and check").click()
    page.locator(".verdict.not_checked").wait_for()
    assert "OtherQuestion" in verdict_of(page)[1]


def test_an_old_answer_could_not_be_checked(visit: OpenPage, network: Network) -> None:
    page = visit("en/verify")
    page.clock.set_fixed_time(network.running.ledger.time_of(network.running.ledger.head()) + 3_600)
    page.goto("about:blank")
    page.goto(f"/console/{QUESTION.format(ACTIVE)}")
    kind, words = verdict_of(page)
    assert kind == "not_checked"
    assert "too old" in words


def test_without_a_pinned_bundle_nothing_is_asked_and_the_bundle_is_pinned_by_its_fingerprint_alone(
    visit: OpenPage, network: Network
) -> None:
    page = visit(QUESTION.format(ACTIVE), is_pinned=False)
    page.get_by_role("link", name="Pin a trust bundle").click()
    told = page.get_by_label("The fingerprint that you were told")
    told.fill(spell(bytes(32)))
    page.get_by_role("button", name="Compare and pin").click()
    page.get_by_text("The fingerprints differ. Nothing was pinned.").wait_for()
    assert page.evaluate("localStorage.length") == 0
    told.fill(spell(fingerprint(network.trust)))
    page.get_by_role("button", name="Compare and pin").click()
    page.get_by_role("heading", name="A trust bundle is pinned in this browser").wait_for()
    page.get_by_role("button", name="Move it forward").click()
    page.get_by_text("by proof.").wait_for()
    page.goto(f"/console/{QUESTION.format(ACTIVE)}")
    assert verdict_of(page)[0] == "recognised"


def test_a_file_that_is_no_bundle_is_not_pinned(visit: OpenPage, network: Network) -> None:
    page = visit("en/trust", is_pinned=False)
    page.get_by_label("The bundle's file").set_input_files(
        {
            "name": "trust.json",
            "mimeType": "application/json",
            "buffer": TRUST_FORM.encode_json(network.trust).encode()[:-9],
        }
    )
    page.get_by_label("The fingerprint that you were told").fill(spell(fingerprint(network.trust)))
    page.get_by_role("button", name="Compare and pin").click()
    page.get_by_text("This file is not a trust bundle.").wait_for()
    assert page.evaluate("localStorage.length") == 0
