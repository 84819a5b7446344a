"""XI, the prefix of Northern Ireland's traders, whose certificates are in the EU's register."""

from __future__ import annotations

from aeo_ledger.customs.countries.eu import COUNTRY

__all__ = ["COUNTRY"]
