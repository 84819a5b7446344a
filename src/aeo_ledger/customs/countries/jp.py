"""Japan: corporate number, 13 digits, the first one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="JP",
    name="Japan",
    zone="Asia/Tokyo",
    tin=TinRule(
        form="[0-9]{13}",
        needed="a Japanese corporate number has 13 digits",
        is_valid=by_stdnum("jp.cn"),
        doubt="the corporate number's check digit is wrong",
    ),
)
