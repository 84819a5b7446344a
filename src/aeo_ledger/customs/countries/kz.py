"""Kazakhstan: business identification number (BIN), 12 digits: year and month of registration, kind, branch flag, serial, check digit.

The check digit is the sum of 11 digits by weights 1 to 11, modulo 11; if that is 10, by weights 3 to 11, 1, 2; a number for which it is
10 again is not given out. The fifth digit is 4 to 6 for a BIN; a person who trades has an IIN, of the same length and check digit, with
a day of birth there. The sixth is the flag: 0 head office, 1 branch, 2 representation.

Source: government's decree 565 of 2003-06-11; the page on the BIN at egov.kz.
"""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.countries.eaeu import CERTIFICATES, SCRIPTS, TYPES
from aeo_ledger.customs.country import Country, TinRule
from aeo_ledger.customs.phrase import Phrase

_BRANCHES: Final = {
    "1": Phrase("this is the BIN of a branch: its head office has another"),
    "2": Phrase("this is the BIN of a representation: its head office has another"),
}
"""By the flag."""


def _is_valid(identifier: str) -> bool:
    digits = [int(digit) for digit in identifier]
    for first in (1, 3):
        weights = (*range(first, 12), *range(1, first))
        check: int = sum(weight * digit for weight, digit in zip(weights, digits[:11], strict=True)) % 11
        if check < 10:
            return check == digits[11]
    return False


def _tell_branch(identifier: str) -> str | None:
    return _BRANCHES.get(identifier[5]) if identifier[4] in "456" else None


COUNTRY = Country(
    code="KZ",
    name="Kazakhstan",
    zone="Asia/Almaty",
    types=TYPES,
    tin=TinRule(
        form="[0-9]{12}",
        needed="a Kazakh BIN has 12 digits",
        scripts=SCRIPTS,
        others=CERTIFICATES,
        remark=_tell_branch,
        is_valid=_is_valid,
        doubt="the BIN's check digit is wrong",
    ),
)
