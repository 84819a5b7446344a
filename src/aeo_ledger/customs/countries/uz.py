"""Uzbekistan: taxpayer number (INN, STIR) of companies, 9 digits. Its check digit has no public rule."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="UZ",
    name="Uzbekistan",
    zone="Asia/Tashkent",
    tin=TinRule(
        form="[0-9]{9}",
        needed="an Uzbek INN of a company has 9 digits",
    ),
)
