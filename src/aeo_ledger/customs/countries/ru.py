"""Russia: taxpayer number (INN) of companies, 10 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import CERTIFICATES, SCRIPTS, TYPES
from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="RU",
    name="Russia",
    zone="Europe/Moscow",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Russian INN of a company has 10 digits",
        scripts=SCRIPTS,
        others=CERTIFICATES,
        is_valid=by_stdnum("ru.inn"),
        doubt="the INN's check digit is wrong",
    ),
)
