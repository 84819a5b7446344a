"""Ecuador: RUC, 13 digits; the last three or four are the establishment."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="EC",
    name="Ecuador",
    zone="America/Guayaquil",
    tin=TinRule(
        form="[0-9]{13}",
        needed="an Ecuadorian RUC has 13 digits",
        is_valid=by_stdnum("ec.ruc"),
        doubt="the RUC's province, kind or check digit is wrong",
    ),
)
