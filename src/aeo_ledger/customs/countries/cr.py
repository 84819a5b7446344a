"""Costa Rica: legal person's number (CPJ), 10 digits: class, kind, serial. It has no check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="CR",
    name="Costa Rica",
    zone="America/Costa_Rica",
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Costa Rican CPJ has 10 digits",
        is_valid=by_stdnum("cr.cpj"),
        doubt="the CPJ's class or kind is not given out",
    ),
)
