"""United Kingdom."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="GB", name="United Kingdom", zone="Europe/London")
