"""Canada: business number, 9 digits, the last one a check digit; or 15 characters with the account, such as `RM0001` for imports."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="CA",
    name="Canada",
    zone="America/Toronto",
    tin=TinRule(
        form="[0-9]{9}(?:R[CMPT][0-9]{4})?",
        needed="a Canadian business number has 9 digits, or an account such as RM0001 after them",
        is_valid=by_stdnum("ca.bn"),
        doubt="the business number's check digit is wrong",
    ),
)
