"""Indonesia: NPWP, 15 digits. Its new form, a zero before them, is longer than a TIN may be."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="ID",
    name="Indonesia",
    zone="Asia/Jakarta",
    tin=TinRule(
        form="[0-9]{15}",
        needed="an Indonesian NPWP has 15 digits",
        is_valid=by_stdnum("id.npwp"),
        doubt="the NPWP's check digit is wrong",
    ),
)
