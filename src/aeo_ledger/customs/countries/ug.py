"""Uganda."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="UG", name="Uganda", zone="Africa/Kampala")
