"""Armenia: taxpayer identification number, 8 digits."""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import CERTIFICATES, SCRIPTS, TYPES
from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="AM",
    name="Armenia",
    zone="Asia/Yerevan",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{8}",
        needed="an Armenian TIN has 8 digits",
        scripts=SCRIPTS,
        others=CERTIFICATES,
    ),
)
