"""Kazakhstan: business identification number, 12 digits."""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 12 digits."""
    return () if re.fullmatch(r"[0-9]{12}", identifier) else ("a Kazakh BIN has 12 digits",)
