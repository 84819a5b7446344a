"""Uruguay."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="UY", name="Uruguay", zone="America/Montevideo")
