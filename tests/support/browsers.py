"""Pages in Chromium, as people use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from support.chromium import WITHIN_MS
from support.npm import AXE, npm_install

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe, which finds what people with a disability could not use."""
    folder = npm_install(tmp_path_factory.mktemp("axe"), AXE)
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@contextmanager
def open_page(
    browser: Browser, url: str, *, trust: str | None = None, width: int = 1100, **more: Any
) -> Iterator[Page]:
    """Open an empty page of a browser that pinned a trust bundle; afterwards it must have complained of nothing.

    Args:
        browser: The browser. Nothing is shared with its other pages.
        url: Of the gateway.
        trust: The bundle, as JSON; None if nothing is pinned.
        width: Of the screen, in pixels.
        more: How else the browser is to be.
    """
    kept: list[Any] = [] if trust is None else [{"name": "aeo-ledger.trust", "value": trust}]
    state: StorageState = {"cookies": [], "origins": [{"origin": url, "localStorage": kept}]}
    complaints: list[str] = []
    context = browser.new_context(
        base_url=url, storage_state=state, viewport={"width": width, "height": 800}, locale="en-GB", **more
    )
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        refused = tuple(
            f"Failed to load resource: the server responded with a status of {code}" for code in ("40", "503")
        )
        assert [one for one in complaints if not one.startswith(refused)] == []
    finally:
        context.close()


def findings_of(page: Page, axe: str) -> list[str]:
    """List what axe finds in a page, with the place of each."""
    page.evaluate(axe)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", rules)
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]
