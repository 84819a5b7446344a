"""Armenia: taxpayer identification number, 8 digits."""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 8 digits."""
    return () if re.fullmatch(r"[0-9]{8}", identifier) else ("an Armenian TIN has 8 digits",)
