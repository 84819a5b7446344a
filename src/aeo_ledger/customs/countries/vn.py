"""Vietnam: tax number (MST), 10 digits, the last one a check digit; a branch has 3 digits more."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum
from aeo_ledger.customs.phrase import Phrase

COUNTRY = Country(
    code="VN",
    name="Vietnam",
    zone="Asia/Ho_Chi_Minh",
    tin=TinRule(
        form="[0-9]{10}(?:[0-9]{3})?",
        needed="a Vietnamese MST has 10 digits, a branch's 13",
        remark=lambda identifier: (
            Phrase("this is a branch of {company}", company=f"VN{identifier[:10]}") if len(identifier) == 13 else None
        ),
        is_valid=by_stdnum("vn.mst"),
        doubt="the MST's check digit or branch is wrong",
    ),
)
