"""Mercosur: its members recognise each other, and conclude together. They keep the registers and have the seats.

The code is that of the published lists of arrangements. It is longer than a ledger's party code: each member is a party of its own.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, UnionCustom

COUNTRY = Country(code="MERCOSUR", name="Mercosur", zone="America/Montevideo", union=UnionCustom())
