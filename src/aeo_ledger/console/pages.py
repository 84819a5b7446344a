"""The pages, each rendered once for each language: words and forms, and no fact of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from aeo_ledger.console.assets import Assets
from aeo_ledger.customs import countries
from aeo_ledger.customs.alias_codes import KIND_NAMES
from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role, Status
from aeo_ledger.protocol.act_file import LARGEST_FILE
from aeo_ledger.wording.catalogues import LANGUAGES, open_words
from aeo_ledger.wording.words import later

LANGUAGE_NAMES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "ru": "Русский"})
"""How each language calls itself."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)
"""Content security policy of every page: only files of this gateway, nothing written into a page, and no markup made from text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page. Its template is `templates/NAME.html`, and its script, which the template names, is `static/NAME.mjs`."""

    name: str
    """Its name in addresses."""
    title: str
    """In English; `later` marks it for translation."""
    is_listed: bool = True
    """Whether every page leads to it."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What its template may show beside words: tables of this package."""


PAGES: Final = (
    Page(name="verify", title=later("Verify")),
    Page(name="manifest", title=later("Manifest")),
    Page(name="corridor", title=later("Corridor")),
    Page(name="trader", title=later("Trader")),
    Page(name="register", title=later("Register")),
    Page(name="network", title=later("Network")),
    Page(name="feed", title=later("Feed")),
    Page(name="parties", title=later("Parties")),
    Page(name="blocks", title=later("Blocks")),
    Page(name="office", title=later("Office"), facts={"largest": LARGEST_FILE}),
    Page(name="trust", title=later("Trust")),
)
"""The officer's pages, in the order in which every page lists them."""


ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {row.code: row.zone for module in iter_modules(countries.__path__) if (row := find_country(module.name.upper()))}
)
"""The time zone in which the days of each party begin, by its code."""


class Shelf:
    """Every page in every language.

    Args:
        pages: The pages, in the order in which they are listed.
        assets: What they load.
        banner: What stands above every page, in English; `later` marks it for translation. Empty for nothing.
    """

    def __init__(self, pages: Sequence[Page], assets: Assets, banner: str = "") -> None:
        environment = Environment(
            loader=PackageLoader("aeo_ledger.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages = {
            (language, page.name): _render(environment, page, language, pages, assets, banner)
            for language in LANGUAGES
            for page in pages
        }

    def find(self, language: str, name: str) -> str | None:
        """Return a page; None if there is none of this name, or none in this language."""
        return self._pages.get((language, name))


def _render(
    environment: Environment, page: Page, language: str, pages: Sequence[Page], assets: Assets, banner: str
) -> str:
    words = open_words(language)
    template = environment.get_template(f"{page.name}.html")
    return template.render(
        page=page,
        pages=[one for one in pages if one.is_listed],
        language=language,
        languages=LANGUAGE_NAMES,
        root=f"/console/static/{assets.version}",
        banner=banner,
        words=words,
        roles=Role,
        directions=Direction,
        statuses=Status,
        benefits=Benefit,
        kinds=KIND_NAMES,
        zones=dict(ZONES),
        **page.facts,
    )
