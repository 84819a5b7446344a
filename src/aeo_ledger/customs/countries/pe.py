"""Peru: RUC, 11 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="PE",
    name="Peru",
    zone="America/Lima",
    tin=TinRule(
        form="[0-9]{11}",
        needed="a Peruvian RUC has 11 digits",
        is_valid=by_stdnum("pe.ruc"),
        doubt="the RUC's kind or check digit is wrong",
    ),
)
