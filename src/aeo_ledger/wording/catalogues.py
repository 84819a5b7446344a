"""The catalogues that come with the package, and the language that a reader asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from importlib import resources
from typing import Final

from aeo_ledger.wording.words import ENGLISH, Words

LANGUAGES: Final = ("en", "ru")
"""ISO 639-1 codes of the languages that are spoken."""

DOMAIN: Final = "aeo_ledger"
"""Name of the catalogues' files."""

_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where a system says which language its user reads, the first that is set (GNU gettext manual, 2.3)."""


@cache
def open_words(language: str) -> Words:
    """Open the words of a language, one of `LANGUAGES`."""
    if language == ENGLISH.language:
        return ENGLISH
    place = resources.files(__package__).joinpath("locale", language, "LC_MESSAGES", f"{DOMAIN}.mo")
    with place.open("rb") as file:
        return Words(language, GNUTranslations(file))


def find_language(environment: Mapping[str, str]) -> str:
    """Find the language of the user's locale, as GNU gettext does; English if it is one that is not spoken here.

    `LANGUAGE` may list several, the best first. It does not count if the locale is `C`, which asks for no translation.

    Args:
        environment: Variables of the process.
    """
    given = [environment[name] for name in _VARIABLES if environment.get(name)]
    if environment.get("LANGUAGE") and [_code_of(locale) for locale in given[1:2]] in ([], ["C"], ["POSIX"]):
        given = given[1:]
    wanted = [_code_of(locale) for locale in given[0].split(":")] if given else []
    return next((code for code in wanted if code in LANGUAGES), ENGLISH.language)


def _code_of(locale: str) -> str:
    """Return the language of a locale such as `ru_RU.UTF-8@euro`."""
    return locale.partition(".")[0].partition("@")[0].partition("_")[0]
