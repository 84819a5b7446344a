"""Countries and unions: one row each, in a module of its own under `customs.countries`, named by its code in small letters.

Everything that differs from country to country is in the row: the name, the time zone in which its days begin, the prefixes of
its traders' numbers, the types of its certificates, the rule of its numbers, and how a union shares the work with its members.
A new country is one new module, and nothing else lists countries. Each is loaded when it is first asked for, so that a verifier
pays for the countries of its questions alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Final

USUAL_TYPES: Final = ("AEO",)
"""Types of a register of which nothing else is known."""

_CODE: Final = re.compile(r"[A-Z]{2,6}")
_PLACE: Final = "aeo_ledger.customs.countries"


@dataclass(frozen=True, slots=True, kw_only=True)
class TinRule:
    """What a national register says of the identifiers that it gives: a TIN without its prefix.

    Only rules with a public source are written down; a country without one has none that could be told from a guess.
    """

    form: str
    """Pattern of all identifiers that the register gives."""
    needed: str
    """The form in words."""
    is_valid: Callable[[str], bool] | None = None
    """Judges an identifier of this form, such as by its check digit; None where nothing more is known."""
    doubt: str = ""
    """What is wrong with an identifier that is not valid, in words."""

    def is_of_form(self, identifier: str) -> bool:
        """Say whether an identifier has the form that the register gives."""
        return re.fullmatch(self.form, identifier) is not None

    def find_problem(self, identifier: str) -> str | None:
        """Say in words what the register would object to; None if nothing."""
        if not self.is_of_form(identifier):
            return self.needed
        return None if self.is_valid is None or self.is_valid(identifier) else self.doubt


def by_stdnum(module: str) -> Callable[[str], bool]:
    """Let a module of python-stdnum judge identifiers, such as `by.unp`; it is loaded when it first judges, since that takes long."""

    def is_valid(identifier: str) -> bool:
        return bool(import_module(f"stdnum.{module}").is_valid(identifier))

    return is_valid


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionCustom:
    """How a union and its members share the work; by default its members keep the registers and have the seats."""

    union_keeps_register: bool = False
    members_keep_registers: bool = True
    union_has_seat: bool = False
    """Else each member has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country, or a union of countries."""

    code: str
    """ISO 3166-1 alpha-2, or the usual code of a union: what it is called as a party."""
    name: str
    """In English."""
    zone: str
    """Time zone of its customs headquarters, by its name in the IANA database: a day begins at midnight there."""
    types: tuple[str, ...] = USUAL_TYPES
    """Names of its certificates' types; a type's number is its place, and is never reused."""
    combined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names that mean several types at once."""
    tin: TinRule | None = None
    """The rule of the identifiers in TINs whose prefix is its code."""
    prefixes: Mapping[str, TinRule] = field(default_factory=dict)
    """Prefixes of TINs that stand for it beside its code, with the rule of each; each has a module too, which holds this row."""
    union: UnionCustom | None = None
    """For a union: how it and its members share the work."""

    def rule_of(self, prefix: str) -> TinRule | None:
        """Find the rule of identifiers after a prefix; None if there is none with a public source."""
        return self.tin if prefix == self.code else self.prefixes[prefix]


@lru_cache(maxsize=1024)
def find_by_prefix(prefix: str) -> Country | None:
    """Find the row for which a TIN's prefix stands; None if there is none. Any text may be asked about."""
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
    """Say how a union shares the work with its members; one that is not known leaves registers and seats to them."""
    row = find_country(union)
    return UnionCustom() if row is None or row.union is None else row.union
