"""China: the customs registration code, 10 digits, as China gives it to partners; the unified credit code does not fit a TIN."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="CN",
    name="China",
    zone="Asia/Shanghai",
    types=("ADVANCED",),
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Chinese customs code has 10 digits",
    ),
)
