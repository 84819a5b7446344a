"""Kyrgyzstan: taxpayer identification number, 14 digits."""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import CERTIFICATES, SCRIPTS, TYPES
from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="KG",
    name="Kyrgyzstan",
    zone="Asia/Bishkek",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{14}",
        needed="a Kyrgyz TIN has 14 digits",
        scripts=SCRIPTS,
        others=CERTIFICATES,
    ),
)
