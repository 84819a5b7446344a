"""Norway: organisation number, 9 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="NO",
    name="Norway",
    zone="Europe/Oslo",
    tin=TinRule(
        form="[0-9]{9}",
        needed="a Norwegian organisation number has 9 digits",
        is_valid=by_stdnum("no.orgnr"),
        doubt="the organisation number's check digit is wrong",
    ),
)
