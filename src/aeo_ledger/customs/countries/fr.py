"""France."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import EORI
from aeo_ledger.customs.country import Country

COUNTRY = Country(code="FR", name="France", zone="Europe/Paris", tin=EORI)
