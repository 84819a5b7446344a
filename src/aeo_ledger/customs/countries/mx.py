"""Mexico: RFC, 3 letters of a company's name or 4 of a person's, a date, 3 characters. One with an Ñ does not fit a TIN.

Python-stdnum does not check the last character: one number in 60 has a wrong one.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="MX",
    name="Mexico",
    zone="America/Mexico_City",
    tin=TinRule(
        form="[A-Z&]{3,4}[0-9]{6}[A-Z0-9]{3}",
        needed="a Mexican RFC has 3 or 4 letters, 6 digits and 3 characters",
        is_valid=by_stdnum("mx.rfc"),
        doubt="the RFC's letters or date are not given out",
    ),
)
