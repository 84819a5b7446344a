"""China: the customs registration code, 10 digits, as partners are told it; the unified credit code fits no TIN."""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 10 digits."""
    return (
        ()
        if re.fullmatch(r"[0-9]{10}", identifier)
        else ("a Chinese customs code has 10 digits; the prefix AEO is not part of it",)
    )
