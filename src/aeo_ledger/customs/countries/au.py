"""Australia."""

from __future__ import annotations

from aeo_ledger.customs.country import Country

COUNTRY = Country(code="AU", name="Australia", zone="Australia/Sydney")
