"""Georgia: identification number of companies, 9 digits; a citizen who trades has the 11 digits of the identity card.

Source: Georgia's page in the OECD's list of tax identification numbers.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="GE",
    name="Georgia",
    zone="Asia/Tbilisi",
    tin=TinRule(
        form="[0-9]{9}|[0-9]{11}",
        needed="a Georgian identification number has 9 digits, a citizen's 11",
    ),
)
