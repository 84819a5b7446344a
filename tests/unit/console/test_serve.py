"""Pages are frames: nothing in them comes from a reader, from the ledger or from another address, and nothing runs that is written in them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import anyio
import httpx
import pytest
from fastapi import FastAPI

from aeo_ledger.console.assets import Assets, media_type_of
from aeo_ledger.console.pages import LANGUAGE_NAMES, PAGES, POLICY, ZONES, Page, Shelf
from aeo_ledger.console.serve import add_console, choose_language
from aeo_ledger.errors.gateway import NoSuchRoute
from aeo_ledger.wording.catalogues import LANGUAGES, open_words

ASSETS = Assets.read()
STATIC = f"/console/static/{ASSETS.version}"
EVERY = [(language, page.name) for language in LANGUAGES for page in PAGES]


APP = FastAPI()
add_console(APP)


def get(path: str, **headers: str) -> httpx.Response:
    """Ask the console for a path."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    return anyio.run(ask)


class Elements(HTMLParser):
    """The elements of a page, each with its attributes, and the text inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in {"script", "style"}:
            self.inline += data.strip()


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_a_page_obeys_its_own_policy_and_is_in_its_language(language: str, name: str) -> None:
    answer = get(f"/console/{language}/{name}")
    assert (answer.status_code, answer.headers["content-security-policy"]) == (200, POLICY)
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = Elements(answer.text)
    assert page.inline == ""
    assert page.found[0] == ("html", {"lang": language})
    for tag, attributes in page.found:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}, tag
        for place in ("src", "href"):
            address = attributes.get(place) or "/"
            assert address.startswith(("/", "#")) or re.fullmatch("[a-z]+", address), address
            if address.startswith("/console/static/"):
                assert address.removeprefix(f"{STATIC}/") in ASSETS.files
    (title,) = (one.title for one in PAGES if one.name == name)
    assert f"<title>{open_words(language).phrase(title)} " in answer.text


def test_the_policy_lets_nothing_in_that_is_not_the_gateways_own() -> None:
    allowed = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert allowed.pop("require-trusted-types-for") == "'script'"
    assert allowed["default-src"] == "'none'"
    assert set(allowed.values()) == {"'none'", "'self'"}


@pytest.mark.parametrize(("path", "content"), ASSETS.files.items())
def test_no_file_leads_elsewhere_and_every_import_is_there(path: str, content: bytes) -> None:
    text = content.decode()
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9.-]+\.[a-z]{2,}", text)
    assert not re.search(r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    folder = path.rpartition("/")[0]
    for imported in re.findall(r'from "\./([^"]+)"', text):
        assert f"{folder}/{imported}".lstrip("/") in ASSETS.files


def test_a_file_may_be_kept_for_ever_since_its_address_changes_with_it() -> None:
    answer = get(f"{STATIC}/verifier/verify.mjs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == ASSETS.files["verifier/verify.mjs"]


@pytest.mark.parametrize(
    "path",
    [
        "/console/en/nothing",
        "/console/be/verify",
        "/console/static/0000000000000000/console.css",
        f"{STATIC}/nothing.mjs",
        f"{STATIC}/%2e%2e/pages.py",
    ],
)
def test_nothing_else_is_given(path: str) -> None:
    with pytest.raises(NoSuchRoute):
        get(path)


@pytest.mark.parametrize(
    ("path", "media"), [("a/b.mjs", "text/javascript; charset=utf-8"), ("a.py", None), ("mjs", None)]
)
def test_only_what_pages_load_has_a_media_type(path: str, media: str | None) -> None:
    assert media_type_of(path) == media


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ru-BY,ru;q=0.9,en;q=0.8", "ru"),
        ("be, RU;q=0.7", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de", "en"),
        (";;,,=", "en"),
        ("rus", "en"),
    ],
)
def test_a_reader_who_names_no_page_gets_the_first_one_in_a_language_that_the_browser_likes(
    accepted: str, language: str
) -> None:
    assert choose_language(accepted) == language
    answer = get("/console", **{"accept-language": accepted})
    assert answer.text == get(f"/console/{language}/{PAGES[0].name}").text
    assert answer.headers["vary"] == "accept-language"


def test_a_banner_stands_above_every_page_as_text() -> None:
    shelf = Shelf([Page(name="feed", title="Feed")], ASSETS, "<b>DEMO</b>")
    assert "&lt;b&gt;DEMO&lt;/b&gt;" in (shelf.find("ru", "feed") or "")


def test_each_language_that_is_spoken_calls_itself_by_name() -> None:
    assert set(LANGUAGE_NAMES) == set(LANGUAGES)


def test_days_begin_where_the_party_is() -> None:
    assert (ZONES["BY"], ZONES["CN"], ZONES["EU"], ZONES["IN"]) == (
        "Europe/Minsk",
        "Asia/Shanghai",
        "Europe/Brussels",
        "Asia/Kolkata",
    )
