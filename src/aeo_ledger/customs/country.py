"""Countries and unions. Each has one row, in its own module under `customs.countries`, named by its code in lower case.

The row holds everything that differs by country: the name, the time zone, the prefixes of its traders' numbers, the types of
its certificates, the rule of its numbers, and how a union shares the work with its members. A new country is one new module.
No other place lists countries. A row is loaded when it is first needed, so a verifier loads only the countries it asks about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Final

USUAL_TYPES: Final = ("AEO",)
"""Certificate types of a register for which no others are known."""

_CODE: Final = re.compile(r"[A-Z]{2,8}")
_PLACE: Final = "aeo_ledger.customs.countries"


@dataclass(frozen=True, slots=True, kw_only=True)
class TinRule:
    """The form of the identifiers that a national register gives. An identifier is a TIN without its prefix.

    Only rules with a public source are here. Without a source a country has no rule: we do not guess.
    """

    form: str
    """Pattern of every identifier that the register gives."""
    needed: str
    """The form in words."""
    scripts: tuple[str, ...] = ()
    """Scripts, such as `CYRILLIC`, whose letters and digits are read as the Latin ones that they look like: people of this country type them."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Numbers that are often given in place of a TIN: a pattern of what follows the prefix, and what such a number is, in words."""
    remark: Callable[[str], str | None] = lambda _: None
    """Tells what an asker should know of an identifier, such as that it is a branch's; None if nothing."""
    also: tuple[str, str] | None = None
    """Another prefix under which the same trader may be registered with the same identifier, and what to say of that `{number}`."""
    is_valid: Callable[[str], bool] | None = None
    """Judges an identifier of this form, for example by its check digit. None if nothing more is known."""
    doubt: str = ""
    """What is wrong with an identifier that is not valid, in words."""

    def is_of_form(self, identifier: str) -> bool:
        """Tell whether an identifier has the form that the register gives."""
        return re.fullmatch(self.form, identifier) is not None and self.find_other(identifier) is None

    def find_other(self, identifier: str) -> str | None:
        """Tell in words which other number this is; None if it is none of those that are known."""
        return next((words for pattern, words in self.others.items() if re.fullmatch(pattern, identifier)), None)

    def find_problem(self, identifier: str) -> str | None:
        """Tell in words what the register would object to; None if nothing."""
        if not self.is_of_form(identifier):
            return self.find_other(identifier) or self.needed
        return None if self.is_valid is None or self.is_valid(identifier) else self.doubt


def by_stdnum(module: str, *, before: str = "") -> Callable[[str], bool]:
    """Let a module of python-stdnum, such as `by.unp`, judge identifiers. It loads slowly, so it is loaded on first use.

    `before` is the part of the national number that is the TIN's prefix too, as in the Swiss `CHE` and nine digits.
    """

    def is_valid(identifier: str) -> bool:
        return bool(import_module(f"stdnum.{module}").is_valid(before + identifier))

    return is_valid


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionCustom:
    """How a union and its members share the work. By default its members keep the registers and have the seats."""

    union_keeps_register: bool = False
    members_keep_registers: bool = True
    union_has_seat: bool = False
    """If false, each member has a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country, or a union of countries."""

    code: str
    """ISO 3166-1 alpha-2, or the usual code of a union. It is also the party's code, if it is a party of a ledger: then at most six letters."""
    name: str
    """In English."""
    zone: str
    """IANA name of the time zone of its customs headquarters. A day begins at midnight there."""
    types: tuple[str, ...] = USUAL_TYPES
    """Names of its certificate types. A type's number is its place and is never reused."""
    combined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names that mean several types at once."""
    tin: TinRule | None = None
    """The rule for TINs whose prefix is the country's code."""
    prefixes: Mapping[str, TinRule] = field(default_factory=dict)
    """Other TIN prefixes of this country, with the rule of each. Each prefix also has a module, which returns this row."""
    union: UnionCustom | None = None
    """For a union: how it and its members share the work."""

    def rule_of(self, prefix: str) -> TinRule | None:
        """Find the rule for identifiers after a prefix; None if there is none with a public source."""
        return self.tin if prefix == self.code else self.prefixes[prefix]


@lru_cache(maxsize=1024)
def find_by_prefix(prefix: str) -> Country | None:
    """Find the row that a TIN's prefix stands for; None if there is none. Any text is accepted."""
    if not _CODE.fullmatch(prefix):
        return None
    place = f"{_PLACE}.{prefix.lower()}"
    try:
        row: Country = import_module(place).COUNTRY
    except ModuleNotFoundError as error:
        if error.name != place:
            raise
        return None
    return row


def find_country(code: str) -> Country | None:
    """Find a country or union by its code; None if it has no row here."""
    row = find_by_prefix(code)
    return row if row is not None and row.code == code else None


def custom_of(union: str) -> UnionCustom:
    """Tell how a union shares the work with its members. An unknown union leaves registers and seats to its members."""
    row = find_country(union)
    return UnionCustom() if row is None or row.union is None else row.union
