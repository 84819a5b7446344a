"""Chile: RUT, 7 or 8 digits, and a check digit or K."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="CL",
    name="Chile",
    zone="America/Santiago",
    tin=TinRule(
        form="[0-9]{7,8}[0-9K]",
        needed="a Chilean RUT has 7 or 8 digits, and a digit or K",
        is_valid=by_stdnum("cl.rut"),
        doubt="the RUT's check digit is wrong",
    ),
)
