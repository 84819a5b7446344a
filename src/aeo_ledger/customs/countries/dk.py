"""Denmark."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import EORI
from aeo_ledger.customs.country import Country

COUNTRY = Country(code="DK", name="Denmark", zone="Europe/Copenhagen", tin=EORI)
