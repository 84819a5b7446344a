"""Make the README's pictures of the console anew, with Chromium: python scripts/programs/screenshots.py URL TRUST.

URL is the console of a running `scripts/demo --serve`, as in http://127.0.0.1:8547, and TRUST its trust.json. The pictures go into the package.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, Route, StorageState, sync_playwright

OUT = Path(__file__).parents[2] / "src/aeo_ledger/console/screenshots"
MOST_BYTES = 60_000
COLOURS = 32
QUESTION = {"who": "by 394545243", "recogniser": "CN", "direction": "import", "role": "exporter"}


def forge(route: Route) -> None:
    """Lie as a gateway would that leaves out a part of its proof."""
    answer = route.fetch().json()
    answer["evidence"]["nodes"].pop()
    route.fulfill(json=answer)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="as in http://127.0.0.1:8547")
    parser.add_argument("trust", type=Path, help="the network's trust.json")
    parser.add_argument("--tin", default=QUESTION["who"], help="a trader that China recognises")
    given = parser.parse_args()
    pinned = given.trust.read_text(encoding="utf-8")
    state: StorageState = {
        "cookies": [],
        "origins": [{"origin": given.url, "localStorage": [{"name": "aeo-ledger.trust", "value": pinned}]}],
    }
    asked = urlencode({**QUESTION, "who": given.tin})
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def take(
            name: str, path: str, shown: str, width: int, height: int, *, is_near: bool = False, lies: bool = False
        ) -> None:
            context = browser.new_context(
                base_url=given.url, storage_state=state, viewport={"width": width, "height": height}
            )
            page: Page = context.new_page()
            if lies:
                page.route("**/v1/decisions?*", forge)
            page.goto(f"/console/{path}")
            page.locator(shown).first.wait_for()
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            if is_near:
                page.locator(shown).evaluate("element => element.scrollIntoView()")
            picture = OUT / f"{name}.png"
            page.screenshot(path=picture)
            Image.open(picture).quantize(COLOURS).save(picture, optimize=True)
            context.close()

        take("verify", f"en/verify#{asked}", ".verdict", 900, 1120)
        take("not-checked", f"ru/verify#{asked}", ".verdict", 360, 640, is_near=True, lies=True)
        take("network", "en/network", "svg.map", 760, 760, is_near=True)
        browser.close()
    large = [path.name for path in OUT.glob("*.png") if path.stat().st_size > MOST_BYTES]
    print(*(f"{path.name}: {path.stat().st_size:,} bytes" for path in sorted(OUT.glob("*.png"))), sep="\n")
    return len(large)


if __name__ == "__main__":
    sys.exit(main())
