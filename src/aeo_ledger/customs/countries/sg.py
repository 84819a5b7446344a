"""Singapore: the code that its customs gives to operators for use abroad, 12 characters, alone or after `AEOSG`.

Source: Singapore Customs, on the AEO code; China's announcement 131 of 2018.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="SG",
    name="Singapore",
    zone="Asia/Singapore",
    tin=TinRule(
        form="[A-Z0-9]{12}",
        needed="a Singapore operator code has 12 capitals and digits",
    ),
)
