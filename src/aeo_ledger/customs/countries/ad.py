"""Andorra: tax registration number (NRT), a letter for the kind of person, 6 digits, a control letter."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="AD",
    name="Andorra",
    zone="Europe/Andorra",
    tin=TinRule(
        form="[A-Z][0-9]{6}[A-Z]",
        needed="an Andorran NRT has a letter, 6 digits and a letter",
        is_valid=by_stdnum("ad.nrt"),
        doubt="the NRT's first letter does not fit its digits",
    ),
)
