"""India."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="IN", name="India", zone="Asia/Kolkata")
