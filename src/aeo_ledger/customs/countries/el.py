"""EL, Greece's prefix in tax matters."""

from __future__ import annotations

from aeo_ledger.customs.countries.gr import COUNTRY

__all__ = ["COUNTRY"]
