"""Chromium without a screen, by Playwright: Debian's browser, which CI installs; without it whoever needs it is skipped, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
ORIGIN = "http://files.test"
"""A name of no machine, by plain http: as on an office's network, there is no WebCrypto."""
KINDS = {".mjs": "text/javascript", ".html": "text/html", ".css": "text/css"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
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

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    return page
