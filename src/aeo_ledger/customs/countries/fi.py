"""Finland."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import EORI
from aeo_ledger.customs.country import Country

COUNTRY = Country(code="FI", name="Finland", zone="Europe/Helsinki", tin=EORI)
