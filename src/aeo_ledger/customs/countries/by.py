"""Belarus: payer's number (UNP) of organisations, 9 digits, the last one a check digit, the first one a region."""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import TYPES
from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="BY",
    name="Belarus",
    zone="Europe/Minsk",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{9}",
        needed="a Belarusian UNP of an organisation has 9 digits",
        is_valid=by_stdnum("by.unp"),
        doubt="the UNP's region or check digit is wrong",
    ),
)
