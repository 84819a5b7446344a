"""Switzerland."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="CH", name="Switzerland", zone="Europe/Zurich")
