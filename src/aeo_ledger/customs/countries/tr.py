"""Türkiye."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="TR", name="Türkiye", zone="Europe/Istanbul")
