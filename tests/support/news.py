"""An item of news of each kind."""

from __future__ import annotations

from aeo_ledger.evidence.news import About, Cursor, NewsItem
from aeo_ledger.protocol.layouts import RECORD, WITHHOLDING, pack

ENTRY = b"\0\1\2" + b"\7" * 29
ALIAS = b"\5" * 32
AT = Cursor(17, 3)
STANDING = NewsItem(
    at=AT, time=5, about=About.STANDING, register=1, entry=ENTRY, words=((0, pack(RECORD, kind=4, recorded_at=5)),)
)
LANES = NewsItem(at=AT, time=5, about=About.LANES, recogniser=2, register=1, words=((0, 7), (3, 8)))
WITHHELD = NewsItem(
    at=AT, time=5, about=About.WITHHOLDING, recogniser=2, register=1, entry=ENTRY,
    words=((0, pack(WITHHOLDING, withheld=1, changed_at=5)),),
)  # fmt: skip
BOUND = NewsItem(at=AT, time=5, about=About.ALIAS, recogniser=2, alias=ALIAS, words=((0, 9),))
PARTY = NewsItem(at=AT, time=5, about=About.PARTY, party=7, words=((0, 1),))
OPENED = NewsItem(at=AT, time=5, about=About.REGISTER, register=7, words=((0, 1),))
KEYS = NewsItem(at=AT, time=5, about=About.LOOKUP_KEY, register=7, words=((0, 1), (2, 5)))
SUCCEEDED = NewsItem(at=AT, time=5, about=About.SUCCESSION, words=((0, 1),))
UNNAMED = NewsItem(at=AT, time=5, about=About.WITHHOLDING, recogniser=2, register=1)
NOBODY = NewsItem(at=AT, time=5, about=About.ALIAS)
ITEMS = [STANDING, LANES, WITHHELD, BOUND, PARTY, OPENED, KEYS, SUCCEEDED, UNNAMED, NOBODY]
