"""Norway."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="NO", name="Norway", zone="Europe/Oslo")
