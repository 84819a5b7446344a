"""Australia: business number (ABN), 11 digits, the first two check digits."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="AU",
    name="Australia",
    zone="Australia/Sydney",
    tin=TinRule(
        form="[0-9]{11}",
        needed="an Australian ABN has 11 digits",
        is_valid=by_stdnum("au.abn"),
        doubt="the ABN's check digits are wrong",
    ),
)
