"""Japan: corporate number, 13 digits, the first one a check digit.

The 14 characters that a Japanese AEO gives to traders abroad are an alias and not a TIN.

Source: Royal Malaysian Customs, on the arrangement with Japan, March 2015.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="JP",
    name="Japan",
    zone="Asia/Tokyo",
    tin=TinRule(
        form="[0-9]{13}",
        needed="a Japanese corporate number has 13 digits",
        others={"[A-Z0-9]{14}": "these 14 characters are the code of a Japanese AEO abroad, an alias"},
        is_valid=by_stdnum("jp.cn"),
        doubt="the corporate number's check digit is wrong",
    ),
)
