"""The Pacific Alliance: its members recognise each other. It has no house of its own; it was declared in Lima.

The code is that of the published lists of arrangements. It is longer than a ledger's party code: each member is a party of its own.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, UnionCustom

COUNTRY = Country(code="PACIFIC", name="Pacific Alliance", zone="America/Lima", union=UnionCustom())
