"""Korea: business registration number, 10 digits: office, kind of business, serial."""

from __future__ import annotations

import re

from stdnum.kr import brn


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 10 digits with parts that the tax offices give out."""
    if not re.fullmatch(r"[0-9]{10}", identifier):
        return ("a Korean business registration number has 10 digits",)
    return () if brn.is_valid(identifier) else ("the number's office, kind or serial is not given out",)
