"""Malaysia: the code of its AEO, 12 characters after MY: 5 of the operator, H, the year of registration, a serial.

Source: Ministry of Finance of Japan, on the arrangement with Malaysia, February 2015.
"""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule

COUNTRY = Country(
    code="MY",
    name="Malaysia",
    zone="Asia/Kuala_Lumpur",
    tin=TinRule(
        form="[A-Z0-9]{5}H[0-9]{6}",
        needed="a Malaysian AEO code has 5 characters, H and 6 digits",
    ),
)
