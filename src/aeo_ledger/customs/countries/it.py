"""Italy."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import EORI
from aeo_ledger.customs.country import Country

COUNTRY = Country(code="IT", name="Italy", zone="Europe/Rome", tin=EORI)
