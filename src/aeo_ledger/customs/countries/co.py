"""Colombia: NIT, at least 8 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="CO",
    name="Colombia",
    zone="America/Bogota",
    tin=TinRule(
        form="[0-9]{8,15}",
        needed="a Colombian NIT has 8 to 15 digits",
        is_valid=by_stdnum("co.nit"),
        doubt="the NIT's check digit is wrong",
    ),
)
