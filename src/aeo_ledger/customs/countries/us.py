"""United States."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="US", name="United States", zone="America/New_York")
