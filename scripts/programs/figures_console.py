"""The figures of the verifier for browsers, in Chromium: verify.html, one question from nothing, and a snapshot that is loaded.

The page is opened from a file, without a network. *Cold* is the first question on a page that has just been opened: no code is compiled yet, and
the header's seals are checked. While a snapshot is loaded, a timer of the page ticks; its longest gap tells for how long the page did not answer.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from figures_sheet import Sheet
from figures_snapshot import NOW, make, question
from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from aeo_ledger.console.verifier_file import MAX_BYTES, write_verifier
from aeo_ledger.evidence import EVIDENCE_FORM, SNAPSHOT_FORM
from aeo_ledger.verify import TrustBundle
from support import sealed_world

STANDINGS: Final = 50_000
COLD_MS, LOADED_S, GAP_MS = 100, 10, 500
"""Targets: milliseconds for a question from nothing, seconds to load 50,000 standings, milliseconds for which the page may not answer."""
RUNS: Final = 9

_CLOCK: Final = """
let last = performance.now(), gap = 0;
setInterval(() => { const now = performance.now(); gap = Math.max(gap, now - last); last = now; }, 10);
window.gap = () => { const longest = gap; gap = 0; last = performance.now(); return longest; };
"""
"""A timer in the page, and its longest gap since it was last asked for."""

_TIME_LOAD: Final = """
() => {
  document.getElementById("file").addEventListener("change", () => { window.began = performance.now(); }, true);
  new MutationObserver(() => { window.ended = performance.now(); }).observe(document.getElementById("file-state"), { childList: true });
  gap();
}
"""
"""Note when a file is given and when the page last said something about it."""

_TIME_ASK: Final = """
() => {
  const started = performance.now();
  document.getElementById("form").requestSubmit();
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started))));
}
"""
"""Send the question, and tell how long it took until the verdict was painted."""


@contextmanager
def opened(folder: Path, trust: TrustBundle) -> Iterator[Page]:
    """Open the page in a browser of its own, at the time of the invented ledgers."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("Chromium is not installed")
    path = folder / "verify.html"
    path.write_bytes(write_verifier(trust))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(offline=True, locale="en-GB").new_page()
        shift = NOW * 1000 - int(datetime.now(UTC).timestamp() * 1000)
        page.add_init_script(f"const there = Date.now; Date.now = () => there() + {shift};{_CLOCK}")
        page.goto(path.as_uri())
        page.select_option("#recogniser", "CN")
        yield page
        browser.close()


def ask_cold(folder: Path) -> float:
    """Time the first question about evidence on a new page, in milliseconds: seals, proofs, decision and the painted verdict."""
    world = sealed_world.CustomsFacts().recognise(sealed_world.CN, sealed_world.BY)
    for number in range(1_000):
        world.grant(question(number).tin, sealed_world.BY, 2)
    asked = sealed_world.question(question(7).tin, sealed_world.CN)
    evidence = folder / "evidence.json"
    evidence.write_text(EVIDENCE_FORM.encode_json(sealed_world.SealedWorld(world).prove(asked)))
    with opened(folder, sealed_world.trust()) as page:
        page.set_input_files("#file", evidence)
        expect(page.locator("#file-state")).to_contain_text("is evidence")
        page.fill("#tin", asked.tin.text)
        took: float = page.evaluate(_TIME_ASK)
        _demand_yes(page)
        return took


def load_snapshot(folder: Path) -> dict[str, Any]:
    """Load a snapshot and ask about it."""
    snapshot, trust = make(STANDINGS)
    file = folder / "snapshot"
    file.write_bytes(SNAPSHOT_FORM.encode_cbor(snapshot))
    with opened(folder, trust) as page:
        page.evaluate(_TIME_LOAD)
        page.set_input_files("#file", file)
        expect(page.locator("#file-state")).to_contain_text("whole ledger", timeout=120_000)
        loaded, gap = page.evaluate("[ended - began, gap()]")
        page.fill("#tin", question(STANDINGS // 2).tin.text)
        took: float = page.evaluate(_TIME_ASK)
        _demand_yes(page)
    return {"loaded_s": loaded / 1000, "gap_ms": gap, "asked_ms": took, "bytes": file.stat().st_size}


def _demand_yes(page: Page) -> None:
    if page.locator("#result .recognised").count() != 1:
        raise SystemExit(f"a standing is not recognised: {page.inner_text('#result')}")


def console_figures(sheet: Sheet) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home, sheet.busy("verify.html in Chromium"):
        folder = Path(home)
        size = len(write_verifier(sealed_world.trust()))
        cold = [ask_cold(folder) for _ in range(RUNS)]
        snapshot = load_snapshot(folder)
    columns = {"what": "text", "measured": "", "reach": "", "beside it": "text"}
    table = sheet.table("The verifier in a browser (Chromium, opened from a file)", columns)
    table.add_row("verify.html", f"{size / 1000:.1f} KB", f"{MAX_BYTES / 1000:.0f} KB", "")
    table.add_row(
        "one question cold, painted", f"{median(cold):.0f} ms", f"{COLD_MS} ms", f"worst of {RUNS}: {max(cold):.0f} ms"
    )
    table.add_row(
        "snapshot of 50,000 standings loaded",
        f"{snapshot['loaded_s']:.1f} s",
        f"{LOADED_S} s",
        f"{snapshot['bytes'] / 1e6:.1f} MB",
    )
    table.add_row("longest time without an answer meanwhile", f"{snapshot['gap_ms']:.0f} ms", f"{GAP_MS} ms", "")
    table.add_row("one question of it, painted", f"{snapshot['asked_ms']:.0f} ms", f"{COLD_MS} ms", "")
    sheet.print(table)
    if (
        size > MAX_BYTES
        or max(median(cold), snapshot["asked_ms"]) > COLD_MS
        or snapshot["loaded_s"] > LOADED_S
        or snapshot["gap_ms"] > GAP_MS
    ):
        raise SystemExit("a figure was not reached on this machine, this time")
