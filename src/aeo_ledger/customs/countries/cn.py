"""China: the customs registration code, 10 digits, as China gives it to partners, as `CN` or `AEOCN` and the code.

The unified social credit code has 18 characters and does not fit a TIN.

Source: the EU's notice to traders on China, 2015; the State Customs Committee of Belarus, on the arrangement with China, 2019.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="CN",
    name="China",
    zone="Asia/Shanghai",
    types=("ADVANCED",),
    tin=TinRule(
        form="[0-9]{10}",
        needed="a Chinese customs code has 10 digits",
        others={"[0-9A-Z]{18}": "this is a unified social credit code: the customs code has 10 digits"},
    ),
)
