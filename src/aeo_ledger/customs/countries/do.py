"""Dominican Republic: RNC, 9 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="DO",
    name="Dominican Republic",
    zone="America/Santo_Domingo",
    tin=TinRule(
        form="[0-9]{9}",
        needed="a Dominican RNC has 9 digits",
        is_valid=by_stdnum("do.rnc"),
        doubt="the RNC's check digit is wrong",
    ),
)
