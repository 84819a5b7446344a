"""Singapore: the code that its customs gives to operators for use abroad, 12 characters."""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 12 capitals and digits."""
    return (
        ()
        if re.fullmatch(r"[A-Z0-9]{12}", identifier)
        else ("a Singapore operator code has 12 capitals and digits; the prefix AEO is not part of it",)
    )
