"""Uruguay: RUT, 12 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="UY",
    name="Uruguay",
    zone="America/Montevideo",
    tin=TinRule(
        form="[0-9]{12}",
        needed="a Uruguayan RUT has 12 digits",
        is_valid=by_stdnum("uy.rut"),
        doubt="the RUT's check digit is wrong",
    ),
)
