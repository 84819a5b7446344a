"""Egypt: tax registration number, 9 digits, often written in Arabic digits (python-stdnum reads both)."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="EG",
    name="Egypt",
    zone="Africa/Cairo",
    tin=TinRule(
        form="[0-9]{9}",
        needed="an Egyptian tax number has 9 digits",
        scripts=("ARABIC",),
    ),
)
