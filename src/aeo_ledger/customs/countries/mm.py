"""Myanmar. No rule: no public source says which number its customs gives to partners."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="MM", name="Myanmar", zone="Asia/Yangon")
