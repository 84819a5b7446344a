"""Paraguay: RUC, 5 to 9 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="PY",
    name="Paraguay",
    zone="America/Asuncion",
    tin=TinRule(
        form="[0-9]{5,9}",
        needed="a Paraguayan RUC has 5 to 9 digits",
        is_valid=by_stdnum("py.ruc"),
        doubt="the RUC's check digit is wrong",
    ),
)
