"""Thailand: tax number, 13 digits, the last one a check digit; a company's begins with 0."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="TH",
    name="Thailand",
    zone="Asia/Bangkok",
    tin=TinRule(
        form="[0-9]{13}",
        needed="a Thai tax number has 13 digits",
        is_valid=by_stdnum("th.tin"),
        doubt="the tax number's check digit is wrong",
    ),
)
