"""Guatemala: NIT, at most 12 digits, the last one a check digit or K."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="GT",
    name="Guatemala",
    zone="America/Guatemala",
    tin=TinRule(
        form="[0-9]{1,11}[0-9K]",
        needed="a Guatemalan NIT has 2 to 12 digits, the last one may be K",
        is_valid=by_stdnum("gt.nit"),
        doubt="the NIT's check digit is wrong",
    ),
)
