"""Switzerland: company number (UID), `CHE` and 9 digits, the last one a check digit. Its first two letters are the TIN's prefix."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="CH",
    name="Switzerland",
    zone="Europe/Zurich",
    tin=TinRule(
        form="E[0-9]{9}",
        needed="a Swiss UID is CHE and 9 digits",
        is_valid=by_stdnum("ch.uid", before="CH"),
        doubt="the UID's check digit is wrong",
    ),
)
