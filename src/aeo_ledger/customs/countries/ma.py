"""Morocco: common company number (ICE), 15 digits: 9 company, 4 establishment, 2 check digits."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="MA",
    name="Morocco",
    zone="Africa/Casablanca",
    tin=TinRule(
        form="[0-9]{15}",
        needed="a Moroccan ICE has 15 digits",
        is_valid=by_stdnum("ma.ice"),
        doubt="the ICE's check digits are wrong",
    ),
)
