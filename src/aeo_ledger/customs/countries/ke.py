"""Kenya: PIN, a letter for the kind of person, 9 digits, a check letter."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="KE",
    name="Kenya",
    zone="Africa/Nairobi",
    tin=TinRule(
        form="[A-Z][0-9]{9}[A-Z]",
        needed="a Kenyan PIN has a letter, 9 digits and a letter",
        is_valid=by_stdnum("ke.pin"),
        doubt="the PIN's first letter is not given out",
    ),
)
