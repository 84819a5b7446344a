"""Serbia: tax number (PIB), 9 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="RS",
    name="Serbia",
    zone="Europe/Belgrade",
    tin=TinRule(
        form="[0-9]{9}",
        needed="a Serbian PIB has 9 digits",
        is_valid=by_stdnum("rs.pib"),
        doubt="the PIB's check digit is wrong",
    ),
)
