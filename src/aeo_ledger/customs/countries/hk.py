"""Hong Kong. No rule: no public source says which number its customs gives to partners."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="HK", name="Hong Kong", zone="Asia/Hong_Kong")
