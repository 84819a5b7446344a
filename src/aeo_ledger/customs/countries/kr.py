"""Korea: business registration number, 10 digits: office, kind of business, serial."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="KR",
    name="Korea",
    zone="Asia/Seoul",
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Korean business registration number has 10 digits",
        is_valid=by_stdnum("kr.brn"),
        doubt="the number's office, kind or serial is not given out",
    ),
)
