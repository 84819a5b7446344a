"""United Kingdom: EORI of Great Britain, 12 or 15 digits. A trader of Northern Ireland has a second one, XI, in the EU's register.

Source: HM Revenue and Customs, how EORI numbers are written.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="GB",
    name="United Kingdom",
    zone="Europe/London",
    tin=TinRule(
        form="[0-9]{12}(?:[0-9]{3})?",
        needed="a British EORI has 12 or 15 digits after GB",
        also=("XI", "a trader of Northern Ireland is also registered as {number}: ask about it too"),
    ),
)
