"""Make the README's pictures of the console anew, with Chromium: python scripts/programs/screenshots.py URL TRUST.

URL is the console of a running `scripts/demo --serve`, as in http://127.0.0.1:8547, and TRUST its trust.json. The pictures go into the package.
With --workshop CODE, URL is that of a new `aeo-ledger workshop` with the code of its room, and the picture is of a table there.
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
SEATS = {"Anna": "BY", "Li": "CN"}
QUESTION = {"who": "by 394545243", "recogniser": "CN", "direction": "import", "role": "exporter"}


def forge(route: Route) -> None:
    """Lie as a gateway would that leaves out a part of its proof."""
    answer = route.fetch().json()
    answer["evidence"]["nodes"].pop()
    route.fulfill(json=answer)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="as in http://127.0.0.1:8547")
    parser.add_argument("trust", type=Path, nargs="?", help="the network's trust.json")
    parser.add_argument("--workshop", metavar="CODE", help="picture a workshop instead: the code of its room")
    parser.add_argument("--tin", default=QUESTION["who"], help="a trader that China recognises")
    given = parser.parse_args()
    if given.workshop:
        picture_workshop(given.url, given.workshop)
        return tell_sizes()
    if given.trust is None:
        parser.error("TRUST is needed, or --workshop")
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
            save(page, name)
            context.close()

        take("verify", f"en/verify#{asked}", ".verdict", 900, 1120)
        take("not-checked", f"ru/verify#{asked}", ".verdict", 360, 640, is_near=True, lies=True)
        take("network", "en/network", "svg.map", 760, 760, is_near=True)
        browser.close()
    return tell_sizes()


def picture_workshop(url: str, code: str) -> None:
    """Play a round at two tables, and picture the second when the first has suspended a trader."""
    trader, terms = "BY511125808", {"types": ["3"], "directions": ["import"], "benefits": ["fewer_inspections"]}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(base_url=url, viewport={"width": 1000, "height": 1240})

        def post(path: str, seat: str, **body: object) -> str:
            answer = page.request.post(f"/workshop/{path}", data=body, headers={"workshop-seat": seat})
            return str(answer.json().get("seat") or answer.json().get("number"))

        minsk, beijing = (post("seats", "", code=code, name=name, party=party) for name, party in SEATS.items())
        post("certificates", minsk, act="grant", tin=trader, type="3", roles=["exporter"])
        recognised = {"recogniser": "CN", "register": "BY", **terms}
        draft = post("drafts", beijing, name="CN-BY", recognitions=[recognised])
        post(f"drafts/{draft}/signature", minsk)
        post("progress", beijing, exercise=2, step=2)
        page.goto("/console/en/workshop")
        page.evaluate("seat => sessionStorage.setItem('aeo-ledger.seat', seat)", beijing)
        page.reload()
        page.locator("#ask > summary").click()
        page.locator("#asked").fill(trader)
        page.locator("#ask form button").click()
        page.locator("#answers .badge.recognised").wait_for()
        post("certificates", minsk, act="suspend", tin=trader, type="3", reason="conditions_not_met")
        page.locator("#answers .badge.not_recognised").wait_for()
        page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        save(page, "workshop")
        browser.close()


def save(page: Page, name: str) -> None:
    picture = OUT / f"{name}.png"
    page.screenshot(path=picture)
    Image.open(picture).quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)


def tell_sizes() -> int:
    large = [path.name for path in OUT.glob("*.png") if path.stat().st_size > MOST_BYTES]
    print(*(f"{path.name}: {path.stat().st_size:,} bytes" for path in sorted(OUT.glob("*.png"))), sep="\n")
    return len(large)


if __name__ == "__main__":
    sys.exit(main())
