"""Korea: business registration number, 10 digits: office, kind of business, serial."""

from __future__ import annotations

from typing import Final

from stdnum.kr import brn

FORM: Final = "[0-9]{10}"
NEEDED: Final = "a Korean business registration number has 10 digits"


def find_doubt(identifier: str) -> str | None:
    """Say what is wrong with an identifier of this form."""
    return None if brn.is_valid(identifier) else "the number's office, kind or serial is not given out"
