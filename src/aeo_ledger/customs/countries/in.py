"""India: importer exporter code (IEC), 10 digits; since 2017 a new one is the company's tax number (PAN): 5 letters, 4 digits, a letter.

Source: Directorate General of Foreign Trade, on the IEC and the PAN.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

_IS_PAN = by_stdnum("in_.pan")

COUNTRY = Country(
    code="IN",
    name="India",
    zone="Asia/Kolkata",
    tin=TinRule(
        form="[0-9]{10}|[A-Z]{5}[0-9]{4}[A-Z]",
        needed="an Indian IEC has 10 digits, or 5 letters, 4 digits and a letter",
        is_valid=lambda identifier: identifier.isdigit() or _IS_PAN(identifier),
        doubt="the PAN's kind of holder is not given out, or its serial is zero",
    ),
)
