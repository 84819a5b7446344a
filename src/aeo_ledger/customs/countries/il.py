"""Israel: company number, 9 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="IL",
    name="Israel",
    zone="Asia/Jerusalem",
    tin=TinRule(
        form="[0-9]{9}",
        needed="an Israeli company number has 9 digits",
        is_valid=by_stdnum("il.hp"),
        doubt="the number does not begin with 5, or its check digit is wrong",
    ),
)
