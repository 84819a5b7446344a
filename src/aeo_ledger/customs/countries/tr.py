"""Türkiye: tax number (VKN), 10 digits, the last one a check digit."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="TR",
    name="Türkiye",
    zone="Europe/Istanbul",
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Turkish VKN has 10 digits",
        is_valid=by_stdnum("tr.vkn"),
        doubt="the VKN's check digit is wrong",
    ),
)
