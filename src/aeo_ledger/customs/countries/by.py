"""Belarus: payer's number (UNP) of organisations, 9 digits, the last one a check digit, the first one a region.

A person who trades has two letters in place of the first two digits, from the alphabet that Latin and Cyrillic share: people type them in either
(python-stdnum reads both).
"""

from __future__ import annotations

from aeo_ledger.customs.countries.eaeu import CERTIFICATES, SCRIPTS, TYPES
from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="BY",
    name="Belarus",
    zone="Europe/Minsk",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{9}|[ABCEHKM][ABCEHKMOPT][0-9]{7}",
        needed="a Belarusian UNP of an organisation has 9 digits",
        scripts=SCRIPTS,
        others=CERTIFICATES,
        is_valid=by_stdnum("by.unp"),
        doubt="the UNP's region or check digit is wrong",
    ),
)
