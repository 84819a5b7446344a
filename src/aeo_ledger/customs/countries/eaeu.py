"""The Eurasian Economic Union: its members keep their own registers and sign their own arrangements."""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.country import Country, UnionCustom

TYPES: Final = ("1", "2", "3")
"""Types of certificates, the same in every member's register."""

COUNTRY = Country(code="EAEU", name="Eurasian Economic Union", zone="Europe/Moscow", union=UnionCustom())
