"""The European Union: one register and one seat for all members; the EORI is the number of their economic operators.

The EU's AEOF is both AEOC and AEOS and is stored as two standings, so that losing one half leaves the other.

Source: Union Customs Code Art. 38(4); DA (EU) 2015/2446 Art. 30(3). EORI: UCC Implementing Act, Annex 12-01 Title II: country and at
most 15 characters. No common check digit. The lenient pattern of declaration systems admits any printable character.
Numbers of certificates: Regulation (EC) 1875/2006, Annex 1D: country, `AEOC`, `AEOF` or `AEOS`, national number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.country import Country, TinRule, UnionCustom

EORI: Final = TinRule(
    form="[A-Z0-9]{1,15}",
    needed="an EORI has 1 to 15 capitals and digits after its prefix",
    others={"AEO[CFS].+": "this is the number of an AEO certificate, not the EORI of its holder"},
)
"""The rule of every member."""

_NORTHERN_IRELAND: Final = replace(
    EORI, also=("GB", "in Great Britain the same trader is registered as {number}: ask about it too")
)

COUNTRY = Country(
    code="EU",
    name="European Union",
    zone="Europe/Brussels",
    types=("AEOC", "AEOS"),
    combined={"AEOF": ("AEOC", "AEOS")},
    prefixes={"XI": _NORTHERN_IRELAND},
    union=UnionCustom(union_keeps_register=True, members_keep_registers=False, union_has_seat=True),
)
