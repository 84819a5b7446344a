"""The East African Community: a regional register beside the national ones."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, UnionCustom

COUNTRY = Country(
    code="EAC",
    name="East African Community",
    zone="Africa/Dar_es_Salaam",
    union=UnionCustom(union_keeps_register=True),
)
