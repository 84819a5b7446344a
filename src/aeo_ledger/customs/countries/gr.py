"""Greece: EL is its prefix in tax matters."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import EORI
from aeo_ledger.customs.country import Country

COUNTRY = Country(code="GR", name="Greece", zone="Europe/Athens", tin=EORI, prefixes={"EL": EORI})
