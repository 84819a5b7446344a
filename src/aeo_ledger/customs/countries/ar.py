"""Argentina: CUIT, 11 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="AR",
    name="Argentina",
    zone="America/Argentina/Buenos_Aires",
    tin=TinRule(
        form="[0-9]{11}",
        needed="an Argentine CUIT has 11 digits",
        is_valid=by_stdnum("ar.cuit"),
        doubt="the CUIT's kind or check digit is wrong",
    ),
)
