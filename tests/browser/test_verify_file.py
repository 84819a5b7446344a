"""`verify.html`, as an officer uses it from a stick: in Chromium, opened from a file, with the network cut."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from aeo_ledger.console.verifier_file import MAX_BYTES, write_verifier
from aeo_ledger.console.verifier_words import tell
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.evidence import EVIDENCE_FORM, SNAPSHOT_FORM
from aeo_ledger.evidence.handover import UPDATE_FORM
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.trust import fingerprint
from aeo_ledger.wording.catalogues import open_words
from support.chromium import WITHIN_MS
from support.sealed_world import BY_TRADER, CN, NOW, SealedWorld, question, trust
from support.snapshots import crowded, taken
from support.validator_chain import FIRST, START_BLOCK, history, pinned_at, update_of

TRUST = trust()
ASKED = question(BY_TRADER, CN)
WORDS = {language: tell(open_words(language)) for language in ("en", "ru")}
SAID = WORDS["en"]["sentences"]


@dataclass(slots=True)
class Opened:
    """The page, and what it must not do."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """Errors in the console, and addresses that were asked."""

    def await_program(self) -> None:
        """The file unpacks its program after it was loaded; until then the page has no words."""
        expect(self.page.locator("#pinned-short")).not_to_be_empty()

    def give(self, data: bytes, name: str = "file") -> None:
        self.page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data})
        expect(self.page.locator("#file-state")).not_to_contain_text("Reading")

    def ask(self, tin: str, **chosen: str) -> None:
        self.page.fill("#tin", tin)
        for name, value in chosen.items():
            self.page.select_option(f"#{name}", value)
        self.page.click(".go")

    def verdict(self) -> str:
        return self.page.locator("#result .verdict").inner_text().replace("\n\n", "\n")


def open_page(chromium: Browser, folder: Path, trusted: TrustBundle = TRUST, *, now: int = NOW, **how: Any) -> Opened:
    path = folder / "verify.html"
    path.write_bytes(write_verifier(trusted))
    how = {"locale": "en-GB", "offline": True, **how}
    opened = Opened(chromium.new_context(**how).new_page())
    page, faults = opened.page, opened.faults
    page.set_default_timeout(WITHIN_MS)
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url == path.as_uri() else faults.append(request.url))
    page.clock.set_fixed_time(datetime.fromtimestamp(now, UTC))
    page.goto(path.as_uri())
    opened.await_program()
    return opened


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Opened]:
    found = open_page(chromium, tmp_path)
    found.page.select_option("#recogniser", "CN")
    yield found
    found.page.context.close()
    assert found.faults == []


def evidence(**altered: Any) -> bytes:
    world = crowded().grant(BY_TRADER, 3, 2, **altered)
    return EVIDENCE_FORM.encode_json(SealedWorld(world).prove(ASKED)).encode()


def test_a_snapshot_says_recognised_and_not_recognised(opened: Opened) -> None:
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    assert "block 100, 2027-01-15 08:00 UTC" in opened.page.inner_text("#file-state")
    opened.ask("by 100 000-001")
    assert opened.verdict() == "✓\nRecognised\nfewer document checks\nfewer inspections"
    shown = opened.page.inner_text("#result")
    for part in (
        "by 100 000-001",
        "BY100000001 (spaces removed, capitals, marks removed)",
        "3 of 4 validators",
        "type 3, issued by BY: active",
    ):
        assert part in shown
    assert SAID["limits"] in shown
    opened.ask("BY101010101")
    assert opened.verdict() == "✕\nNot recognised\nno certificate"
    opened.ask("BY100000001", direction="export", role="carrier")
    assert opened.verdict() == "✕\nNot recognised\nrole"


def test_evidence_says_since_when(opened: Opened) -> None:
    opened.give(evidence(status=Status.SUSPENDED, since=NOW - 86_400))
    opened.ask(BY_TRADER.text)
    assert opened.verdict() == "✕\nNot recognised\nsuspended, since 2027-01-14 08:00 UTC"
    steps = opened.page.locator("#result .steps li").all_inner_texts()
    assert [steps[0][:12], steps[1], steps[-1]] == ["The evidence", SAID["step_question"], SAID["step_nothing_else"]]


def test_what_proves_nothing_is_neither_yes_nor_no_and_nothing_else_is_shown(opened: Opened) -> None:
    document = json.loads(evidence())
    for name, forged in (
        ("MissingNode", {**document, "nodes": document["nodes"][1:]}),
        ("SurplusNodes", {**document, "nodes": [*document["nodes"], "0x" + "00" * 40]}),
        ("TooFewSeals", json.loads(EVIDENCE_FORM.encode_json(SealedWorld(crowded(), seals=2).prove(ASKED)))),
        ("OtherQuestion", {**document, "questions": [{**document["questions"][0], "role": "carrier"}]}),
        ("MalformedDocument", {**document, "history": {}}),
        ("MalformedDocument", {**document, "cargo": 1}),
    ):
        opened.give(json.dumps(forged).encode())
        opened.ask(BY_TRADER.text, role="exporter")
        reason = WORDS["en"]["refusals"].get(name, WORDS["en"]["refusals"]["other"])
        assert opened.verdict() == f"?\nCould not be checked\n{reason}\n{SAID['not_checked_advice']}"
        refused = opened.page.locator("#result .refused")
        assert (refused.is_visible(), f"{name}: " in (refused.text_content() or "")) == (False, True)
        assert opened.page.locator("#result .facts").count() == 0
        colours = opened.page.locator("#result .verdict").evaluate(
            "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).borderStyle]"
        )
        assert colours == ["rgb(243, 242, 241)", "dashed"]


def test_what_is_not_evidence_or_a_number_is_said_where_it_was_entered(opened: Opened) -> None:
    opened.ask("BY100000001")
    assert opened.page.inner_text("#file-state") == SAID["no_file"]
    opened.ask("BY/0119/ТИП3")  # noqa: RUF001
    assert opened.page.inner_text("#tin-wrong") == WORDS["en"]["faults"]["other-number"]
    assert opened.page.get_attribute("#tin", "aria-invalid") == "true"
    opened.give(b"%PDF-1.7", "letter.pdf")
    assert SAID["file_refused"] in opened.page.inner_text("#file-state")
    snapshot = taken()
    opened.give(SNAPSHOT_FORM.encode_cbor(replace(snapshot, standings=snapshot.standings[96:])))
    assert "WrongStorageRoot" in opened.page.inner_text("#file-state")
    assert opened.page.locator("#result").is_hidden()


def test_a_file_that_is_given_before_the_program_runs_is_read_then(opened: Opened) -> None:
    opened.page.add_init_script(
        """const text = Response.prototype.text;
        Response.prototype.text = async function () {
          await new Promise((resolve) => { globalThis.unpack = resolve; });
          return text.call(this);
        };"""
    )
    opened.page.goto(opened.page.url)
    opened.page.wait_for_function("globalThis.unpack !== undefined")
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    assert opened.page.inner_text("#file-state") == ""
    opened.page.evaluate("unpack()")
    expect(opened.page.locator("#file-state")).to_contain_text("block 100, ")


def test_an_old_file_is_refused_until_the_reader_accepts_its_age(chromium: Browser, tmp_path: Path) -> None:
    opened = open_page(chromium, tmp_path, now=NOW + 2 * 86_400)
    opened.page.select_option("#recogniser", "CN")
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    assert WORDS["en"]["refusals"]["Stale"] in opened.page.inner_text("#file-state")
    opened.page.click("form summary")
    opened.page.select_option("#age", str(7 * 86_400))
    expect(opened.page.locator("#file-state")).to_contain_text("Its age: 2 d")
    opened.ask("BY100000001")
    assert opened.verdict().startswith("✓\nRecognised")
    assert "2 d old when it was checked" in opened.page.inner_text("#result")
    assert opened.faults == []


def test_a_trust_update_moves_what_the_page_trusts(chromium: Browser, tmp_path: Path) -> None:
    steps, _ = history()
    opened = open_page(chromium, tmp_path, pinned_at(START_BLOCK, FIRST), now=steps[-1].header.timestamp)
    before = opened.page.evaluate("document.getElementById('pinned-facts').textContent")
    opened.give(UPDATE_FORM.encode_cbor(update_of(*steps)))
    after = opened.page.evaluate("document.getElementById('pinned-facts').textContent")
    assert f"block {steps[-1].header.number}, " in opened.page.inner_text("#file-state")
    assert fingerprint(pinned_at(START_BLOCK, FIRST)).hex() in before
    assert before != after
    opened.give(UPDATE_FORM.encode_cbor(update_of(steps[0])))
    assert "BelowCheckpoint" in opened.page.inner_text("#file-state")
    assert opened.faults == []


def test_both_languages_say_everything(opened: Opened) -> None:
    opened.give(evidence())
    opened.ask(BY_TRADER.text)
    opened.page.click("[data-language=ru]")
    assert opened.page.get_attribute("html", "lang") == "ru"
    assert opened.verdict().startswith(f"✓\n{WORDS['ru']['sentences']['recognised']}\n")
    said = opened.page.locator("[data-word]").evaluate_all(
        "places => places.map((place) => [place.dataset.word, place.textContent])"
    )
    assert len(said) > 25
    assert [one for one in said if WORDS["ru"]["sentences"][one[0]] != one[1]] == []
    opened.page.click("[data-language=en]")
    assert opened.verdict().startswith("✓\nRecognised\n")
    english, russian = (_flat(WORDS[language]) for language in ("en", "ru"))
    assert english.keys() == russian.keys()
    assert [key for key, words in english.items() if words == russian[key]] == []


def _flat(words: dict[str, Any]) -> dict[str, str]:
    return {f"{kind} {key}": text for kind, named in words.items() for key, text in named.items()}


def test_the_keyboard_is_enough(opened: Opened) -> None:
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    opened.page.focus("#file")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.type("BY100000001")
    opened.page.keyboard.press("Enter")
    assert opened.verdict().startswith("✓\nRecognised")
    assert opened.page.evaluate("document.activeElement.id") == "result"
    opened.page.goto(opened.page.url)
    opened.await_program()
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.textContent") == SAID["skip"]


def test_nothing_from_outside_becomes_markup_and_nothing_is_reached(opened: Opened) -> None:
    document = json.loads(evidence())
    image = "<img src=x onerror=alert(1)>"
    opened.give(json.dumps({**document, "format": image}).encode(), f"{image}.json")
    opened.ask(BY_TRADER.text)
    opened.page.fill("#tin", image)
    opened.page.click(".go")
    opened.give(json.dumps(document).encode(), f"{image}.json")
    assert opened.page.inner_text("#file-state").startswith(f"{image}.json is evidence")
    assert opened.page.locator("img").count() == 0
    for attempt in (
        "fetch('https://example.org/')",
        "import('data:text/javascript,1')",
        "new Worker('data:text/javascript,1')",
    ):
        refused = opened.page.evaluate(
            f"(async () => {{ try {{ await {attempt}; return false; }} catch {{ return true; }} }})()"
        )
        assert refused, attempt
    with pytest.raises(Exception, match="Trusted"):
        opened.page.evaluate("document.body.innerHTML = '<b>bold</b>'")
    reached = [fault for fault in opened.faults if not re.search("blocked|Trusted|Refused to connect", fault)]
    opened.faults.clear()
    assert reached == []


def test_a_narrow_screen_and_paper(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": 320, "height": 640})
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    opened.ask("BY100000001")
    for language in ("ru", "en"):
        opened.page.click(f"[data-language={language}]")
        assert opened.page.evaluate("document.documentElement.scrollWidth") == 320
    opened.page.emulate_media(media="print")
    assert not opened.page.is_visible("#form")
    assert opened.page.is_visible(".verdict")
    assert opened.page.is_visible(".steps")


def test_axe_finds_nothing(chromium: Browser, tmp_path: Path, axe: str) -> None:
    opened = open_page(chromium, tmp_path, bypass_csp=True, reduced_motion="reduce")

    def findings() -> list[tuple[str, str]]:
        opened.page.evaluate(axe)
        found = opened.page.evaluate(
            "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
        )
        return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]

    opened.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert findings() == []
    opened.page.select_option("#recogniser", "CN")
    opened.give(SNAPSHOT_FORM.encode_cbor(taken()))
    for tin, language in (("BY100000001", "en"), ("BY101010101", "ru")):
        opened.page.click(f"[data-language={language}]")
        opened.ask(tin)
        assert findings() == []
    opened.give(json.dumps({**json.loads(evidence()), "nodes": []}).encode())
    opened.ask("", role="exporter")
    opened.ask(BY_TRADER.text)
    assert findings() == []


def test_the_file_is_small() -> None:
    assert len(write_verifier(TRUST)) <= MAX_BYTES
