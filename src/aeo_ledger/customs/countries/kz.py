"""Kazakhstan: business identification number, 12 digits."""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import TYPES
from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="KZ",
    name="Kazakhstan",
    zone="Asia/Almaty",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{12}",
        needed="a Kazakh BIN has 12 digits",
    ),
)
