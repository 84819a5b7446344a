"""Chromium without a screen, by Playwright: Debian's browser, which CI installs; without it whoever needs it is skipped, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.waiting import WITHIN_S

if TYPE_CHECKING:  # whoever needs no browser does not load it
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
ORIGIN = "http://files.test"
"""A name of no machine, by plain http: as on an office's network, there is no WebCrypto."""
WITHIN_MS = 1_000 * WITHIN_S
"""Milliseconds that the browser and its pages may take."""
KINDS = {".mjs": "text/javascript", ".html": "text/html", ".css": "text/css"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. While it is open, an event loop runs in this thread, so no test of another module may meet it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        sync_api.expect.set_options(timeout=WITHIN_MS)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=WITHIN_MS
        )
        yield browser
        browser.close()


def serve_files(page: Page) -> Page:
    """Let a page load this repository's files from `ORIGIN`, without any socket, and nothing else."""

    def answer(route: Route) -> None:
        path = ROOT / route.request.url.removeprefix(f"{ORIGIN}/")
        if path.is_file():
            route.fulfill(body=path.read_bytes(), content_type=KINDS.get(path.suffix, "text/plain"))
        else:
            route.fulfill(body="<!DOCTYPE html><title>files</title>", content_type="text/html")

    page.set_default_timeout(WITHIN_MS)
    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    return page
