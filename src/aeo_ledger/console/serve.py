"""The console's routes at a gateway: pages, and the files that they load. Each is the same for every reader, so no token is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from aeo_ledger.console.assets import Assets, media_type_of
from aeo_ledger.console.pages import PAGES, POLICY, Page, Shelf
from aeo_ledger.errors.gateway import NoSuchRoute
from aeo_ledger.wording.catalogues import LANGUAGES
from aeo_ledger.wording.words import ENGLISH

HEADERS: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
    "vary": "accept-language",
}
"""Headers of every page. No address, which may name a trader, is told to another page."""

_FOR_EVER: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "same-origin",
}


def add_console(app: FastAPI, *, pages: Sequence[Page] = PAGES, banner: str = "") -> None:
    """Add the console to a gateway.

    Args:
        app: Gets its routes.
        pages: The pages that it shows, in the order in which they are listed; the first one is shown to who names none.
        banner: What stands above every page; empty for nothing.
    """
    assets = Assets.read()
    shelf = Shelf(pages, assets, banner)

    @app.get("/console", include_in_schema=False)
    async def get_console(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language", ""))
        return _write(shelf.find(language, pages[0].name), request)

    @app.get("/console/static/{version}/{path:path}", include_in_schema=False)
    async def get_asset(version: str, path: str, request: Request) -> Response:
        content, media_type = assets.files.get(path), media_type_of(path)
        if version != assets.version or content is None:
            raise NoSuchRoute(path=request.url.path[:200])
        return Response(content, media_type=media_type, headers=_FOR_EVER)

    @app.get("/console/{language}/{name}", include_in_schema=False)
    async def get_page(language: str, name: str, request: Request) -> Response:
        return _write(shelf.find(language, name), request)


def _write(page: str | None, request: Request) -> Response:
    if page is None:
        raise NoSuchRoute(path=request.url.path[:200])
    return Response(page, media_type="text/html", headers=HEADERS)


def choose_language(accepted: str) -> str:
    """Choose the language that a browser likes best among those that are spoken here; English if it likes none.

    Args:
        accepted: The header `Accept-Language`, as in `ru-BY,ru;q=0.9,en;q=0.8`. Browsers list the best first, so weights are not read.

    Source: RFC 9110, section 12.5.4.
    """
    tags = [part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted.split(",")]
    return next((tag for tag in tags if tag in LANGUAGES), ENGLISH.language)
