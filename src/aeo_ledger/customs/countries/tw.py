"""Taiwan: business number (UBN), 8 digits, the last one a check digit; or the 9 digits of China's pilot, `AEO(TW123456789)`."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

_IS_UBN = by_stdnum("tw.ubn")

COUNTRY = Country(
    code="TW",
    name="Taiwan",
    zone="Asia/Taipei",
    tin=TinRule(
        form="[0-9]{8,9}",
        needed="a Taiwanese number has 8 digits, or 9 in China's pilot",
        is_valid=lambda identifier: len(identifier) == 9 or _IS_UBN(identifier),
        doubt="the business number's check digit is wrong",
    ),
)
